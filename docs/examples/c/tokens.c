#include "example.h"

static bool restore(uservoice_token *token)
{
    uservoice_error *error = NULL;
    /* [uservoice_token_json uservoice_token_from_json uservoice_token_free keep-token] */
    char *stored = NULL; /* a secret: store it safely */
    if (uservoice_token_json(token, &stored, &error) != USERVOICE_OK)
        return failed(error);

    uservoice_token *restored = NULL; /* later, in any process */
    if (uservoice_token_from_json(stored, &restored, &error) != USERVOICE_OK)
        return failed(error);
    uservoice_token_free(restored);
    uservoice_string_free(stored);
    /* [end] */

    /* [uservoice_token_new uservoice_token_value uservoice_token_secret] */
    uservoice_token *copy = NULL; /* from its two parts, as OAuth libraries store them */
    if (uservoice_token_new(uservoice_token_value(token), uservoice_token_secret(token), &copy,
                            &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    printf("%s\n", strcmp(uservoice_token_value(copy), uservoice_token_value(token)) == 0
                       ? "the same token"
                       : "another token");
    uservoice_token_free(copy);
    return true;
}

static bool act_as_owner(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char *json = NULL;
    /* [uservoice_login_as_owner act-as-owner] */
    uservoice_token *owner = NULL;
    if (uservoice_login_as_owner(client, NULL, &owner, &error) != USERVOICE_OK
        || uservoice_post(client, owner, "/api/v1/forums", "{\"forum\":{\"name\":\"Ideas\"}}",
                          &json, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    print_value(json, "/forum/name");
    uservoice_string_free(json);
    uservoice_token_free(owner);
    return true;
}

bool tokens(uservoice_client *client)
{
    uservoice_error *error = NULL;
    /* [uservoice_login_as act-as] */
    uservoice_token *jo = NULL;
    if (uservoice_login_as(client, NULL, "jo@example.com", &jo, &error) != USERVOICE_OK)
        return failed(error);
    char *response = NULL;
    if (uservoice_get(client, jo, "/api/v1/users/current", NULL, &response, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    print_value(response, "/user/email");
    uservoice_string_free(response);
    bool restored = restore(jo);
    uservoice_token_free(jo);
    return restored && act_as_owner(client);
}
