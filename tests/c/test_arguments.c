/* Calls every function with each argument NULL or invalid UTF-8: each call fails with an
 * error that names the argument, and the outputs are NULL or 0. */
#include "check.h"

#include <unistd.h>

static const char INVALID_UTF8[] = "\xff\xfe";

/* Asserts that the call fails with INVALID_ARGUMENT, that the error and its message name
 * `argument`, and that `out` is 0. */
#define CHECK_INVALID(argument, out, call)                                   \
    do {                                                                     \
        uservoice_error *error = NULL;                                       \
        CHECK((call) == USERVOICE_INVALID_ARGUMENT);                         \
        CHECK(error != NULL && (out) == 0);                                  \
        CHECK(uservoice_error_status(error) == USERVOICE_INVALID_ARGUMENT);  \
        check_argument(error, argument, __LINE__);                           \
        CHECK(uservoice_error_http_status(error) == 0);                      \
        CHECK(uservoice_error_type(error) == NULL);                          \
        CHECK(uservoice_error_body(error) == NULL);                          \
        CHECK(uservoice_error_header(error, "Date") == NULL);                \
        CHECK(uservoice_error_request(error) == NULL);                       \
        CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_NOT_SENT); \
        CHECK(uservoice_error_retry_after_ms(error) == -1);                  \
        uservoice_error_free(error);                                         \
    } while (0)

static void check_argument(const uservoice_error *error, const char *argument, int line)
{
    const char *message = uservoice_error_message(error), *actual = uservoice_error_argument(error);
    const size_t length = strlen(argument);
    if (actual == NULL || strcmp(actual, argument) != 0 || strncmp(message, argument, length) != 0
        || strncmp(message + length, ": ", 2) != 0) {
        fprintf(stderr, "line %d: %s instead of %s: %s\n", line, actual != NULL ? actual : "NULL",
                argument, message);
        exit(1);
    }
}

static char *text = (char *)INVALID_UTF8;
static uservoice_client *client;
static uservoice_token *token;
static uservoice_collection *collection;

static void rejects_invalid_sso_arguments(void)
{
    const char *good[3] = {"acme", "key", "{}"};
    const char *names[3] = {"subdomain", "sso_key", "user"};
    for (int i = 0; i < 6; i++) {
        const char *a[3] = {good[0], good[1], good[2]};
        a[i % 3] = i < 3 ? NULL : INVALID_UTF8;
        text = (char *)INVALID_UTF8;
        CHECK_INVALID(names[i % 3], text, uservoice_sso_token(a[0], a[1], a[2], 0, &text, &error));
        text = (char *)INVALID_UTF8;
        if (i < 5)
            CHECK_INVALID(i == 2 ? "token" : names[i % 3], text,
                          uservoice_sso_decrypt(a[0], a[1], a[2], &text, &error));
    }
    int unused = 0;
    CHECK_INVALID("token", unused, uservoice_sso_token("acme", "key", "{}", 0, NULL, &error));
    CHECK_INVALID("user", unused, uservoice_sso_decrypt("acme", "key", "x", NULL, &error));
    CHECK(uservoice_sso_token(NULL, NULL, NULL, 0, NULL, NULL) == USERVOICE_INVALID_ARGUMENT);

    CHECK(uservoice_sso_token("acme", "key", "{\"n\":1.10}", 60, &text, NULL) == USERVOICE_OK);
    char *user;
    CHECK(uservoice_sso_decrypt("acme", "key", text, &user, NULL) == USERVOICE_OK);
    CHECK(strncmp(user, "{\"n\":1.10,\"expires\":\"", 21) == 0);
    uservoice_string_free(user);
    uservoice_string_free(text);
}

