#include "example.h"

/* [uservoice_error_status uservoice_error_message uservoice_error_http_status
    uservoice_error_type uservoice_error_body uservoice_error_header
    uservoice_error_request uservoice_error_argument uservoice_error_outcome
    uservoice_error_retry_after_ms uservoice_error_free uservoice_status_name] */
static void print_optional(const char *name, const char *value)
{
    if (value != NULL)
        printf("  %s: %s\n", name, value);
}

static void print_error(uservoice_error *error)
{
    uservoice_status status = uservoice_error_status(error);
    printf("%s: %s\n", uservoice_status_name(status), uservoice_error_message(error));
    print_optional("request", uservoice_error_request(error));
    print_optional("argument", uservoice_error_argument(error));
    if (uservoice_error_http_status(error) != 0)
        printf("  HTTP status: %d\n", (int)uservoice_error_http_status(error));
    print_optional("type", uservoice_error_type(error));
    print_optional("content type", uservoice_error_header(error, "Content-Type"));
    print_optional("body", uservoice_error_body(error));
    if (uservoice_error_outcome(error) == USERVOICE_OUTCOME_NOT_SENT)
        printf("  not sent: it is safe to send it again\n");
    if (uservoice_error_retry_after_ms(error) >= 0)
        printf("  retry after %lld ms\n", (long long)uservoice_error_retry_after_ms(error));
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
        printf("The suggestion does not exist.\n");
        break;
    default:
        return failed(error);
    }
    uservoice_string_free(json);
    /* [end] */
    print_error(error);
    if (uservoice_get(client, NULL, "nowhere", NULL, &json, &error) != USERVOICE_OK)
        print_error(error);
    return true;
}
