#include "example.h"

/* [uservoice_error_status uservoice_error_message uservoice_error_http_status
    uservoice_error_type uservoice_error_body uservoice_error_outcome
    uservoice_error_retry_after_ms uservoice_error_free uservoice_status_name] */
static void tell(uservoice_error *error)
{
    uservoice_status status = uservoice_error_status(error);
    printf("%s: %s\n", uservoice_status_name(status), uservoice_error_message(error));
    printf("HTTP %d\n", (int)uservoice_error_http_status(error));
    if (uservoice_error_type(error) != NULL)
        printf("the service calls it %s\n", uservoice_error_type(error));
    if (uservoice_error_body(error) != NULL)
        printf("%s\n", uservoice_error_body(error));
    if (uservoice_error_outcome(error) == 0)
        printf("it was not sent, so it may be tried again\n");
    if (uservoice_error_retry_after_ms(error) >= 0)
        printf("try again in %lld ms\n", (long long)uservoice_error_retry_after_ms(error));
    uservoice_error_free(error);
}
/* [end] */

bool errors(uservoice_client *client)
{
    char *json = NULL;
    uservoice_error *error = NULL;
    /* [errors] */
    switch (uservoice_get(client, NULL, "/api/v1/suggestions/999999", NULL, &json, &error)) {
    case USERVOICE_OK:
        puts(json);
        break;
    case USERVOICE_NOT_FOUND:
        printf("There is no such suggestion.\n");
        break;
    default:
        return failed(error);
    }
    uservoice_string_free(json);
    /* [end] */
    tell(error);
    if (uservoice_get(client, NULL, "nowhere", NULL, &json, &error) != USERVOICE_OK)
        tell(error);
    return true;
}
