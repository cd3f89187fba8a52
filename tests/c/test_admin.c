/* The Admin API (v2): OAuth 2 logins, lists by cursor, JWT, web hooks, against the
 * sandbox. */
#include "check.h"

static uservoice_client *client;
static size_t records;

static uservoice_token *owner(void)
{
    uservoice_token *token;
    OK(uservoice_login_with_client_credentials(client, &token, &error));
    return token;
}

static void expire_tokens(void)
{
    control("/_sandbox/expire_tokens", "{}");
}

static void the_key_acts_as_the_owner(void)
{
    uservoice_token *token = owner(), *restored;
    CHECK(uservoice_token_value(token) != NULL && uservoice_token_secret(token) == NULL);
    char *json = get(client, token, "/api/v2/admin/users/current");
    CONTAINS(json, "\"is_owner\":true");
    uservoice_string_free(json);

    OK(uservoice_token_json(token, &json, &error));
    CONTAINS(json, uservoice_token_value(token));
    CHECK(strstr(json, sandbox("USERVOICE_SANDBOX_API_SECRET")) == NULL);
    OK(uservoice_token_from_json(json, &restored, &error));
    uservoice_string_free(json);
    /* Both renew themselves when the service ends them. */
    expire_tokens();
    uservoice_token *const both[] = {token, restored};
    for (int i = 0; i < 2; i++) {
        char *answer;
        OK(uservoice_post(client, both[i], "/api/v2/admin/users/find_or_create",
                          "{\"email_address\":\"user2@sandbox.example\"}", &answer, &error));
        CONTAINS(answer, "\"id\":3");
        uservoice_string_free(answer);
        OK(uservoice_token_json(both[i], &json, &error));
        CHECK(strstr(json, uservoice_token_value(both[i])) == NULL);
        uservoice_string_free(json);
        uservoice_token_free(both[i]);
    }

    uservoice_client *untrusted =
        sandbox_client_of(sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
                          sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"), "");
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_login_with_client_credentials(untrusted, &token, &error));
    uservoice_client_free(untrusted);
}

static void a_password_is_not_kept(void)
{
    uservoice_token *token;
    char *json;
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_login_with_password(client, "owner@sandbox.example", "wrong", &token, &error));
    OK(uservoice_login_with_password(client, "owner@sandbox.example", "sandbox-password", &token,
                                     &error));
    json = get(client, token, "/api/v2/admin/forums");
    uservoice_string_free(json);
    expire_tokens();
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_get(client, token, "/api/v2/admin/forums", NULL, &json, &error));
    uservoice_token_free(token);
}

/* The page in between is for a browser: tests/faults/oauth2.rs goes on from there. */
static void a_code_with_its_proof_key(void)
{
    uservoice_client *keyless =
        sandbox_client_of(sandbox("USERVOICE_SANDBOX_API_KEY"), NULL, "\"max_retries\":0");
    char *url, *verifier;
    OK(uservoice_authorize_code_url(keyless, "https://app.example/back", "s t", &url, &verifier,
                                    &error));
    CONTAINS(url, "/api/v2/oauth/auth?client_id=");
    CONTAINS(url, "&state=s%20t&");
    CHECK(strlen(verifier) == 43 && strstr(url, verifier) == NULL);
    uservoice_token *token;
    REFUSES(USERVOICE_UNAUTHORIZED, uservoice_login_with_code(keyless, "no such code", verifier,
                                                              "https://app.example/back", &token,
                                                              &error));
    uservoice_string_free(url);
    uservoice_string_free(verifier);
    uservoice_client_free(keyless);
}

static void lists_are_read_by_cursor(const char *options)
{
    uservoice_client *c = sandbox_client(options);
    uservoice_token *token = owner();
    uservoice_collection *list;
    OK(uservoice_collection_new(c, token, "/api/v2/admin/suggestions?sort=-id", NULL, -1, &list,
                                &error));
    size_t length, count = 0;
    OK(uservoice_collection_len(list, &length, &error));
    CHECK(length == records);
    char *json;
    /* A page that is reached over those before it. */
    OK(uservoice_collection_get(list, records - 1, &json, &error));
    CHECK(first_id(json) == 1);
    uservoice_string_free(json);
    for (;;) {
        OK(uservoice_collection_next(list, &json, &error));
        if (json == NULL)
            break;
        CHECK(first_id(json) == (long)(records - count++));
        uservoice_string_free(json);
        if (count == records / 2)
            expire_tokens(); /* in the middle of it */
    }
    CHECK(count == records);
    OK(uservoice_collection_info(list, &json, &error));
    CONTAINS(json, "\"total_records\":");
    uservoice_string_free(json);
    uservoice_collection_rewind(list);
    OK(uservoice_collection_next(list, &json, &error));
    CHECK(first_id(json) == (long)records);
    uservoice_string_free(json);
    uservoice_collection_free(list);
    uservoice_token_free(token);
    uservoice_client_free(c);
}

