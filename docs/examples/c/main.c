/* The examples of the documentation, one after the other, against the sandbox. */
#include "example.h"

#include <stdlib.h>

/* [failed] */
bool failed(uservoice_error *error)
{
    fprintf(stderr, "%s\n", uservoice_error_message(error));
    uservoice_error_free(error);
    return false;
}
/* [end] */

char *typed(char *line, int size)
{
    fflush(stdout);
    if (fgets(line, size, stdin) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

int main(void)
{
    char options[256];
    const char *url = getenv("USERVOICE_BASE_URL");
    snprintf(options, sizeof options, "{\"base_url\":\"%s\"}", url != NULL ? url : "");

    uservoice_client *client = NULL;
    uservoice_token *owner = NULL;
    uservoice_error *error = NULL;
    if (uservoice_client_new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options,
                             &client, &error) != USERVOICE_OK
        || uservoice_login_as_owner(client, NULL, &owner, &error) != USERVOICE_OK)
        return failed(error) ? 0 : 1;

    bool all = library() && clients(options) && calls(client, owner) && lists(client)
               && single_sign_on(client) && web_hooks() && tokens(client) && logins(client)
               && admin(client) && errors(client) && waiting(client) && logs(client)
               && exports(client) && threads(client);
    uservoice_token_free(owner);
    uservoice_client_free(client);
    return all ? 0 : 1;
}