static void rejects_invalid_jwt_arguments(void)
{
    int unused = 0;
    CHECK_INVALID("sso_key", text, uservoice_sso_jwt(NULL, "{}", 0, &text, &error));
    CHECK_INVALID("sso_key", text, uservoice_sso_jwt(INVALID_UTF8, "{}", 0, &text, &error));
    CHECK_INVALID("sso_key", text, uservoice_sso_jwt("", "{}", 0, &text, &error));
    CHECK_INVALID("user", text, uservoice_sso_jwt("key", NULL, 0, &text, &error));
    CHECK_INVALID("user", text, uservoice_sso_jwt("key", INVALID_UTF8, 0, &text, &error));
    CHECK_INVALID("user.guid", text, uservoice_sso_jwt("key", "{}", 0, &text, &error));
    CHECK_INVALID("valid_for_seconds", text,
                  uservoice_sso_jwt("key", "{\"guid\":1,\"email\":\"e\"}", -1, &text, &error));
    CHECK_INVALID("jwt", unused, uservoice_sso_jwt("key", "{}", 0, NULL, &error));
    CHECK_INVALID("sso_key", text, uservoice_sso_jwt_verify(NULL, "a.b.c", 0, &text, &error));
    CHECK_INVALID("sso_key", text,
                  uservoice_sso_jwt_verify(INVALID_UTF8, "a.b.c", 0, &text, &error));
    CHECK_INVALID("jwt", text, uservoice_sso_jwt_verify("key", NULL, 0, &text, &error));
    CHECK_INVALID("sso_key", text, uservoice_sso_jwt_verify("", "a.b.c", 0, &text, &error));
    CHECK_INVALID("leeway_seconds", text,
                  uservoice_sso_jwt_verify("key", "a.b.c", -1, &text, &error));
    CHECK_INVALID("user", unused, uservoice_sso_jwt_verify("key", "a.b.c", 0, NULL, &error));
    CHECK_INVALID("client", text, uservoice_sso_url(NULL, "t", NULL, &text, &error));
    CHECK_INVALID("token", text, uservoice_sso_url(client, NULL, NULL, &text, &error));
    CHECK_INVALID("token", text, uservoice_sso_url(client, INVALID_UTF8, NULL, &text, &error));
    CHECK_INVALID("token", text, uservoice_sso_url(client, "a&b", NULL, &text, &error));
    CHECK_INVALID("return_path", text, uservoice_sso_url(client, "t", INVALID_UTF8, &text, &error));
    CHECK_INVALID("return_path", text,
                  uservoice_sso_url(client, "t", "//evil.example", &text, &error));
    CHECK_INVALID("url", unused, uservoice_sso_url(client, "t", NULL, NULL, &error));
}

/* A stranger may have sent them, so that a server responds 401 and not 500. */
static void does_not_verify_invalid_utf8(void)
{
    text = (char *)INVALID_UTF8;
    CHECK(uservoice_sso_decrypt("acme", "key", INVALID_UTF8, &text, NULL)
          == USERVOICE_NOT_VERIFIED);
    CHECK(text == NULL);
    text = (char *)INVALID_UTF8;
    CHECK(uservoice_sso_jwt_verify("key", INVALID_UTF8, 0, &text, NULL) == USERVOICE_NOT_VERIFIED);
    CHECK(text == NULL);
    CHECK(uservoice_webhook_verify("key", "{}", 2, INVALID_UTF8, NULL) == USERVOICE_NOT_VERIFIED);
}

static void rejects_invalid_webhook_arguments(void)
{
    int unused = 0;
    CHECK_INVALID("sso_key", unused, uservoice_webhook_verify(NULL, "{}", 2, "00", &error));
    CHECK_INVALID("sso_key", unused, uservoice_webhook_verify(INVALID_UTF8, "{}", 2, "00", &error));
    CHECK_INVALID("data", unused, uservoice_webhook_verify("key", NULL, 2, "00", &error));
    CHECK_INVALID("data", unused, uservoice_webhook_verify("key", "{}", SIZE_MAX, "00", &error));
    CHECK_INVALID("sso_key", unused, uservoice_webhook_verify("", "{}", 2, "00", &error));
    CHECK_INVALID("signature", unused, uservoice_webhook_verify("key", "{}", 2, NULL, &error));
    CHECK_INVALID("sso_key", text, uservoice_webhook_read(NULL, "a=b", 3, &text, &error));
    CHECK_INVALID("sso_key", text, uservoice_webhook_read(INVALID_UTF8, "a=b", 3, &text, &error));
    CHECK_INVALID("body", text, uservoice_webhook_read("key", NULL, 3, &text, &error));
    CHECK_INVALID("sso_key", text, uservoice_webhook_read("", "a=b", 3, &text, &error));
    CHECK_INVALID("body", text, uservoice_webhook_read("key", "a=b", SIZE_MAX, &text, &error));
    CHECK_INVALID("json", unused, uservoice_webhook_read("key", "a=b", 3, NULL, &error));
    CHECK_INVALID("sso_key", text, uservoice_webhook_sign(NULL, "{}", 2, &text, &error));
    CHECK_INVALID("sso_key", text, uservoice_webhook_sign(INVALID_UTF8, "{}", 2, &text, &error));
    CHECK_INVALID("sso_key", text, uservoice_webhook_sign("", "{}", 2, &text, &error));
    CHECK_INVALID("data", text, uservoice_webhook_sign("key", NULL, 2, &text, &error));
    CHECK_INVALID("data", text, uservoice_webhook_sign("key", "{}", SIZE_MAX, &text, &error));
    CHECK_INVALID("signature", unused, uservoice_webhook_sign("key", "{}", 2, NULL, &error));
}