static void whole_pages_have_what_stands_beside(void)
{
    uservoice_client *c = sandbox_client("\"whole_pages\":true,\"per_page\":20");
    uservoice_token *token = owner();
    uservoice_collection *list;
    OK(uservoice_collection_new(c, token, "/api/v2/admin/suggestions",
                                "{\"includes\":[\"forums\",\"users\"]}", -1, &list, &error));
    char *json;
    OK(uservoice_collection_next_page(list, &json, &error));
    CONTAINS(json, "{\"suggestions\":[");
    CONTAINS(json, "\"forums\":[{");
    CONTAINS(json, "\"users\":[{");
    uservoice_string_free(json);
    uservoice_collection_free(list);
    uservoice_token_free(token);
    uservoice_client_free(c);
}

static void validation_errors_keep_their_body(void)
{
    uservoice_token *token = owner();
    uservoice_error *error = NULL;
    char *json;
    FAILS(USERVOICE_API_ERROR,
          uservoice_post(client, token, "/api/v2/admin/suggestions", "{}", &json, &error));
    CHECK(uservoice_error_http_status(error) == 422);
    CONTAINS(uservoice_error_body(error), "\"links\":{\"forum\":\"int\"}");
    uservoice_error_free(error);
    uservoice_token_free(token);
}

static void the_site_takes_our_jwt(void)
{
    const char *key = sandbox("USERVOICE_SANDBOX_SSO_KEY");
    char *jwt, *claims, *url, *answer;
    OK(uservoice_sso_jwt(key, "{\"guid\":\"7\",\"email\":\"zoe@example.com\"}", 0, &jwt, &error));
    OK(uservoice_sso_jwt_verify(key, jwt, 0, &claims, &error));
    CONTAINS(claims, "{\"guid\":\"7\",\"email\":\"zoe@example.com\",\"exp\":");
    OK(uservoice_sso_url(client, jwt, NULL, &url, &error));
    const char *path = strstr(url, "/?sso=");
    CHECK(path != NULL);
    OK(uservoice_request(client, NULL, "GET", path, NULL, NULL, &answer, &error));
    CONTAINS(answer, "{\"status\":200,");
    CONTAINS(answer, "zoe@example.com");
    uservoice_string_free(answer);
    uservoice_string_free(url);
    OK(uservoice_sso_url(client, jwt, "/forums/1?a=b", &url, &error));
    CONTAINS(url, "/forums/1?a=b&sso=");
    uservoice_string_free(url);
    uservoice_string_free(claims);
    uservoice_string_free(jwt);
}

/* Signed with Python's hmac, key "sandbox-sso-key". */
static void web_hooks_are_read(void)
{
    const char *data = "{\"suggestion\":{\"id\":1}}";
    const char *signature = "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0";
    OK(uservoice_webhook_verify("sandbox-sso-key", data, strlen(data), signature, &error));
    REFUSES(USERVOICE_INVALID_ARGUMENT,
            uservoice_webhook_verify("sandbox-sso-key", data, strlen(data) - 1, signature, &error));
    char body[256], *json;
    snprintf(body, sizeof body, "event=new_suggestion&data=%%7B%%22suggestion%%22%%3A%%7B%%22id"
                                "%%22%%3A1%%7D%%7D&signature=%s", signature);
    OK(uservoice_webhook_read("sandbox-sso-key", body, strlen(body), &json, &error));
    CHECK(strcmp(json, "{\"event\":\"new_suggestion\",\"data\":{\"suggestion\":{\"id\":1}}}") == 0);
    uservoice_string_free(json);
}

int main(void)
{
    records = strtoul(sandbox("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    reset_sandbox();
    client = sandbox_client("");
    the_key_acts_as_the_owner();
    a_password_is_not_kept();
    a_code_with_its_proof_key();
    lists_are_read_by_cursor("");
    lists_are_read_by_cursor("\"prefetch_pages\":0,\"per_page\":50");
    whole_pages_have_what_stands_beside();
    validation_errors_keep_their_body();
    the_site_takes_our_jwt();
    web_hooks_are_read();
    uservoice_client_free(client);
    threads_have_ended();
    puts("test_admin: passed");
    return 0;
}
