/* Runs all examples of the documentation against the sandbox. */
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

bool print_value(const char *json, const char *pointer)
{
    char *value = NULL;
    uservoice_error *error = NULL;
    if (uservoice_json_get(json, pointer, &value, &error) != USERVOICE_OK)
        return failed(error);
    printf("%s\n", value != NULL ? value : "(absent)");
    uservoice_string_free(value);
    return true;
}

char *read_line(char *line, int size)
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
    char with_callback[256];
    snprintf(with_callback, sizeof with_callback,
             "{\"base_url\":\"%s\",\"callback\":\"http://localhost:3000/\"}",
             url != NULL ? url : "");

    uservoice_client *client = NULL;
    uservoice_token *owner = NULL;
    uservoice_error *error = NULL;
    if (uservoice_client_new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options,
                             &client, &error) != USERVOICE_OK
        || uservoice_login_as_owner(client, NULL, &owner, &error) != USERVOICE_OK)
        return failed(error) ? 0 : 1;

    bool passed = library() && clients(options) && requests(client, owner) && collections(client)
                  && single_sign_on(client) && webhooks() && json() && tokens(client)
                  && logins(client) && admin(client) && errors(client) && retries(client)
                  && logging(client) && exports(client) && threads(client)
                  && recipes(client, with_callback);
    uservoice_token_free(owner);
    uservoice_client_free(client);
    return passed ? 0 : 1;
}
