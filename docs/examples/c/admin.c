#include "example.h"

#include <stdlib.h>

static bool as_owner(uservoice_client *client)
{
    uservoice_error *error = NULL;
    /* [uservoice_login_with_client_credentials admin-credentials] */
    uservoice_token *owner = NULL; /* renews itself */
    uservoice_collection *list = NULL;
    if (uservoice_login_with_client_credentials(client, &owner, &error) != USERVOICE_OK
        || uservoice_collection_new(client, owner, "/api/v2/admin/suggestions",
                                    "{\"sort\":\"-id\",\"updated_after\":\"2013-01-31T00:00:00Z\"}",
                                    5, &list, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    size_t length = 0;
    if (uservoice_collection_len(list, &length, &error) != USERVOICE_OK)
        return failed(error);
    printf("%zu suggestions\n", length);
    uservoice_collection_free(list);

    /* [admin-includes] */
    uservoice_client *whole = NULL;
    char *page = NULL;
    if (uservoice_client_clone(client, "{\"whole_pages\":true}", &whole, &error) != USERVOICE_OK
        || uservoice_collection_new(whole, owner, "/api/v2/admin/suggestions",
                                    "{\"includes\":[\"forums\",\"users\"]}", 2, &list, &error)
               != USERVOICE_OK
        || uservoice_collection_next_page(list, &page, &error) != USERVOICE_OK)
        return failed(error);
    /* {"suggestions":[...],"forums":[...],"users":[...],"links":...,"pagination":...} */
    /* [end] */
    printf("%s\n", strstr(page, "\"forums\":[{") != NULL ? "with their forums" : page);
    uservoice_string_free(page);
    uservoice_collection_free(list);
    uservoice_client_free(whole);
    uservoice_token_free(owner);
    return true;
}

static bool by_password(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char *json = NULL;
    /* [uservoice_login_with_password admin-password] */
    uservoice_token *person = NULL;
    if (uservoice_login_with_password(client, "owner@sandbox.example", "sandbox-password", &person,
                                      &error) != USERVOICE_OK
        || uservoice_get(client, person, "/api/v2/admin/users/current", NULL, &json, &error)
               != USERVOICE_OK)
        return failed(error);
    /* [end] */
    printf("%s\n", strstr(json, "owner@sandbox.example") != NULL ? "logged in" : json);
    uservoice_string_free(json);
    uservoice_token_free(person);
    return true;
}

static bool by_code(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char *json = NULL;
    /* [uservoice_authorize_code_url admin-code-begin] */
    char *url = NULL;
    char *code_verifier = NULL; /* a secret, to be kept with the state until they come back */
    if (uservoice_authorize_code_url(client, "https://app.example/back", "STATE", &url,
                                     &code_verifier, &error) != USERVOICE_OK)
        return failed(error);
    printf("Please sign in at %s\n", url);
    uservoice_string_free(url);
    /* [end] */
    char code[256], state[256];
    typed(code, sizeof code);
    typed(state, sizeof state);

    /* [uservoice_login_with_code admin-code-finish] */
    uservoice_token *person = NULL;
    if (strcmp(state, "STATE") != 0) {
        fprintf(stderr, "they do not come from there\n");
        return false;
    }
    if (uservoice_login_with_code(client, code, code_verifier, "https://app.example/back", &person,
                                  &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    uservoice_string_free(code_verifier);
    if (uservoice_get(client, person, "/api/v2/admin/users/current", NULL, &json, &error)
        != USERVOICE_OK)
        return failed(error);
    printf("%s\n", strstr(json, "owner@sandbox.example") != NULL ? "signed in" : json);
    uservoice_string_free(json);
    uservoice_token_free(person);
    return true;
}

bool admin(uservoice_client *client)
{
    return as_owner(client) && by_password(client) && by_code(client);
}