static void rejects_invalid_json_arguments(void)
{
    int unused = 0;
    CHECK_INVALID("string", text, uservoice_json_quote(NULL, &text, &error));
    CHECK_INVALID("string", text, uservoice_json_quote(INVALID_UTF8, &text, &error));
    CHECK_INVALID("json", unused, uservoice_json_quote("", NULL, &error));
    CHECK_INVALID("json", text, uservoice_json_get(NULL, "", &text, &error));
    CHECK_INVALID("json", text, uservoice_json_get(INVALID_UTF8, "", &text, &error));
    CHECK_INVALID("json", text, uservoice_json_get("{", "", &text, &error));
    CHECK_INVALID("pointer", text, uservoice_json_get("{}", NULL, &text, &error));
    CHECK_INVALID("pointer", text, uservoice_json_get("{}", INVALID_UTF8, &text, &error));
    CHECK_INVALID("pointer", text, uservoice_json_get("{}", "a", &text, &error));
    CHECK_INVALID("value", unused, uservoice_json_get("{}", "", NULL, &error));
}

static void rejects_invalid_client_arguments(void)
{
    int unused = 0;
    uservoice_client *c;
    CHECK_INVALID("subdomain", c, uservoice_client_new(NULL, "k", "s", NULL, &c, &error));
    CHECK_INVALID("subdomain", c, uservoice_client_new(INVALID_UTF8, "k", "s", NULL, &c, &error));
    CHECK_INVALID("subdomain", c, uservoice_client_new("a@b", "k", "s", NULL, &c, &error));
    CHECK_INVALID("api_key", c, uservoice_client_new("acme", NULL, "s", NULL, &c, &error));
    CHECK_INVALID("api_key", c, uservoice_client_new("acme", INVALID_UTF8, "s", NULL, &c, &error));
    CHECK_INVALID("api_secret", c,
                  uservoice_client_new("acme", "k", INVALID_UTF8, NULL, &c, &error));
    CHECK_INVALID("options", c, uservoice_client_new("acme", "k", "s", INVALID_UTF8, &c, &error));
    CHECK_INVALID("options.time_out", c,
                  uservoice_client_new("acme", "k", "s", "{\"time_out\":1}", &c, &error));
    CHECK_INVALID("client", unused, uservoice_client_new("acme", "k", "s", NULL, NULL, &error));
    CHECK(uservoice_client_new("acme", "k", NULL, NULL, &c, NULL) == USERVOICE_OK);
    uservoice_client_free(c);

    CHECK_INVALID("client", c, uservoice_client_clone(NULL, NULL, &c, &error));
    CHECK_INVALID("options", c, uservoice_client_clone(client, INVALID_UTF8, &c, &error));
    CHECK_INVALID("options.per_page", c,
                  uservoice_client_clone(client, "{\"per_page\":0}", &c, &error));
    CHECK_INVALID("clone", unused, uservoice_client_clone(client, NULL, NULL, &error));
    CHECK(uservoice_client_clone(client, NULL, &c, NULL) == USERVOICE_OK);
    uservoice_client_cancel(c);
    uservoice_client_cancel(NULL);
    CHECK(uservoice_get(c, NULL, "/", NULL, &text, NULL) == USERVOICE_CANCELLED);
    CHECK(text == NULL);
    uservoice_client_free(c);
}

static void count_line(int32_t level, const char *line, void *user_data)
{
    CHECK(level == USERVOICE_LOG_WARNING && strstr(line, "method=GET path=/ ") == line);
    ++*(int *)user_data;
}

static int32_t never(void *user_data)
{
    (void)user_data;
    return 0;
}

