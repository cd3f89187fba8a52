#include "example.h"

/* [outcome] */
/* Posts once for certain, or says that somebody has to look. */
static bool post_safely(uservoice_client *client, const uservoice_token *token, const char *path,
                        const char *body)
{
    char *json = NULL;
    uservoice_error *error = NULL;
    if (uservoice_post(client, token, path, body, &json, &error) == USERVOICE_OK) {
        uservoice_string_free(json);
        return true;
    }
    switch (uservoice_error_outcome(error)) {
    case 0: /* certainly not sent: put it back into your queue */
        break;
    case 1: /* unknown: look whether it was done before you send it again */
        break;
    case 2: /* the service refused it, and would again */
        break;
    }
    return failed(error);
}
/* [end] */

bool waiting(uservoice_client *client)
{
    char *json = NULL;
    uservoice_error *error = NULL;
    /* [options] */
    uservoice_client *quick = NULL;
    if (uservoice_client_clone(client,
                               "{\"timeout_ms\":2000,\"connect_timeout_ms\":500,"
                               "\"max_retries\":0,\"max_retry_wait_ms\":0}",
                               &quick, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */

    /* [rate-limit] */
    uservoice_status status =
        uservoice_get(quick, NULL, "/api/v1/forums/1", NULL, &json, &error);
    if (status == USERVOICE_RATE_LIMITED)
        printf("again in %lld ms\n", (long long)uservoice_error_retry_after_ms(error));
    /* [end] */
    uservoice_error_free(error);
    uservoice_string_free(json);
    bool refused = !post_safely(quick, NULL, "nowhere", NULL);
    uservoice_client_free(quick);
    return status == USERVOICE_OK && refused;
}
