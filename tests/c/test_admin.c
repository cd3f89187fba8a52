/* The Admin API (v2): OAuth 2 logins, cursors and JSON Web Tokens. */
#include "check.h"

static uservoice_client *client;
static size_t records;

static uservoice_token *login_as_owner(void)
{
    uservoice_token *token;
    CHECK_OK(uservoice_login_with_client_credentials(client, &token, &error));
    return token;
}

static void expire_tokens(void)
{
    control("/_sandbox/expire_tokens", "{}");
}

static void client_credentials_act_as_owner(void)
{
    uservoice_token *token = login_as_owner(), *restored;
    CHECK(uservoice_token_value(token) != NULL && uservoice_token_secret(token) == NULL);
    char *json = get(client, token, "/api/v2/admin/users/current");
    CHECK_CONTAINS(json, "\"is_owner\":true");
    uservoice_string_free(json);

    CHECK_OK(uservoice_token_json(token, &json, &error));
    CHECK_CONTAINS(json, uservoice_token_value(token));
    CHECK(strstr(json, sandbox_env("USERVOICE_SANDBOX_API_SECRET")) == NULL);
    CHECK_OK(uservoice_token_from_json(json, &restored, &error));
    uservoice_string_free(json);
    /* Both are refreshed after they expire. */
    expire_tokens();
    uservoice_token *const both[] = {token, restored};
    for (int i = 0; i < 2; i++) {
        char *response;
        CHECK_OK(uservoice_post(client, both[i], "/api/v2/admin/users/find_or_create",
                                "{\"email_address\":\"user2@sandbox.example\"}", &response,
                                &error));
        CHECK_CONTAINS(response, "\"id\":3");
        uservoice_string_free(response);
        CHECK_OK(uservoice_token_json(both[i], &json, &error));
        CHECK(strstr(json, uservoice_token_value(both[i])) == NULL);
        uservoice_string_free(json);
        uservoice_token_free(both[i]);
    }

    uservoice_client *untrusted = sandbox_client_with_key(
        sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
        sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"), "");
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_with_client_credentials(untrusted, &token, &error));
    uservoice_client_free(untrusted);
}

static void password_login_does_not_refresh(void)
{
    uservoice_token *token;
    char *json;
    CHECK_STATUS(
        USERVOICE_UNAUTHORIZED,
        uservoice_login_with_password(client, "owner@sandbox.example", "wrong", &token, &error));
    CHECK_OK(uservoice_login_with_password(client, "owner@sandbox.example", "sandbox-password",
                                           &token, &error));
    json = get(client, token, "/api/v2/admin/forums");
    uservoice_string_free(json);
    expire_tokens();
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_get(client, token, "/api/v2/admin/forums", NULL, &json, &error));
    uservoice_token_free(token);
}

/* The login page needs a browser: tests/faults/oauth2.rs covers the rest. */
static void authorization_code_uses_pkce(void)
{
    uservoice_client *without_secret = sandbox_client_with_key(
        sandbox_env("USERVOICE_SANDBOX_API_KEY"), NULL, "\"max_retries\":0");
    char *url, *verifier;
    CHECK_OK(uservoice_authorize_code_url(without_secret, "https://app.example/back", "s t", &url,
                                          &verifier, &error));
    CHECK_CONTAINS(url, "/api/v2/oauth/auth?client_id=");
    CHECK_CONTAINS(url, "&state=s%20t&");
    CHECK(strlen(verifier) == 43 && strstr(url, verifier) == NULL);
    uservoice_token *token;
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_with_code(without_secret, "no such code", verifier,
                                           "https://app.example/back", &token, &error));
    /* Without PKCE. */
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_with_code(without_secret, "no such code", NULL,
                                           "https://app.example/back", &token, &error));
    uservoice_string_free(url);
    uservoice_string_free(verifier);
    uservoice_client_free(without_secret);
}

