/*
 * A web application whose users connect their UserVoice account: three_legged_login [PORT]
 *
 * /connect redirects to UserVoice. There the user clicks "Allow", and is redirected to /callback.
 */
#include <stdio.h>
#include <string.h>

#include "server.h"
#include "site.h"

static enum MHD_Result refuse(const struct request *request, uservoice_error *error)
{
    const bool refused = uservoice_error_status(error) == USERVOICE_UNAUTHORIZED;
    fail(error);
    return respond(request, refused ? MHD_HTTP_FORBIDDEN : MHD_HTTP_BAD_GATEWAY,
                   "UserVoice did not accept the login.\n");
}

/* Redirects the browser to the page of UserVoice that asks the user. */
static enum MHD_Result begin_login(const struct request *request, const uservoice_client *client)
{
    uservoice_token *token = NULL;
    char *url = NULL;
    uservoice_error *error = NULL;
    if (uservoice_request_token(client, &token, &error) != USERVOICE_OK
        || uservoice_authorize_url(client, token, &url, &error) != USERVOICE_OK) {
        uservoice_token_free(token);
        return refuse(request, error);
    }
    /* Only this browser can complete the login. The token in the cookie is of no use without the
     * API secret. Add "Secure" if the application uses https. */
    char cookie[512];
    snprintf(cookie, sizeof cookie, "login=%s.%s; Path=/callback; HttpOnly; SameSite=Lax",
             uservoice_token_value(token), uservoice_token_secret(token));
    const enum MHD_Result result = redirect(request, url, cookie);
    uservoice_string_free(url);
    uservoice_token_free(token);
    return result;
}

static uservoice_status finish_login(const uservoice_client *client, const char *token,
                                     const char *secret, const char *verifier, char **name,
                                     uservoice_error **error)
{
    uservoice_token *request_token = NULL, *user = NULL;
    char *profile = NULL;
    uservoice_status status = uservoice_token_new(token, secret, &request_token, error);
    if (status == USERVOICE_OK)
        status = uservoice_login_with_verifier(client, request_token, verifier, &user, error);
    /* An application stores uservoice_token_json(), a secret, with its own user. */
    if (status == USERVOICE_OK)
        status = uservoice_get(client, user, "/api/v1/users/current", NULL, &profile, error);
    if (status == USERVOICE_OK)
        status = uservoice_json_get(profile, "/user/name", name, error);
    uservoice_string_free(profile);
    uservoice_token_free(user);
    uservoice_token_free(request_token);
    return status;
}

/* Receives the user who returns from UserVoice. */
static enum MHD_Result callback(const struct request *request, const uservoice_client *client)
{
    struct MHD_Connection *browser = request->connection;
    const char *token = MHD_lookup_connection_value(browser, MHD_GET_ARGUMENT_KIND, "oauth_token");
    const char *verifier =
        MHD_lookup_connection_value(browser, MHD_GET_ARGUMENT_KIND, "oauth_verifier");
    const char *login = MHD_lookup_connection_value(browser, MHD_COOKIE_KIND, "login");
    if (token == NULL || verifier == NULL)
        return respond(request, MHD_HTTP_FORBIDDEN, "You did not allow the access.\n");
    const size_t length = strlen(token);
    if (login == NULL || strncmp(login, token, length) != 0 || login[length] != '.')
        return respond(request, MHD_HTTP_FORBIDDEN, "The login began in another browser.\n");

    char *name = NULL;
    char greeting[512];
    uservoice_error *error = NULL;
    if (finish_login(client, token, login + length + 1, verifier, &name, &error) != USERVOICE_OK)
        return refuse(request, error);
    snprintf(greeting, sizeof greeting, "Hello %s!\n", name != NULL ? name : "");
    uservoice_string_free(name);
    return respond(request, MHD_HTTP_OK, greeting);
}

static enum MHD_Result route(const struct request *request, const void *client)
{
    if (strcmp(request->path, "/connect") == 0)
        return begin_login(request, client);
    if (strcmp(request->path, "/callback") == 0)
        return callback(request, client);
    return respond(request, MHD_HTTP_NOT_FOUND, "/connect connects your UserVoice account.\n");
}

int main(int argc, char **argv)
{
    const long port = argc > 1 ? number(argv[1], 65535) : 3000;
    if (port == 0)
        return 1;
    char callback_url[64];
    uservoice_error *error = NULL;
    uservoice_client *client = site_client();
    if (client == NULL)
        return 1;
    snprintf(callback_url, sizeof callback_url, "http://127.0.0.1:%ld/callback", port);
    const uservoice_status status = set_option(&client, "callback", callback_url, &error);
    const int result = status == USERVOICE_OK ? serve(port, route, client) : fail(error);
    uservoice_client_free(client);
    return result;
}
