#include "example.h"

bool logins(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char verifier[256];
    /* [uservoice_request_token uservoice_authorize_url three-legged-begin] */
    uservoice_token *request_token = NULL;
    char *url = NULL;
    char *stored = NULL;
    if (uservoice_request_token(client, &request_token, &error) != USERVOICE_OK
        || uservoice_authorize_url(client, request_token, &url, &error) != USERVOICE_OK
        || uservoice_token_json(request_token, &stored, &error) != USERVOICE_OK)
        return failed(error);
    printf("Please allow it at %s\n", url); /* or redirect the browser there */
    uservoice_string_free(url);
    uservoice_token_free(request_token);
    /* [end] */
    read_line(verifier, sizeof verifier);

    /* [uservoice_login_with_verifier three-legged-finish] */
    uservoice_token *restored = NULL;
    uservoice_token *user = NULL;
    if (uservoice_token_from_json(stored, &restored, &error) != USERVOICE_OK
        || uservoice_login_with_verifier(client, restored, verifier, &user, &error) != USERVOICE_OK)
        return failed(error);
    uservoice_token_free(restored);
    uservoice_string_free(stored);
    /* [end] */
    char *response = NULL;
    if (uservoice_get(client, user, "/api/v1/users/current", NULL, &response, &error)
        != USERVOICE_OK)
        return failed(error);
    print_value(response, "/user/email");
    uservoice_string_free(response);
    uservoice_token_free(user);
    return true;
}