static void rejects_invalid_interrupt_arguments(void)
{
    int unused = 0;
    CHECK_INVALID("client", unused, uservoice_client_set_interrupt(NULL, never, NULL, &error));
    CHECK_INVALID("client", unused, uservoice_client_set_interrupt(NULL, NULL, NULL, &error));
}

static void rejects_invalid_log_arguments(void)
{
    int lines = 0, unused = 0;
    uservoice_client *c, *clone;
    const char *options = "{\"base_url\":\"http://127.0.0.1:1\",\"max_retries\":0}";
    CHECK(uservoice_client_new("acme", "k", "s", options, &c, NULL) == USERVOICE_OK);
    CHECK_INVALID("client", unused,
                  uservoice_client_set_log(NULL, USERVOICE_LOG_INFO, count_line, &lines, &error));
    CHECK_INVALID("level", unused, uservoice_client_set_log(c, 3, count_line, &lines, &error));
    CHECK_INVALID("level", unused, uservoice_client_set_log(c, -1, count_line, &lines, &error));
    CHECK_INVALID("client", text, uservoice_client_take_log(NULL, &text, &error));
    CHECK_INVALID("client", text, uservoice_client_take_log(c, &text, &error));
    CHECK_INVALID("lines_json", text, uservoice_client_take_log(c, NULL, &error));
    CHECK(uservoice_client_set_log(c, USERVOICE_LOG_INFO, count_line, &lines, NULL) == USERVOICE_OK);
    CHECK_INVALID("client", text, uservoice_client_take_log(c, &text, &error));
    CHECK(uservoice_get(c, NULL, "/", NULL, &text, NULL) == USERVOICE_TRANSPORT);
    CHECK(lines == 1);
    CHECK(uservoice_client_clone(c, NULL, &clone, NULL) == USERVOICE_OK);
    CHECK(uservoice_get(clone, NULL, "/", NULL, &text, NULL) == USERVOICE_TRANSPORT);
    CHECK(lines == 2);
    CHECK(uservoice_client_set_log(clone, USERVOICE_LOG_OFF, NULL, NULL, NULL) == USERVOICE_OK);
    CHECK(uservoice_get(clone, NULL, "/", NULL, &text, NULL) == USERVOICE_TRANSPORT);
    CHECK(lines == 2);
    uservoice_client_free(clone);
    uservoice_client_free(c);
}

static void rejects_invalid_token_arguments(void)
{
    int unused = 0;
    uservoice_token *t;
    CHECK_INVALID("token", t, uservoice_token_new(NULL, "s", &t, &error));
    CHECK_INVALID("token", t, uservoice_token_new(INVALID_UTF8, "s", &t, &error));
    CHECK_INVALID("token", t, uservoice_token_new("", "s", &t, &error));
    CHECK_INVALID("secret", t, uservoice_token_new("t", NULL, &t, &error));
    CHECK_INVALID("secret", t, uservoice_token_new("t", INVALID_UTF8, &t, &error));
    CHECK_INVALID("out", unused, uservoice_token_new("t", "s", NULL, &error));
    CHECK_INVALID("json", t, uservoice_token_from_json(NULL, &t, &error));
    CHECK_INVALID("json", t, uservoice_token_from_json(INVALID_UTF8, &t, &error));
    CHECK_INVALID("json.token", t, uservoice_token_from_json("{}", &t, &error));
    CHECK_INVALID("json", t, uservoice_token_from_json("[]", &t, &error));
    CHECK_INVALID("out", unused, uservoice_token_from_json("{}", NULL, &error));
    CHECK_INVALID("token", text, uservoice_token_json(NULL, &text, &error));
    CHECK_INVALID("json", unused, uservoice_token_json(token, NULL, &error));
    CHECK(uservoice_token_value(NULL) == NULL && uservoice_token_secret(NULL) == NULL);

    CHECK(uservoice_token_json(token, &text, NULL) == USERVOICE_OK);
    CHECK(uservoice_token_from_json(text, &t, NULL) == USERVOICE_OK);
    CHECK(strcmp(uservoice_token_value(t), "value") == 0);
    CHECK(strcmp(uservoice_token_secret(t), "secret") == 0);
    uservoice_string_free(text);
    uservoice_token_free(t);
}

