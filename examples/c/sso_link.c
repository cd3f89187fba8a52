/* Prints the link that logs a user of your application in at UserVoice. */
#include <stdio.h>

#include "site.h"

int main(void)
{
    uservoice_client *client = site_client();
    if (client == NULL)
        return 1;

    /* The token is signed here: nothing is sent. It expires after five minutes, so an application
     * creates it when the user clicks, and redirects. */
    const char *user = "{\"guid\":\"1001\",\"email\":\"jo@example.com\",\"display_name\":\"Jo\"}";
    char *jwt = NULL, *url = NULL;
    uservoice_error *error = NULL;
    uservoice_status status =
        uservoice_sso_jwt(setting("USERVOICE_SSO_KEY", "sandbox-sso-key"), user, 300, &jwt, &error);
    if (status == USERVOICE_OK)
        status = uservoice_sso_url(client, jwt, NULL, &url, &error);
    if (status == USERVOICE_OK)
        puts(url);

    uservoice_string_free(url); /* every _free() function accepts NULL */
    uservoice_string_free(jwt);
    uservoice_client_free(client);
    return status == USERVOICE_OK ? finish() : fail(error);
}
