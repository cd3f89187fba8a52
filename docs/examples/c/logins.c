#include "example.h"

bool logins(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char verifier[256];
    /* [uservoice_request_token uservoice_authorize_url three-legged-begin] */
    uservoice_token *request_token = NULL;
    char *url = NULL;
    char *kept = NULL;
    if (uservoice_request_token(client, &request_token, &error) != USERVOICE_OK
        || uservoice_authorize_url(client, request_token, &url, &error) != USERVOICE_OK
        || uservoice_token_json(request_token, &kept, &error) != USERVOICE_OK)
        return failed(error);
    printf("Please allow it at %s\n", url); /* or redirect the browser there */
    uservoice_string_free(url);
    uservoice_token_free(request_token);
    /* [end] */
    typed(verifier, sizeof verifier);

    /* [uservoice_login_with_verifier three-legged-finish] */
    uservoice_token *asked = NULL;
    uservoice_token *person = NULL;
    if (uservoice_token_from_json(kept, &asked, &error) != USERVOICE_OK
        || uservoice_login_with_verifier(client, asked, verifier, &person, &error) != USERVOICE_OK)
        return failed(error);
    uservoice_token_free(asked);
    uservoice_string_free(kept);
    /* [end] */
    char *answer = NULL;
    if (uservoice_get(client, person, "/api/v1/users/current", NULL, &answer, &error)
        != USERVOICE_OK)
        return failed(error);
    printf("%s\n", strstr(answer, "user1@sandbox.example") != NULL ? "she allowed it" : answer);
    uservoice_string_free(answer);
    uservoice_token_free(person);
    return true;
}