static void rejects_invalid_login_arguments(void)
{
    int unused = 0;
    uservoice_token *t;
    CHECK_INVALID("client", t, uservoice_request_token(NULL, &t, &error));
    CHECK_INVALID("request_token", unused, uservoice_request_token(client, NULL, &error));
    CHECK_INVALID("client", text, uservoice_authorize_url(NULL, token, &text, &error));
    CHECK_INVALID("request_token", text, uservoice_authorize_url(client, NULL, &text, &error));
    CHECK_INVALID("url", unused, uservoice_authorize_url(client, token, NULL, &error));
    CHECK_INVALID("client", t, uservoice_login_with_verifier(NULL, token, "v", &t, &error));
    CHECK_INVALID("request_token", t, uservoice_login_with_verifier(client, NULL, "v", &t, &error));
    CHECK_INVALID("verifier", t, uservoice_login_with_verifier(client, token, NULL, &t, &error));
    CHECK_INVALID("verifier", t,
                  uservoice_login_with_verifier(client, token, INVALID_UTF8, &t, &error));
    CHECK_INVALID("token", unused, uservoice_login_with_verifier(client, token, "v", NULL, &error));
    CHECK_INVALID("client", t, uservoice_login_as(NULL, NULL, "a@b.c", &t, &error));
    CHECK_INVALID("email", t, uservoice_login_as(client, token, NULL, &t, &error));
    CHECK_INVALID("email", t, uservoice_login_as(client, NULL, INVALID_UTF8, &t, &error));
    CHECK_INVALID("user_token", unused, uservoice_login_as(client, NULL, "a@b.c", NULL, &error));
    CHECK_INVALID("client", t, uservoice_login_as_owner(NULL, token, &t, &error));
    CHECK_INVALID("owner_token", unused, uservoice_login_as_owner(client, token, NULL, &error));
    CHECK(uservoice_authorize_url(client, token, &text, NULL) == USERVOICE_OK);
    CHECK(strcmp(text, "https://acme.uservoice.com/oauth/authorize?oauth_token=value") == 0);
    uservoice_string_free(text);
}

static void rejects_invalid_oauth2_arguments(void)
{
    int unused = 0;
    char *verifier = (char *)INVALID_UTF8;
    uservoice_token *t;
    CHECK_INVALID("client", t, uservoice_login_with_client_credentials(NULL, &t, &error));
    CHECK_INVALID("token", unused, uservoice_login_with_client_credentials(client, NULL, &error));
    CHECK_INVALID("client", t, uservoice_login_with_password(NULL, "e", "p", &t, &error));
    CHECK_INVALID("email", t, uservoice_login_with_password(client, NULL, "p", &t, &error));
    CHECK_INVALID("email", t, uservoice_login_with_password(client, INVALID_UTF8, "p", &t, &error));
    CHECK_INVALID("password", t, uservoice_login_with_password(client, "e", NULL, &t, &error));
    CHECK_INVALID("password", t,
                  uservoice_login_with_password(client, "e", INVALID_UTF8, &t, &error));
    CHECK_INVALID("token", unused, uservoice_login_with_password(client, "e", "p", NULL, &error));
    CHECK_INVALID("client", text,
                  uservoice_authorize_code_url(NULL, "u", NULL, &text, &verifier, &error));
    CHECK(verifier == NULL);
    CHECK_INVALID("redirect_uri", text,
                  uservoice_authorize_code_url(client, NULL, NULL, &text, &verifier, &error));
    CHECK_INVALID(
        "redirect_uri", text,
        uservoice_authorize_code_url(client, INVALID_UTF8, NULL, &text, &verifier, &error));
    CHECK_INVALID(
        "state", text,
        uservoice_authorize_code_url(client, "u", INVALID_UTF8, &text, &verifier, &error));
    CHECK_INVALID("url", unused,
                  uservoice_authorize_code_url(client, "u", NULL, NULL, &verifier, &error));
    CHECK_INVALID("redirect_uri", text,
                  uservoice_authorize_code_url(client, "u", NULL, &text, NULL, &error));
    CHECK_INVALID("client", t, uservoice_login_with_code(NULL, "c", "v", "u", &t, &error));
    CHECK_INVALID("code", t, uservoice_login_with_code(client, NULL, "v", "u", &t, &error));
    CHECK_INVALID("code", t, uservoice_login_with_code(client, INVALID_UTF8, "v", "u", &t, &error));
    CHECK_INVALID("code_verifier", t,
                  uservoice_login_with_code(client, "c", INVALID_UTF8, "u", &t, &error));
    CHECK_INVALID("redirect_uri", t, uservoice_login_with_code(client, "c", "v", NULL, &t, &error));
    CHECK_INVALID("redirect_uri", t,
                  uservoice_login_with_code(client, "c", "v", INVALID_UTF8, &t, &error));
    CHECK_INVALID("token", unused, uservoice_login_with_code(client, "c", "v", "u", NULL, &error));
}

