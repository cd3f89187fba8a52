#include "example.h"

/* [outcome] */
/* Posts a record without risking to post it twice. */
static bool post_once(uservoice_client *client, const uservoice_token *token, const char *path,
                      const char *body)
{
    char *json = NULL;
    uservoice_error *error = NULL;
    if (uservoice_post(client, token, path, body, &json, &error) == USERVOICE_OK) {
        uservoice_string_free(json);
        return true;
    }
    switch (uservoice_error_outcome(error)) {
    case USERVOICE_OUTCOME_NOT_SENT: /* put it back into the queue */
        break;
    case USERVOICE_OUTCOME_UNKNOWN: /* check whether the record exists before sending it again */
        break;
    case USERVOICE_OUTCOME_ANSWERED: /* the service responded: see the status */
        break;
    }
    return failed(error);
}
/* [end] */

bool retries(uservoice_client *client)
{
    char *json = NULL;
    uservoice_error *error = NULL;
    /* [options] */
    uservoice_client *quick = NULL;
    if (uservoice_client_clone(client,
                               "{\"timeout_ms\":2000,\"connect_timeout_ms\":500,"
                               "\"max_retries\":0,\"max_retry_wait_ms\":0}",
                               &quick, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */

    /* [rate-limit] */
    uservoice_status status = uservoice_get(quick, NULL, "/api/v1/forums/1", NULL, &json, &error);
    if (status == USERVOICE_RATE_LIMITED)
        printf("retry after %lld ms\n", (long long)uservoice_error_retry_after_ms(error));
    /* [end] */
    uservoice_error_free(error);
    uservoice_string_free(json);
    bool rejected = !post_once(quick, NULL, "nowhere", NULL);
    uservoice_client_free(quick);
    return status == USERVOICE_OK && rejected;
}
