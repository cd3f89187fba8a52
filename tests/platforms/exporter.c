/* Exports the suggestions of the sandbox into DIRECTORY/café, in C without POSIX. targets.sh kills it. */
#include <stdio.h>
#include <stdlib.h>
#include <uservoice.h>

static void check(const char *action, uservoice_status status, const uservoice_error *error)
{
    if (status == USERVOICE_OK)
        return;
    fprintf(stderr, "%s: %s\n", action, uservoice_error_message(error));
    exit(1);
}

int main(int argc, char **argv)
{
    uservoice_client *client = NULL;
    uservoice_token *token = NULL;
    uservoice_export *export = NULL;
    uservoice_error *error = NULL;
    char *progress = NULL;
    char options[256];
    char directory[1024];
    if (argc != 2)
        return 2;
    snprintf(options, sizeof options, "{\"base_url\":\"%s\"}", getenv("USERVOICE_SANDBOX_URL"));
    snprintf(directory, sizeof directory, "%s/caf\xc3\xa9", argv[1]);
    check("client", uservoice_client_new("sandbox", getenv("USERVOICE_SANDBOX_API_KEY"),
                        getenv("USERVOICE_SANDBOX_API_SECRET"), options, &client, &error), error);
    check("login", uservoice_login_with_client_credentials(client, &token, &error), error);
    check("open", uservoice_export_new(client, token, directory, "{\"resources\":[\"suggestions\"]}",
                      &export, &error), error);
    do {
        uservoice_string_free(progress);
        progress = NULL;
        check("next", uservoice_export_next(export, &progress, &error), error);
    } while (progress != NULL);
    uservoice_export_free(export);
    uservoice_token_free(token);
    uservoice_client_free(client);
    return 0;
}
