/*
 * Prints the titles of a site's suggestions, the newest first.
 *
 *     suggestions [LIMIT]
 *
 * Environment: USERVOICE_SUBDOMAIN, USERVOICE_API_KEY, and optionally USERVOICE_API_SECRET and
 * USERVOICE_BASE_URL (the URL of the sandbox).
 */
#include <stdio.h>
#include <stdlib.h>
#include <uservoice.h>

/* Reports an error and frees it. Returns the exit status. */
static int fail(uservoice_error *error)
{
    fprintf(stderr, "%s (%s)\n", uservoice_error_message(error),
            uservoice_status_name(uservoice_error_status(error)));
    uservoice_error_free(error);
    return 1;
}

/* Creates a client from the environment. `client` stays NULL on failure. */
static uservoice_status create_client(uservoice_client **client, uservoice_error **error)
{
    char options[1024];
    char *quoted = NULL;
    uservoice_status status;
    const char *base_url = getenv("USERVOICE_BASE_URL");
    if (base_url == NULL)
        return uservoice_client_new(getenv("USERVOICE_SUBDOMAIN"), getenv("USERVOICE_API_KEY"),
                                    getenv("USERVOICE_API_SECRET"), NULL, client, error);
    status = uservoice_json_quote(base_url, &quoted, error);
    if (status == USERVOICE_OK) {
        snprintf(options, sizeof options, "{\"base_url\":%s}", quoted);
        status = uservoice_client_new(getenv("USERVOICE_SUBDOMAIN"), getenv("USERVOICE_API_KEY"),
                                      getenv("USERVOICE_API_SECRET"), options, client, error);
    }
    uservoice_string_free(quoted);
    return status;
}

/* Prints one suggestion. */
static uservoice_status print_title(const char *suggestion, uservoice_error **error)
{
    char *title = NULL;
    uservoice_status status = uservoice_json_get(suggestion, "/title", &title, error);
    if (status == USERVOICE_OK)
        puts(title != NULL ? title : "(no title)");
    uservoice_string_free(title);
    return status;
}

int main(int argc, char **argv)
{
    const long limit = argc > 1 ? strtol(argv[1], NULL, 10) : 10;
    uservoice_client *client = NULL;
    uservoice_collection *suggestions = NULL;
    uservoice_error *error = NULL;
    uservoice_status status;

    if (getenv("USERVOICE_SUBDOMAIN") == NULL || getenv("USERVOICE_API_KEY") == NULL) {
        fprintf(stderr, "libuservoice %s: USERVOICE_SUBDOMAIN and USERVOICE_API_KEY must be set\n",
                uservoice_version());
        return 2;
    }
    status = create_client(&client, &error);
    if (status == USERVOICE_OK)
        status = uservoice_collection_new(client, NULL, "/api/v1/suggestions",
                                          "{\"sort\":\"newest\"}", limit, &suggestions, &error);
    while (status == USERVOICE_OK) {
        char *suggestion = NULL;
        status = uservoice_collection_next(suggestions, &suggestion, &error);
        if (status == USERVOICE_OK && suggestion == NULL)
            break; /* the end */
        if (status == USERVOICE_OK)
            status = print_title(suggestion, &error);
        uservoice_string_free(suggestion);
    }
    uservoice_collection_free(suggestions);
    uservoice_client_free(client);
    return status == USERVOICE_OK ? 0 : fail(error);
}
