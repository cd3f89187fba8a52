/* Receives webhooks, and rejects those that UserVoice has not signed: webhook_receiver [PORT] */
#include <stdio.h>
#include <string.h>

#include "server.h"
#include "site.h"

/* Prints the title of the webhook's suggestion. The signature covers the data, but not the event:
 * decide by the data. */
static uservoice_status print_suggestion(const char *webhook, uservoice_error **error)
{
    char *title = NULL;
    const uservoice_status status =
        uservoice_json_get(webhook, "/data/suggestion/title", &title, error);
    if (title != NULL) {
        printf("Suggestion: %s\n", title);
        fflush(stdout);
    }
    uservoice_string_free(title);
    return status;
}

static enum MHD_Result receive(const struct request *request, const void *sso_key)
{
    char *webhook = NULL; /* {"event":"new_suggestion","data":{...}} */
    uservoice_error *error = NULL;
    const char *body = request->body != NULL ? request->body : "";
    uservoice_status status =
        uservoice_webhook_read(sso_key, body, request->body_len, &webhook, &error);
    if (status == USERVOICE_OK)
        status = print_suggestion(webhook, &error);
    uservoice_string_free(webhook);
    if (status == USERVOICE_OK)
        return respond(request, MHD_HTTP_OK, "Received.\n");
    fail(error);
    if (status == USERVOICE_NOT_VERIFIED)
        return respond(request, MHD_HTTP_UNAUTHORIZED, "Not signed by UserVoice.\n");
    return respond(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "Not received.\n");
}

int main(int argc, char **argv)
{
    const char *sso_key = setting("USERVOICE_SSO_KEY", "sandbox-sso-key");
    if (sso_key == NULL) {
        fputs("Set USERVOICE_SSO_KEY.\n", stderr);
        return 1;
    }
    const long port = argc > 1 ? number(argv[1], 65535) : 4000;
    return port == 0 ? 1 : serve(port, receive, sso_key);
}
