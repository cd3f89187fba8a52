/*
 * Exports lists of the Admin API into files: export DIRECTORY
 *
 * Interrupted, the same command resumes the export. Later it appends what has changed.
 */
#include <stdio.h>
#include <string.h>

#include "site.h"

/* "total" is null until the service has reported how many records there are. */
static uservoice_status print_progress(const char *progress, uservoice_error **error)
{
    char *written = NULL, *total = NULL;
    uservoice_status status = uservoice_json_get(progress, "/written", &written, error);
    if (status == USERVOICE_OK)
        status = uservoice_json_get(progress, "/total", &total, error);
    if (status == USERVOICE_OK)
        fprintf(stderr, "\r%s of %s records", written, strcmp(total, "null") != 0 ? total : "?");
    uservoice_string_free(total);
    uservoice_string_free(written);
    return status;
}

static uservoice_status export_lists(const uservoice_client *client, const char *directory,
                                     uservoice_error **error)
{
    const char *options = "{\"resources\":[\"suggestions\",\"users\",\"forums\"]}";
    uservoice_token *owner = NULL;
    uservoice_export *export = NULL;
    char *progress = NULL;
    uservoice_status status = uservoice_login_with_client_credentials(client, &owner, error);
    if (status == USERVOICE_OK)
        status = uservoice_export_new(client, owner, directory, options, &export, error);
    while (status == USERVOICE_OK
           && (status = uservoice_export_next(export, &progress, error)) == USERVOICE_OK
           && progress != NULL) {
        status = print_progress(progress, error);
        uservoice_string_free(progress);
    }
    uservoice_export_free(export);
    uservoice_token_free(owner);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: export DIRECTORY\n", stderr);
        return 2;
    }
    uservoice_client *client = site_client();
    if (client == NULL)
        return 1;
    uservoice_error *error = NULL;
    const uservoice_status status = export_lists(client, argv[1], &error);
    uservoice_client_free(client);
    fputc('\n', stderr);
    if (status == USERVOICE_OK)
        return 0;
    fputs("The same command resumes the export. ", stderr);
    return fail(error);
}
