#include "example.h"

bool webhooks(void)
{
    uservoice_error *error = NULL;
    /* [webhook-body] */
    const char *body = "event=new_suggestion"
                       "&data=%7B%22suggestion%22%3A%7B%22id%22%3A1%7D%7D"
                       "&signature="
                       "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0";
    /* [end] */

    /* [uservoice_webhook_read webhook-read] */
    char *webhook = NULL;
    uservoice_status status = uservoice_webhook_read("sandbox-sso-key", body, strlen(body),
                                                     &webhook, &error);
    if (status == USERVOICE_NOT_VERIFIED)
        fprintf(stderr, "forged: respond with status 401\n");
    if (status != USERVOICE_OK)
        return failed(error);
    printf("%s\n", webhook); /* {"event":...,"data":...} */
    uservoice_string_free(webhook);
    /* [end] */

    const char *signature = strstr(body, "signature=") + strlen("signature=");
    /* [uservoice_webhook_verify webhook-verify] */
    const char *data = "{\"suggestion\":{\"id\":1}}"; /* the form's field "data", decoded */
    if (uservoice_webhook_verify("sandbox-sso-key", data, strlen(data), signature, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */

    /* [uservoice_webhook_sign] */
    char *expected = NULL; /* in a test of a program that receives webhooks */
    if (uservoice_webhook_sign("sandbox-sso-key", data, strlen(data), &expected, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    printf("%s\n", strcmp(expected, signature) == 0 ? "the same signature" : expected);
    uservoice_string_free(expected);
    return true;
}
