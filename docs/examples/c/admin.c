#include "example.h"

#include <stdlib.h>

static bool log_in_as_owner(uservoice_client *client)
{
    uservoice_error *error = NULL;
    /* [uservoice_login_with_client_credentials admin-credentials] */
    uservoice_token *owner = NULL; /* refreshed when it expires */
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
    bool printed = print_value(page, "/forums/0/name");
    uservoice_string_free(page);
    uservoice_collection_free(list);
    uservoice_client_free(whole);
    uservoice_token_free(owner);
    return printed;
}

static bool log_in_with_password(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char *json = NULL;
    /* [uservoice_login_with_password admin-password] */
    uservoice_token *user = NULL;
    if (uservoice_login_with_password(client, "owner@sandbox.example", "sandbox-password", &user,
                                      &error)
            != USERVOICE_OK
        || uservoice_get(client, user, "/api/v2/admin/users/current", NULL, &json, &error)
               != USERVOICE_OK)
        return failed(error);
    /* [end] */
    bool printed = print_value(json, "/users/0/email_address");
    uservoice_string_free(json);
    uservoice_token_free(user);
    return printed;
}

static bool ideas(uservoice_client *client, const uservoice_token *user)
{
    uservoice_error *error = NULL;

    /* [ideas-list] */
    uservoice_collection *list = NULL;
    char *ideas = NULL; /* [{"id":...,"title":...,"text":...},...] */
    if (uservoice_collection_new(client, NULL, "/api/end_users/forums/1/ideas", NULL, 3, &list,
                                 &error) != USERVOICE_OK
        || uservoice_collection_next_page(list, &ideas, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    printf("%.7s\n", ideas);
    uservoice_string_free(ideas);
    uservoice_collection_free(list);

    /* [ideas-vote] */
    const char *vote_path = "/api/end_users/forums/1/ideas/1/vote";
    char *idea = NULL, *voted = NULL, *unvoted = NULL;
    if (uservoice_post(client, user, "/api/end_users/forums/1/ideas",
                       "{\"suggestion\":{\"title\":\"Tea\"}}", &idea, &error) != USERVOICE_OK
        || uservoice_post(client, user, vote_path, NULL, &voted, &error) != USERVOICE_OK
        || uservoice_delete(client, user, vote_path, NULL, &unvoted, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    const bool printed = print_value(idea, "/title") && print_value(unvoted, "/voted");
    uservoice_string_free(idea);
    uservoice_string_free(voted);
    uservoice_string_free(unvoted);
    return printed;
}

static bool log_in_with_code(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char *json = NULL;
    /* [uservoice_authorize_code_url admin-code-begin] */
    char *url = NULL;
    char *code_verifier = NULL; /* a secret: store it with the state until the user returns */
    if (uservoice_authorize_code_url(client, "https://app.example/back", "STATE", &url,
                                     &code_verifier, &error) != USERVOICE_OK)
        return failed(error);
    printf("Please sign in at %s\n", url);
    uservoice_string_free(url);
    /* [end] */
    char code[256], state[256];
    read_line(code, sizeof code);
    read_line(state, sizeof state);

    /* [uservoice_login_with_code admin-code-finish] */
    uservoice_token *user = NULL;
    if (strcmp(state, "STATE") != 0) {
        fprintf(stderr, "the state does not match\n");
        return false;
    }
    if (uservoice_login_with_code(client, code, code_verifier, "https://app.example/back", &user,
                                  &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    uservoice_string_free(code_verifier);
    if (uservoice_get(client, user, "/api/v2/admin/users/current", NULL, &json, &error)
        != USERVOICE_OK)
        return failed(error);
    bool printed = print_value(json, "/users/0/email_address") && ideas(client, user);
    uservoice_string_free(json);
    uservoice_token_free(user);
    return printed;
}

bool admin(uservoice_client *client)
{
    return log_in_as_owner(client) && log_in_with_password(client) && log_in_with_code(client);
}