static void collection_follows_cursors(const char *options)
{
    uservoice_client *c = sandbox_client(options);
    uservoice_token *token = login_as_owner();
    uservoice_collection *list;
    CHECK_OK(uservoice_collection_new(c, token, "/api/v2/admin/suggestions?sort=-id", NULL, -1,
                                      &list, &error));
    size_t length, count = 0;
    CHECK_OK(uservoice_collection_len(list, &length, &error));
    CHECK(length == records);
    char *json;
    /* Reached by following the cursors of all pages before it. */
    CHECK_OK(uservoice_collection_get(list, records - 1, &json, &error));
    CHECK(first_id(json) == 1);
    uservoice_string_free(json);
    for (;;) {
        CHECK_OK(uservoice_collection_next(list, &json, &error));
        if (json == NULL)
            break;
        CHECK(first_id(json) == (long)(records - count++));
        uservoice_string_free(json);
        if (count == records / 2)
            expire_tokens();
    }
    CHECK(count == records);
    CHECK_OK(uservoice_collection_info(list, &json, &error));
    CHECK_CONTAINS(json, "\"total_records\":");
    uservoice_string_free(json);
    uservoice_collection_rewind(list);
    CHECK_OK(uservoice_collection_next(list, &json, &error));
    CHECK(first_id(json) == (long)records);
    uservoice_string_free(json);
    uservoice_collection_free(list);
    uservoice_token_free(token);
    uservoice_client_free(c);
}

static void whole_pages_include_sideloaded_records(void)
{
    uservoice_client *c = sandbox_client("\"whole_pages\":true,\"per_page\":20");
    uservoice_token *token = login_as_owner();
    uservoice_collection *list;
    CHECK_OK(uservoice_collection_new(c, token, "/api/v2/admin/suggestions",
                                      "{\"includes\":[\"forums\",\"users\"]}", -1, &list, &error));
    char *json;
    CHECK_OK(uservoice_collection_next_page(list, &json, &error));
    CHECK_CONTAINS(json, "{\"suggestions\":[");
    CHECK_CONTAINS(json, "\"forums\":[{");
    CHECK_CONTAINS(json, "\"users\":[{");
    uservoice_string_free(json);
    uservoice_collection_free(list);
    uservoice_token_free(token);
    uservoice_client_free(c);
}

static void validation_error_keeps_response_body(void)
{
    uservoice_token *token = login_as_owner();
    uservoice_error *error = NULL;
    char *json;
    CHECK_FAILS(USERVOICE_API_ERROR,
                uservoice_post(client, token, "/api/v2/admin/suggestions", "{}", &json, &error));
    CHECK(uservoice_error_http_status(error) == 422);
    CHECK_CONTAINS(uservoice_error_body(error), "\"links\":{\"forum\":\"int\"}");
    uservoice_error_free(error);
    uservoice_token_free(token);
}

static void site_accepts_jwt(void)
{
    const char *key = sandbox_env("USERVOICE_SANDBOX_SSO_KEY");
    char *jwt, *claims, *url, *response;
    CHECK_OK(
        uservoice_sso_jwt(key, "{\"guid\":\"7\",\"email\":\"zoe@example.com\"}", 0, &jwt, &error));
    CHECK_OK(uservoice_sso_jwt_verify(key, jwt, 0, &claims, &error));
    CHECK_CONTAINS(claims, "{\"guid\":\"7\",\"email\":\"zoe@example.com\",\"exp\":");
    CHECK_OK(uservoice_sso_url(client, jwt, NULL, &url, &error));
    const char *path = strstr(url, "/?sso=");
    CHECK(path != NULL);
    CHECK_OK(uservoice_request(client, NULL, "GET", path, NULL, NULL, &response, &error));
    CHECK_CONTAINS(response, "{\"status\":200,");
    CHECK_CONTAINS(response, "zoe@example.com");
    uservoice_string_free(response);
    uservoice_string_free(url);
    CHECK_OK(uservoice_sso_url(client, jwt, "/forums/1?a=b", &url, &error));
    CHECK_CONTAINS(url, "/forums/1?a=b&sso=");
    uservoice_string_free(url);
    uservoice_string_free(claims);
    uservoice_string_free(jwt);
}

int main(void)
{
    records = strtoul(sandbox_env("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    reset_sandbox();
    client = sandbox_client("");
    client_credentials_act_as_owner();
    password_login_does_not_refresh();
    authorization_code_uses_pkce();
    collection_follows_cursors("");
    collection_follows_cursors("\"prefetch_pages\":0,\"per_page\":50");
    whole_pages_include_sideloaded_records();
    validation_error_keeps_response_body();
    site_accepts_jwt();
    uservoice_client_free(client);
    wait_for_library_threads();
    puts("test_admin: passed");
    return 0;
}