typedef uservoice_status request_function(const uservoice_client *, const uservoice_token *, const char *,
                              const char *, char **, uservoice_error **);

static void rejects_invalid_request_arguments(void)
{
    request_function *const all[] = {uservoice_get, uservoice_post, uservoice_put, uservoice_delete};
    const char *const bad_paths[] = {
        INVALID_UTF8,       "",     "api", "@evil.example/", "//evil.example/", "/\\evil", "/a b",
        "/a\r\nHost: evil", "/a#b", "/%zz"};
    int unused = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        CHECK_INVALID("client", text, all[i](NULL, token, "/", NULL, &text, &error));
        CHECK_INVALID("path", text, all[i](client, token, NULL, NULL, &text, &error));
        CHECK_INVALID("params", text, all[i](client, NULL, "/", INVALID_UTF8, &text, &error));
        CHECK_INVALID("params", text, all[i](client, NULL, "/", "{", &text, &error));
        CHECK_INVALID("json", unused, all[i](client, NULL, "/", NULL, NULL, &error));
        for (size_t j = 0; j < sizeof bad_paths / sizeof *bad_paths; j++)
            CHECK_INVALID("path", text, all[i](client, token, bad_paths[j], NULL, &text, &error));
    }
    CHECK_INVALID("client", text,
                  uservoice_request(NULL, NULL, "GET", "/", NULL, NULL, &text, &error));
    CHECK_INVALID("method", text,
                  uservoice_request(client, NULL, NULL, "/", NULL, NULL, &text, &error));
    CHECK_INVALID("method", text,
                  uservoice_request(client, NULL, INVALID_UTF8, "/", NULL, NULL, &text, &error));
    CHECK_INVALID("method", text,
                  uservoice_request(client, NULL, "get", "/", NULL, NULL, &text, &error));
    CHECK_INVALID("path", text,
                  uservoice_request(client, token, "GET", NULL, NULL, NULL, &text, &error));
    CHECK_INVALID("params", text,
                  uservoice_request(client, token, "PUT", "/", INVALID_UTF8, NULL, &text, &error));
    CHECK_INVALID("headers", text,
                  uservoice_request(client, token, "GET", "/", NULL, INVALID_UTF8, &text, &error));
    CHECK_INVALID("response", unused,
                  uservoice_request(client, NULL, "GET", "/", NULL, NULL, NULL, &error));
}

static void rejects_invalid_send_arguments(void)
{
    static const char HEADERS[] = "{\"Content-Type\":\"text/plain\"}";
    int unused = 0;
    CHECK_INVALID("client", text,
                  uservoice_send(NULL, NULL, "POST", "/", HEADERS, "a", 1, &text, &error));
    CHECK_INVALID("method", text,
                  uservoice_send(client, NULL, NULL, "/", HEADERS, "a", 1, &text, &error));
    CHECK_INVALID("method", text,
                  uservoice_send(client, NULL, INVALID_UTF8, "/", HEADERS, "a", 1, &text, &error));
    CHECK_INVALID("method", text,
                  uservoice_send(client, NULL, "GET", "/", HEADERS, "a", 1, &text, &error));
    CHECK_INVALID("path", text,
                  uservoice_send(client, token, "POST", NULL, HEADERS, "a", 1, &text, &error));
    CHECK_INVALID("path", text,
                  uservoice_send(client, token, "POST", "//a", HEADERS, "a", 1, &text, &error));
    CHECK_INVALID("headers", text,
                  uservoice_send(client, token, "POST", "/", NULL, "a", 1, &text, &error));
    CHECK_INVALID("headers", text,
                  uservoice_send(client, token, "POST", "/", "{}", "a", 1, &text, &error));
    CHECK_INVALID("headers", text,
                  uservoice_send(client, token, "POST", "/", INVALID_UTF8, "a", 1, &text, &error));
    CHECK_INVALID("body", text,
                  uservoice_send(client, token, "POST", "/", HEADERS, NULL, 1, &text, &error));
    CHECK_INVALID("body", text,
                  uservoice_send(client, token, "POST", "/", HEADERS, "a", SIZE_MAX, &text, &error));
    CHECK_INVALID("response", unused,
                  uservoice_send(client, token, "POST", "/", HEADERS, "a", 1, NULL, &error));
}

