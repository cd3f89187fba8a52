#include "example.h"

bool exports(uservoice_client *client)
{
    uservoice_error *error = NULL;
    uservoice_token *owner = NULL;
    if (uservoice_login_with_client_credentials(client, &owner, &error) != USERVOICE_OK)
        return failed(error);
    /* [uservoice_export_new uservoice_export_next uservoice_export_free export] */
    uservoice_export *export = NULL;
    if (uservoice_export_new(client, owner, "backup", "{\"resources\":[\"forums\",\"users\"]}",
                             &export, &error) != USERVOICE_OK)
        return failed(error);
    char *progress = NULL;
    uservoice_status status;
    while ((status = uservoice_export_next(export, &progress, &error)) == USERVOICE_OK
           && progress != NULL) {
        puts(progress); /* {"resources":{...},"written":102,"total":252,...} */
        uservoice_string_free(progress);
    }
    uservoice_export_free(export); /* the files stay; the next run resumes */
    if (status != USERVOICE_OK)
        return failed(error);
    /* [end] */
    uservoice_token_free(owner);
    return true;
}
