#include "example.h"

static bool restore(uservoice_token *token)
{
    uservoice_error *error = NULL;
    /* [uservoice_token_json uservoice_token_from_json uservoice_token_free keep-token] */
    char *kept = NULL; /* a secret, for your store */
    if (uservoice_token_json(token, &kept, &error) != USERVOICE_OK)
        return failed(error);

    uservoice_token *restored = NULL; /* later, in any process */
    if (uservoice_token_from_json(kept, &restored, &error) != USERVOICE_OK)
        return failed(error);
    uservoice_token_free(restored);
    uservoice_string_free(kept);
    /* [end] */

    /* [uservoice_token_new uservoice_token_value uservoice_token_secret] */
    uservoice_token *copy = NULL; /* of the two parts, as programs of old keep them */
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
    printf("%s\n", strstr(json, "Ideas") != NULL ? "created" : json);
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
    char *answer = NULL;
    if (uservoice_get(client, jo, "/api/v1/users/current", NULL, &answer, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    printf("%s\n", strstr(answer, "jo@example.com") != NULL ? "acting as Jo" : answer);
    uservoice_string_free(answer);
    bool restored = restore(jo);
    uservoice_token_free(jo);
    return restored && act_as_owner(client);
}