static void rejects_invalid_upload_arguments(void)
{
    int unused = 0;
    CHECK_INVALID("client", text,
                  uservoice_upload(NULL, NULL, "/", "f", NULL, "a", 1, &text, &error));
    CHECK_INVALID("path", text,
                  uservoice_upload(client, token, NULL, "f", NULL, "a", 1, &text, &error));
    CHECK_INVALID("path", text,
                  uservoice_upload(client, token, "a", "f", NULL, "a", 1, &text, &error));
    CHECK_INVALID("filename", text,
                  uservoice_upload(client, token, "/", NULL, NULL, "a", 1, &text, &error));
    CHECK_INVALID("filename", text,
                  uservoice_upload(client, token, "/", INVALID_UTF8, NULL, "a", 1, &text, &error));
    CHECK_INVALID("filename", text,
                  uservoice_upload(client, token, "/", "", NULL, "a", 1, &text, &error));
    CHECK_INVALID("content_type", text,
                  uservoice_upload(client, token, "/", "f", INVALID_UTF8, "a", 1, &text, &error));
    CHECK_INVALID("content_type", text,
                  uservoice_upload(client, token, "/", "f", "png", "a", 1, &text, &error));
    CHECK_INVALID("data", text,
                  uservoice_upload(client, token, "/", "f", NULL, NULL, 1, &text, &error));
    CHECK_INVALID("data", text,
                  uservoice_upload(client, token, "/", "f", NULL, "a", SIZE_MAX, &text, &error));
    CHECK_INVALID("json", unused,
                  uservoice_upload(client, token, "/", "f", NULL, "a", 1, NULL, &error));
}

static void rejects_invalid_collection_arguments(void)
{
    int unused = 0;
    size_t len = 7;
    uservoice_collection *l;
    CHECK_INVALID("client", l, uservoice_collection_new(NULL, NULL, "/", NULL, -1, &l, &error));
    CHECK_INVALID("path", l, uservoice_collection_new(client, token, NULL, NULL, -1, &l, &error));
    CHECK_INVALID("path", l,
                  uservoice_collection_new(client, NULL, INVALID_UTF8, NULL, -1, &l, &error));
    CHECK_INVALID("params", l,
                  uservoice_collection_new(client, NULL, "/", INVALID_UTF8, -1, &l, &error));
    CHECK_INVALID("limit", l, uservoice_collection_new(client, NULL, "/", NULL, -2, &l, &error));
    CHECK_INVALID("out", unused,
                  uservoice_collection_new(client, NULL, "/", NULL, -1, NULL, &error));
    CHECK_INVALID("collection", len, uservoice_collection_len(NULL, &len, &error));
    CHECK_INVALID("len", unused, uservoice_collection_len(collection, NULL, &error));
    CHECK_INVALID("collection", text, uservoice_collection_get(NULL, 0, &text, &error));
    CHECK_INVALID("index", text, uservoice_collection_get(collection, 0, &text, &error));
    CHECK_INVALID("json", unused, uservoice_collection_get(collection, 0, NULL, &error));
    CHECK_INVALID("collection", text, uservoice_collection_next(NULL, &text, &error));
    CHECK_INVALID("json", unused, uservoice_collection_next(collection, NULL, &error));
    CHECK_INVALID("collection", text, uservoice_collection_next_page(NULL, &text, &error));
    CHECK_INVALID("json_array", unused, uservoice_collection_next_page(collection, NULL, &error));
    CHECK_INVALID("collection", text, uservoice_collection_info(NULL, &text, &error));
    CHECK_INVALID("json", unused, uservoice_collection_info(collection, NULL, &error));
    uservoice_collection_rewind(NULL);
    uservoice_collection_rewind(collection);
    CHECK(uservoice_collection_len(collection, &len, NULL) == USERVOICE_OK && len == 0);
    CHECK(uservoice_collection_next(collection, &text, NULL) == USERVOICE_OK && text == NULL);
}

