/*
 * Reads a suggestion as a user, who sees only the forums that are open to them.
 *
 *     act_as_user EMAIL SUGGESTION
 *
 * UserVoice creates a user who does not exist. The API key must be trusted.
 */
#include <limits.h>
#include <stdio.h>

#include "site.h"

/* Returns the exit status. */
static int read_suggestion(const uservoice_client *client, const char *email, long id)
{
    uservoice_token *user = NULL;
    uservoice_error *error = NULL;
    if (uservoice_login_as(client, NULL, email, &user, &error) != USERVOICE_OK)
        return fail(error);
    char path[64];
    char *response = NULL, *title = NULL;
    snprintf(path, sizeof path, "/api/v1/suggestions/%ld", id);
    uservoice_status status = uservoice_get(client, user, path, NULL, &response, &error);
    uservoice_token_free(user); /* uservoice_token_json() is what to store for the next time */

    if (status == USERVOICE_NOT_FOUND) { /* the status says what happened, the error has details */
        printf("%s sees no suggestion %ld.\n", email, id);
        uservoice_error_free(error);
        return 1;
    }
    if (status == USERVOICE_OK)
        status = uservoice_json_get(response, "/suggestion/title", &title, &error);
    uservoice_string_free(response);
    if (status != USERVOICE_OK)
        return fail(error);
    printf("%s sees: %s\n", email, title != NULL ? title : "(no title)");
    uservoice_string_free(title);
    return finish();
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: act_as_user EMAIL SUGGESTION\n", stderr);
        return 2;
    }
    const long id = number(argv[2], LONG_MAX);
    if (id == 0)
        return 1;
    uservoice_client *client = site_client();
    if (client == NULL)
        return 1;
    const int result = read_suggestion(client, argv[1], id);
    uservoice_client_free(client);
    return result;
}
