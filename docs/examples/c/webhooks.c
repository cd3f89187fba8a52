#include "example.h"

bool web_hooks(void)
{
    uservoice_error *error = NULL;
    /* [webhook-body] */
    const char *body = "event=new_suggestion"
                       "&data=%7B%22suggestion%22%3A%7B%22id%22%3A1%7D%7D"
                       "&signature="
                       "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0";
    /* [end] */

    /* [uservoice_webhook_read webhook-read] */
    char *hook = NULL;
    if (uservoice_webhook_read("sandbox-sso-key", body, strlen(body), &hook, &error)
        != USERVOICE_OK)
        return failed(error); /* forged, or not a web hook: answer with 400 */
    printf("%s\n", hook);     /* {"event":...,"data":...} */
    uservoice_string_free(hook);
    /* [end] */

    const char *signature = strstr(body, "signature=") + strlen("signature=");
    /* [uservoice_webhook_verify webhook-verify] */
    const char *data = "{\"suggestion\":{\"id\":1}}"; /* the form's field, decoded */
    if (uservoice_webhook_verify("sandbox-sso-key", data, strlen(data), signature, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    return true;
}