static void rejects_invalid_export_arguments(void)
{
    static const char OPTIONS[] = "{\"resources\":[\"users\"]}";
    int unused = 0;
    uservoice_export *e;
    CHECK_INVALID("client", e, uservoice_export_new(NULL, token, "no", OPTIONS, &e, &error));
    CHECK_INVALID("directory", e, uservoice_export_new(client, NULL, NULL, OPTIONS, &e, &error));
    CHECK_INVALID("directory", e,
                  uservoice_export_new(client, NULL, INVALID_UTF8, OPTIONS, &e, &error));
    CHECK_INVALID("directory", e, uservoice_export_new(client, NULL, "", OPTIONS, &e, &error));
    CHECK_INVALID("options", e, uservoice_export_new(client, NULL, "no", NULL, &e, &error));
    CHECK_INVALID("options", e, uservoice_export_new(client, NULL, "no", INVALID_UTF8, &e, &error));
    CHECK_INVALID("options.resources", e,
                  uservoice_export_new(client, NULL, "no", "{}", &e, &error));
    CHECK_INVALID("options.sinse", e,
                  uservoice_export_new(client, NULL, "no", "{\"sinse\":1}", &e, &error));
    CHECK_INVALID("out", unused, uservoice_export_new(client, NULL, "no", OPTIONS, NULL, &error));
    CHECK_INVALID("export", text, uservoice_export_next(NULL, &text, &error));

    char directory[64], lock[80];
    snprintf(directory, sizeof directory, "/tmp/uservoice-test-arguments.%ld", (long)getpid());
    snprintf(lock, sizeof lock, "%s/state.lock", directory);
    CHECK(uservoice_export_new(client, NULL, directory, OPTIONS, &e, NULL) == USERVOICE_OK);
    CHECK_INVALID("progress", unused, uservoice_export_next(e, NULL, &error));
    uservoice_export_free(e);
    CHECK(unlink(lock) == 0 && rmdir(directory) == 0);
}

int main(void)
{
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", USERVOICE_VERSION_MAJOR,
             USERVOICE_VERSION_MINOR, USERVOICE_VERSION_PATCH);
    CHECK(strcmp(uservoice_version(), version) == 0);
    CHECK(strcmp(uservoice_status_name(USERVOICE_NOT_FOUND), "NOT_FOUND") == 0);
    CHECK(strcmp(uservoice_status_name(-5), "UNKNOWN") == 0);

    CHECK(uservoice_client_new("acme", "k", "s", NULL, &client, NULL) == USERVOICE_OK);
    CHECK(uservoice_token_new("value", "secret", &token, NULL) == USERVOICE_OK);
    CHECK(uservoice_collection_new(client, NULL, "/users", NULL, 0, &collection, NULL)
          == USERVOICE_OK);
    rejects_invalid_sso_arguments();
    rejects_invalid_jwt_arguments();
    does_not_verify_invalid_utf8();
    rejects_invalid_webhook_arguments();
    rejects_invalid_json_arguments();
    rejects_invalid_client_arguments();
    rejects_invalid_interrupt_arguments();
    rejects_invalid_log_arguments();
    rejects_invalid_token_arguments();
    rejects_invalid_login_arguments();
    rejects_invalid_oauth2_arguments();
    rejects_invalid_request_arguments();
    rejects_invalid_send_arguments();
    rejects_invalid_upload_arguments();
    rejects_invalid_collection_arguments();
    rejects_invalid_export_arguments();
    uservoice_client_free(client);
    uservoice_collection_free(collection);
    uservoice_token_free(token);

    CHECK(uservoice_error_status(NULL) == USERVOICE_OK);
    CHECK(strcmp(uservoice_error_message(NULL), "") == 0);
    CHECK(uservoice_error_http_status(NULL) == 0);
    CHECK(uservoice_error_outcome(NULL) == USERVOICE_OUTCOME_NOT_SENT);
    CHECK(uservoice_error_type(NULL) == NULL && uservoice_error_body(NULL) == NULL);
    CHECK(uservoice_error_request(NULL) == NULL && uservoice_error_argument(NULL) == NULL);
    CHECK(uservoice_error_header(NULL, "Date") == NULL);
    CHECK(uservoice_error_header(NULL, NULL) == NULL);
    CHECK(uservoice_error_retry_after_ms(NULL) == -1);
    uservoice_string_free(NULL);
    uservoice_error_free(NULL);
    uservoice_client_free(NULL);
    uservoice_token_free(NULL);
    uservoice_collection_free(NULL);
    uservoice_export_free(NULL);
    puts("test_arguments: passed");
    return 0;
}
