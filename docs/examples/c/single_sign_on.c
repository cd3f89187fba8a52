#include "example.h"

static bool json_web_token(uservoice_client *client)
{
    uservoice_error *error = NULL;
    const char *sso_key = "sandbox-sso-key";
    /* [uservoice_sso_jwt uservoice_sso_url sso-jwt] */
    const char *user = "{\"guid\":\"1001\",\"email\":\"jo@example.com\",\"display_name\":\"Jo\"}";
    char *jwt = NULL;
    char *url = NULL;
    if (uservoice_sso_jwt(sso_key, user, 300, &jwt, &error) != USERVOICE_OK
        || uservoice_sso_url(client, jwt, "/forums/1", &url, &error) != USERVOICE_OK)
        return failed(error);
    printf("%s\n", url);
    uservoice_string_free(url);
    /* [end] */

    /* [uservoice_sso_jwt_verify sso-jwt-verify] */
    char *claims = NULL;
    if (uservoice_sso_jwt_verify(sso_key, jwt, 30, &claims, &error) != USERVOICE_OK)
        return failed(error); /* NOT_VERIFIED: forged, or expired more than 30 seconds ago */
    printf("%s\n", claims);
    uservoice_string_free(claims);
    /* [end] */
    uservoice_string_free(jwt);
    return true;
}

bool single_sign_on(uservoice_client *client)
{
    uservoice_error *error = NULL;
    /* [uservoice_sso_token sso-aes] */
    char *token = NULL;
    if (uservoice_sso_token("acme", "SSO-KEY", "{\"guid\":\"1001\",\"email\":\"jo@example.com\"}",
                            300, &token, &error) != USERVOICE_OK)
        return failed(error);
    printf("https://acme.uservoice.com/?sso=%s\n", token);
    /* [end] */

    /* [uservoice_sso_decrypt sso-decrypt] */
    char *user = NULL;
    if (uservoice_sso_decrypt("acme", "SSO-KEY", token, &user, &error) != USERVOICE_OK)
        return failed(error); /* NOT_VERIFIED: encrypted with another key, for example */
    printf("%s\n", user);
    uservoice_string_free(user);
    /* [end] */
    uservoice_string_free(token);
    return json_web_token(client);
}
