#include "example.h"

bool library(void)
{
    /* [uservoice_version] */
    if (strncmp(uservoice_version(), "0.1.", 4) != 0)
        fprintf(stderr, "compiled for %s, loaded %s\n", USERVOICE_VERSION, uservoice_version());
    /* [end] */

    char *token = NULL;
    /* [uservoice_string_free] */
    if (uservoice_sso_token("acme", "SSO-KEY", "{\"guid\":\"1\"}", 0, &token, NULL)
        == USERVOICE_OK)
        printf("https://acme.uservoice.com/?sso=%s\n", token);
    uservoice_string_free(token); /* NULL after a failure is allowed */
    /* [end] */
    return true;
}
