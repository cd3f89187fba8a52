#include <stdio.h>
#include <stdlib.h>
#include <uservoice.h>

static int print_error(uservoice_error *error)
{
    fprintf(stderr, "%s\n", uservoice_error_message(error));
    uservoice_error_free(error);
    return 1;
}

int main(void)
{
    /* The URL of the sandbox. A real site needs no options: pass NULL. */
    char options[256];
    const char *url = getenv("USERVOICE_BASE_URL");
    snprintf(options, sizeof options, "{\"base_url\":\"%s\"}", url != NULL ? url : "");

    uservoice_client *client = NULL;
    uservoice_collection *list = NULL;
    uservoice_error *error = NULL;
    if (uservoice_client_new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options,
                             &client, &error) != USERVOICE_OK)
        return print_error(error);
    if (uservoice_collection_new(client, NULL, "/api/v1/forums/1/suggestions", NULL, 3, &list,
                                 &error) != USERVOICE_OK)
        return print_error(error);

    char *record = NULL;
    uservoice_status status;
    while ((status = uservoice_collection_next(list, &record, &error)) == USERVOICE_OK
           && record != NULL) {
        puts(record); /* a suggestion as JSON, unchanged */
        uservoice_string_free(record);
    }
    uservoice_collection_free(list);
    uservoice_client_free(client);
    return status == USERVOICE_OK ? 0 : print_error(error);
}
