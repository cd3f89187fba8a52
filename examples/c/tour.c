/*
 * A tour of libuservoice in five steps, which changes nothing on the site. Read main() first.
 *
 * Every function that can fail returns a status and sets its last argument to an error object,
 * which the caller frees; fail() of site.c prints it first.
 */
#include <stdio.h>
#include <string.h>

#include "site.h"

/* Prints a format with one %s for the value at a JSON Pointer (RFC 6901). A program that reads
 * more JSON than the examples uses a JSON library, such as cJSON, Jansson or yyjson. */
static int print_value(const char *format, const char *json, const char *pointer)
{
    char *value = NULL; /* stays NULL if there is none */
    uservoice_error *error = NULL;
    if (uservoice_json_get(json, pointer, &value, &error) != USERVOICE_OK)
        return fail(error);
    printf(format, value != NULL ? value : "?");
    uservoice_string_free(value);
    return 0;
}

/* A link with a signed token logs a user of your application in. Nothing is sent. */
static int single_sign_on(const uservoice_client *client)
{
    const char *user = "{\"guid\":\"1001\",\"email\":\"jo@example.com\",\"display_name\":\"Jo\"}";
    char *jwt = NULL, *url = NULL;
    uservoice_error *error = NULL;
    uservoice_status status =
        uservoice_sso_jwt(setting("USERVOICE_SSO_KEY", "sandbox-sso-key"), user, 300, &jwt, &error);
    if (status == USERVOICE_OK)
        status = uservoice_sso_url(client, jwt, NULL, &url, &error);
    uservoice_string_free(jwt); /* the caller owns a returned `char *` */
    if (status != USERVOICE_OK)
        return fail(error);
    printf("   This link logs Jo in, for five minutes:\n   %s\n", url);
    uservoice_string_free(url);
    return 0;
}

/* A collection loads a list page by page while it is read. NULL: without a user. */
static int list_users(const uservoice_client *client)
{
    uservoice_collection *users = NULL;
    uservoice_error *error = NULL;
    char *user = NULL;
    int result = 0;
    if (uservoice_collection_new(client, NULL, "/api/v1/users", NULL, 5, &users, &error)
        != USERVOICE_OK)
        return fail(error);
    uservoice_status status;
    while ((status = uservoice_collection_next(users, &user, &error)) == USERVOICE_OK
           && user != NULL) {
        result |= print_value("   %s", user, "/name");
        result |= print_value(" <%s>\n", user, "/email");
        uservoice_string_free(user);
    }
    uservoice_collection_free(users);
    return status == USERVOICE_OK ? result : fail(error);
}

/* Requests with a token act as its user. A trusted API key gets one for anybody. */
static int act_as_owner(const uservoice_client *client)
{
    uservoice_token *owner = NULL;
    char *response = NULL;
    uservoice_error *error = NULL;
    uservoice_status status = uservoice_login_as_owner(client, NULL, &owner, &error);
    if (status == USERVOICE_OK)
        status = uservoice_get(client, owner, "/api/v1/users/current", NULL, &response, &error);
    uservoice_token_free(owner); /* every _free() function accepts NULL */
    if (status != USERVOICE_OK)
        return fail(error);
    const int result = print_value("   Acting as %s.\n", response, "/user/email");
    uservoice_string_free(response);
    return result;
}

/* A program decides by the status. The error object has details: the message, the HTTP status,
 * UserVoice's error type, the response body. */
static int handle_an_error(const uservoice_client *client)
{
    char *response = NULL;
    uservoice_error *error = NULL;
    const uservoice_status status =
        uservoice_get(client, NULL, "/api/v1/forums/999999999", NULL, &response, &error);
    uservoice_string_free(response);
    if (status != USERVOICE_NOT_FOUND)
        return fail(error);
    printf("   %s: %s\n", uservoice_status_name(status), uservoice_error_message(error));
    uservoice_error_free(error);
    return 0;
}

/* A program believes a webhook only if its signature verifies. This one is forged. */
static int reject_a_webhook(void)
{
    const char *body = "event=test&data=%7B%7D&signature=0123";
    char *webhook = NULL;
    uservoice_error *error = NULL;
    const uservoice_status status = uservoice_webhook_read(
        setting("USERVOICE_SSO_KEY", "sandbox-sso-key"), body, strlen(body), &webhook, &error);
    uservoice_string_free(webhook);
    if (status != USERVOICE_NOT_VERIFIED)
        return fail(error);
    printf("   %s: %s\n", uservoice_status_name(status), uservoice_error_message(error));
    uservoice_error_free(error);
    return 0;
}

int main(void)
{
    uservoice_client *client = site_client();
    if (client == NULL)
        return 1;
    printf("libuservoice %s\n\n1. Single sign-on: a link that logs a user in\n",
           uservoice_version());
    int result = single_sign_on(client);
    puts("2. A collection: the first users of the site");
    result |= list_users(client);
    puts("3. Acting as a user: the owner of the site");
    result |= act_as_owner(client);
    puts("4. An error: the record does not exist");
    result |= handle_an_error(client);
    puts("5. A webhook: a forged one does not verify");
    result |= reject_a_webhook();
    uservoice_client_free(client);
    return result;
}
