/* Every function with each argument NULL in turn, and with invalid UTF-8: the
 * answer is an error that names the argument, and the outputs are defined. */
#include "check.h"

#include <unistd.h>

static const char BAD[] = "\xff\xfe";

/* The call fails as the caller's mistake, names `argument`, and leaves `out`. */
#define REFUSED(argument, out, call)                                          \
    do {                                                                      \
        uservoice_error *error = NULL;                                        \
        CHECK((call) == USERVOICE_INVALID_ARGUMENT);                          \
        CHECK(error != NULL && (out) == 0);                                   \
        CHECK(uservoice_error_status(error) == USERVOICE_INVALID_ARGUMENT);   \
        if (strstr(uservoice_error_message(error), argument) == NULL) {       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,                \
                    uservoice_error_message(error));                          \
            exit(1);                                                          \
        }                                                                     \
        CHECK(uservoice_error_http_status(error) == 0);                       \
        CHECK(uservoice_error_type(error) == NULL);                           \
        CHECK(uservoice_error_body(error) == NULL);                           \
        CHECK(uservoice_error_outcome(error) == 0);                           \
        CHECK(uservoice_error_retry_after_ms(error) == -1);                   \
        uservoice_error_free(error);                                          \
    } while (0)

static char *text = (char *)BAD;
static uservoice_client *client;
static uservoice_token *token;
static uservoice_collection *list;

static void sso(void)
{
    const char *good[3] = {"acme", "key", "{}"};
    const char *names[3] = {"subdomain", "sso_key", "user_json"};
    for (int i = 0; i < 6; i++) {
        const char *a[3] = {good[0], good[1], good[2]};
        a[i % 3] = i < 3 ? NULL : BAD;
        text = (char *)BAD;
        REFUSED(names[i % 3], text, uservoice_sso_token(a[0], a[1], a[2], 0, &text, &error));
        text = (char *)BAD;
        REFUSED(i % 3 == 2 ? "token" : names[i % 3], text,
                uservoice_sso_decrypt(a[0], a[1], a[2], &text, &error));
    }
    int nothing = 0;
    REFUSED("token", nothing, uservoice_sso_token("acme", "key", "{}", 0, NULL, &error));
    REFUSED("user_json", nothing, uservoice_sso_decrypt("acme", "key", "x", NULL, &error));
    CHECK(uservoice_sso_token(NULL, NULL, NULL, 0, NULL, NULL) == USERVOICE_INVALID_ARGUMENT);

    CHECK(uservoice_sso_token("acme", "key", "{\"n\":1.10}", 60, &text, NULL) == USERVOICE_OK);
    char *user;
    CHECK(uservoice_sso_decrypt("acme", "key", text, &user, NULL) == USERVOICE_OK);
    CHECK(strncmp(user, "{\"n\":1.10,\"expires\":\"", 21) == 0);
    uservoice_string_free(user);
    uservoice_string_free(text);
}

static void jwts(void)
{
    int nothing = 0;
    REFUSED("sso_key", text, uservoice_sso_jwt(NULL, "{}", 0, &text, &error));
    REFUSED("sso_key", text, uservoice_sso_jwt(BAD, "{}", 0, &text, &error));
    REFUSED("sso_key", text, uservoice_sso_jwt("", "{}", 0, &text, &error));
    REFUSED("user_json", text, uservoice_sso_jwt("key", NULL, 0, &text, &error));
    REFUSED("user_json", text, uservoice_sso_jwt("key", BAD, 0, &text, &error));
    REFUSED("guid", text, uservoice_sso_jwt("key", "{}", 0, &text, &error));
    REFUSED("valid_for", text,
            uservoice_sso_jwt("key", "{\"guid\":1,\"email\":\"e\"}", -1, &text, &error));
    REFUSED("jwt", nothing, uservoice_sso_jwt("key", "{}", 0, NULL, &error));
    REFUSED("sso_key", text, uservoice_sso_jwt_verify(NULL, "a.b.c", 0, &text, &error));
    REFUSED("sso_key", text, uservoice_sso_jwt_verify(BAD, "a.b.c", 0, &text, &error));
    REFUSED("jwt", text, uservoice_sso_jwt_verify("key", NULL, 0, &text, &error));
    REFUSED("jwt", text, uservoice_sso_jwt_verify("key", BAD, 0, &text, &error));
    REFUSED("jwt", text, uservoice_sso_jwt_verify("key", "a.b.c", 0, &text, &error));
    REFUSED("leeway", text, uservoice_sso_jwt_verify("key", "a.b.c", -1, &text, &error));
    REFUSED("user_json", nothing, uservoice_sso_jwt_verify("key", "a.b.c", 0, NULL, &error));
    REFUSED("client", text, uservoice_sso_url(NULL, "t", NULL, &text, &error));
    REFUSED("token", text, uservoice_sso_url(client, NULL, NULL, &text, &error));
    REFUSED("token", text, uservoice_sso_url(client, BAD, NULL, &text, &error));
    REFUSED("token", text, uservoice_sso_url(client, "a&b", NULL, &text, &error));
    REFUSED("return_path", text, uservoice_sso_url(client, "t", BAD, &text, &error));
    REFUSED("return_path", text, uservoice_sso_url(client, "t", "//evil.example", &text, &error));
    REFUSED("url", nothing, uservoice_sso_url(client, "t", NULL, NULL, &error));
}

static void webhooks(void)
{
    int nothing = 0;
    REFUSED("sso_key", nothing, uservoice_webhook_verify(NULL, "{}", 2, "00", &error));
    REFUSED("sso_key", nothing, uservoice_webhook_verify(BAD, "{}", 2, "00", &error));
    REFUSED("data", nothing, uservoice_webhook_verify("key", NULL, 2, "00", &error));
    REFUSED("data", nothing, uservoice_webhook_verify("key", "{}", SIZE_MAX, "00", &error));
    REFUSED("signature", nothing, uservoice_webhook_verify("key", BAD, 2, "00", &error));
    REFUSED("signature", nothing, uservoice_webhook_verify("key", "{}", 2, NULL, &error));
    REFUSED("signature", nothing, uservoice_webhook_verify("key", "{}", 2, BAD, &error));
    REFUSED("sso_key", text, uservoice_webhook_read(NULL, "a=b", 3, &text, &error));
    REFUSED("sso_key", text, uservoice_webhook_read(BAD, "a=b", 3, &text, &error));
    REFUSED("body", text, uservoice_webhook_read("key", NULL, 3, &text, &error));
    REFUSED("body", text, uservoice_webhook_read("key", BAD, 2, &text, &error));
    REFUSED("event", text, uservoice_webhook_read("key", "a=b", 3, &text, &error));
    REFUSED("json", nothing, uservoice_webhook_read("key", "a=b", 3, NULL, &error));
}

static void clients(void)
{
    int nothing = 0;
    uservoice_client *c;
    REFUSED("subdomain", c, uservoice_client_new(NULL, "k", "s", NULL, &c, &error));
    REFUSED("subdomain", c, uservoice_client_new(BAD, "k", "s", NULL, &c, &error));
    REFUSED("subdomain", c, uservoice_client_new("a@b", "k", "s", NULL, &c, &error));
    REFUSED("api_key", c, uservoice_client_new("acme", NULL, "s", NULL, &c, &error));
    REFUSED("api_key", c, uservoice_client_new("acme", BAD, "s", NULL, &c, &error));
    REFUSED("api_secret", c, uservoice_client_new("acme", "k", BAD, NULL, &c, &error));
    REFUSED("options", c, uservoice_client_new("acme", "k", "s", BAD, &c, &error));
    REFUSED("time_out", c, uservoice_client_new("acme", "k", "s", "{\"time_out\":1}", &c, &error));
    REFUSED("client", nothing, uservoice_client_new("acme", "k", "s", NULL, NULL, &error));
    CHECK(uservoice_client_new("acme", "k", NULL, NULL, &c, NULL) == USERVOICE_OK);
    uservoice_client_free(c);

    REFUSED("client", c, uservoice_client_clone(NULL, NULL, &c, &error));
    REFUSED("options", c, uservoice_client_clone(client, BAD, &c, &error));
    REFUSED("per_page", c, uservoice_client_clone(client, "{\"per_page\":0}", &c, &error));
    REFUSED("clone", nothing, uservoice_client_clone(client, NULL, NULL, &error));
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

static void logs(void)
{
    int lines = 0, nothing = 0;
    uservoice_client *c, *clone;
    const char *options = "{\"base_url\":\"http://127.0.0.1:1\",\"max_retries\":0}";
    CHECK(uservoice_client_new("acme", "k", "s", options, &c, NULL) == USERVOICE_OK);
    REFUSED("client", nothing,
            uservoice_client_set_log(NULL, USERVOICE_LOG_INFO, count_line, &lines, &error));
    REFUSED("level", nothing, uservoice_client_set_log(c, 3, count_line, &lines, &error));
    REFUSED("level", nothing, uservoice_client_set_log(c, -1, count_line, &lines, &error));
    REFUSED("callback", nothing,
            uservoice_client_set_log(c, USERVOICE_LOG_INFO, NULL, &lines, &error));
    CHECK(uservoice_client_set_log(c, USERVOICE_LOG_INFO, count_line, &lines, NULL) == USERVOICE_OK);
    REFUSED("client", nothing,
            uservoice_client_set_log(c, USERVOICE_LOG_INFO, count_line, &lines, &error));
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

static void tokens(void)
{
    int nothing = 0;
    uservoice_token *t;
    REFUSED("token", t, uservoice_token_new(NULL, "s", &t, &error));
    REFUSED("token", t, uservoice_token_new(BAD, "s", &t, &error));
    REFUSED("token", t, uservoice_token_new("", "s", &t, &error));
    REFUSED("secret", t, uservoice_token_new("t", NULL, &t, &error));
    REFUSED("secret", t, uservoice_token_new("t", BAD, &t, &error));
    REFUSED("out", nothing, uservoice_token_new("t", "s", NULL, &error));
    REFUSED("json", t, uservoice_token_from_json(NULL, &t, &error));
    REFUSED("json", t, uservoice_token_from_json(BAD, &t, &error));
    REFUSED("json", t, uservoice_token_from_json("{}", &t, &error));
    REFUSED("out", nothing, uservoice_token_from_json("{}", NULL, &error));
    REFUSED("token", text, uservoice_token_json(NULL, &text, &error));
    REFUSED("json", nothing, uservoice_token_json(token, NULL, &error));
    CHECK(uservoice_token_value(NULL) == NULL && uservoice_token_secret(NULL) == NULL);

    CHECK(uservoice_token_json(token, &text, NULL) == USERVOICE_OK);
    CHECK(uservoice_token_from_json(text, &t, NULL) == USERVOICE_OK);
    CHECK(strcmp(uservoice_token_value(t), "value") == 0);
    CHECK(strcmp(uservoice_token_secret(t), "secret") == 0);
    uservoice_string_free(text);
    uservoice_token_free(t);
}

static void logins(void)
{
    int nothing = 0;
    uservoice_token *t;
    REFUSED("client", t, uservoice_request_token(NULL, &t, &error));
    REFUSED("request_token", nothing, uservoice_request_token(client, NULL, &error));
    REFUSED("client", text, uservoice_authorize_url(NULL, token, &text, &error));
    REFUSED("request_token", text, uservoice_authorize_url(client, NULL, &text, &error));
    REFUSED("url", nothing, uservoice_authorize_url(client, token, NULL, &error));
    REFUSED("client", t, uservoice_login_with_verifier(NULL, token, "v", &t, &error));
    REFUSED("request_token", t, uservoice_login_with_verifier(client, NULL, "v", &t, &error));
    REFUSED("verifier", t, uservoice_login_with_verifier(client, token, NULL, &t, &error));
    REFUSED("verifier", t, uservoice_login_with_verifier(client, token, BAD, &t, &error));
    REFUSED("token", nothing, uservoice_login_with_verifier(client, token, "v", NULL, &error));
    REFUSED("client", t, uservoice_login_as(NULL, NULL, "a@b.c", &t, &error));
    REFUSED("email", t, uservoice_login_as(client, token, NULL, &t, &error));
    REFUSED("email", t, uservoice_login_as(client, NULL, BAD, &t, &error));
    REFUSED("as", nothing, uservoice_login_as(client, NULL, "a@b.c", NULL, &error));
    REFUSED("client", t, uservoice_login_as_owner(NULL, token, &t, &error));
    REFUSED("as", nothing, uservoice_login_as_owner(client, token, NULL, &error));
    CHECK(uservoice_authorize_url(client, token, &text, NULL) == USERVOICE_OK);
    CHECK(strcmp(text, "https://acme.uservoice.com/oauth/authorize?oauth_token=value") == 0);
    uservoice_string_free(text);
}

static void bearer_logins(void)
{
    int nothing = 0;
    char *verifier = (char *)BAD;
    uservoice_token *t;
    REFUSED("client", t, uservoice_login_with_client_credentials(NULL, &t, &error));
    REFUSED("token", nothing, uservoice_login_with_client_credentials(client, NULL, &error));
    REFUSED("client", t, uservoice_login_with_password(NULL, "e", "p", &t, &error));
    REFUSED("email", t, uservoice_login_with_password(client, NULL, "p", &t, &error));
    REFUSED("email", t, uservoice_login_with_password(client, BAD, "p", &t, &error));
    REFUSED("password", t, uservoice_login_with_password(client, "e", NULL, &t, &error));
    REFUSED("password", t, uservoice_login_with_password(client, "e", BAD, &t, &error));
    REFUSED("token", nothing, uservoice_login_with_password(client, "e", "p", NULL, &error));
    REFUSED("client", text, uservoice_authorize_code_url(NULL, "u", NULL, &text, &verifier, &error));
    CHECK(verifier == NULL);
    REFUSED("redirect_uri", text,
            uservoice_authorize_code_url(client, NULL, NULL, &text, &verifier, &error));
    REFUSED("redirect_uri", text,
            uservoice_authorize_code_url(client, BAD, NULL, &text, &verifier, &error));
    REFUSED("state", text,
            uservoice_authorize_code_url(client, "u", BAD, &text, &verifier, &error));
    REFUSED("url", nothing,
            uservoice_authorize_code_url(client, "u", NULL, NULL, &verifier, &error));
    REFUSED("code_verifier", text,
            uservoice_authorize_code_url(client, "u", NULL, &text, NULL, &error));
    REFUSED("client", t, uservoice_login_with_code(NULL, "c", "v", "u", &t, &error));
    REFUSED("code", t, uservoice_login_with_code(client, NULL, "v", "u", &t, &error));
    REFUSED("code", t, uservoice_login_with_code(client, BAD, "v", "u", &t, &error));
    REFUSED("code_verifier", t, uservoice_login_with_code(client, "c", NULL, "u", &t, &error));
    REFUSED("code_verifier", t, uservoice_login_with_code(client, "c", BAD, "u", &t, &error));
    REFUSED("redirect_uri", t, uservoice_login_with_code(client, "c", "v", NULL, &t, &error));
    REFUSED("redirect_uri", t, uservoice_login_with_code(client, "c", "v", BAD, &t, &error));
    REFUSED("token", nothing, uservoice_login_with_code(client, "c", "v", "u", NULL, &error));
}

typedef uservoice_status call(const uservoice_client *, const uservoice_token *, const char *,
                              const char *, char **, uservoice_error **);

static void calls(void)
{
    call *const all[] = {uservoice_get, uservoice_post, uservoice_put, uservoice_delete};
    const char *const bad_paths[] = {BAD, "", "api", "@evil.example/", "//evil.example/",
                                     "/\\evil", "/a b", "/a\r\nHost: evil", "/a#b", "/%zz"};
    int nothing = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        REFUSED("client", text, all[i](NULL, token, "/", NULL, &text, &error));
        REFUSED("path", text, all[i](client, token, NULL, NULL, &text, &error));
        REFUSED("params", text, all[i](client, NULL, "/", BAD, &text, &error));
        REFUSED("params", text, all[i](client, NULL, "/", "{", &text, &error));
        REFUSED("json", nothing, all[i](client, NULL, "/", NULL, NULL, &error));
        for (size_t j = 0; j < sizeof bad_paths / sizeof *bad_paths; j++)
            REFUSED("path", text, all[i](client, token, bad_paths[j], NULL, &text, &error));
    }
    REFUSED("client", text, uservoice_request(NULL, NULL, "GET", "/", NULL, NULL, &text, &error));
    REFUSED("method", text, uservoice_request(client, NULL, NULL, "/", NULL, NULL, &text, &error));
    REFUSED("method", text, uservoice_request(client, NULL, BAD, "/", NULL, NULL, &text, &error));
    REFUSED("method", text, uservoice_request(client, NULL, "get", "/", NULL, NULL, &text, &error));
    REFUSED("path", text, uservoice_request(client, token, "GET", NULL, NULL, NULL, &text, &error));
    REFUSED("params", text, uservoice_request(client, token, "PUT", "/", BAD, NULL, &text, &error));
    REFUSED("headers", text, uservoice_request(client, token, "GET", "/", NULL, BAD, &text, &error));
    REFUSED("response_json", nothing,
            uservoice_request(client, NULL, "GET", "/", NULL, NULL, NULL, &error));
}

static void collections(void)
{
    int nothing = 0;
    size_t len = 7;
    uservoice_collection *l;
    REFUSED("client", l, uservoice_collection_new(NULL, NULL, "/", NULL, -1, &l, &error));
    REFUSED("path", l, uservoice_collection_new(client, token, NULL, NULL, -1, &l, &error));
    REFUSED("path", l, uservoice_collection_new(client, NULL, BAD, NULL, -1, &l, &error));
    REFUSED("params", l, uservoice_collection_new(client, NULL, "/", BAD, -1, &l, &error));
    REFUSED("limit", l, uservoice_collection_new(client, NULL, "/", NULL, -2, &l, &error));
    REFUSED("out", nothing, uservoice_collection_new(client, NULL, "/", NULL, -1, NULL, &error));
    REFUSED("collection", len, uservoice_collection_len(NULL, &len, &error));
    REFUSED("len", nothing, uservoice_collection_len(list, NULL, &error));
    REFUSED("collection", text, uservoice_collection_get(NULL, 0, &text, &error));
    REFUSED("index", text, uservoice_collection_get(list, 0, &text, &error));
    REFUSED("json", nothing, uservoice_collection_get(list, 0, NULL, &error));
    REFUSED("collection", text, uservoice_collection_next(NULL, &text, &error));
    REFUSED("json", nothing, uservoice_collection_next(list, NULL, &error));
    REFUSED("collection", text, uservoice_collection_next_page(NULL, &text, &error));
    REFUSED("json_array", nothing, uservoice_collection_next_page(list, NULL, &error));
    REFUSED("collection", text, uservoice_collection_info(NULL, &text, &error));
    REFUSED("json", nothing, uservoice_collection_info(list, NULL, &error));
    uservoice_collection_rewind(NULL);
    uservoice_collection_rewind(list);
    CHECK(uservoice_collection_len(list, &len, NULL) == USERVOICE_OK && len == 0);
    CHECK(uservoice_collection_next(list, &text, NULL) == USERVOICE_OK && text == NULL);
}

static void exports(void)
{
    static const char OPTIONS[] = "{\"resources\":[\"users\"]}";
    int nothing = 0;
    uservoice_export *e;
    REFUSED("client", e, uservoice_export_new(NULL, token, "no", OPTIONS, &e, &error));
    REFUSED("directory", e, uservoice_export_new(client, NULL, NULL, OPTIONS, &e, &error));
    REFUSED("directory", e, uservoice_export_new(client, NULL, BAD, OPTIONS, &e, &error));
    REFUSED("directory", e, uservoice_export_new(client, NULL, "", OPTIONS, &e, &error));
    REFUSED("options", e, uservoice_export_new(client, NULL, "no", NULL, &e, &error));
    REFUSED("options", e, uservoice_export_new(client, NULL, "no", BAD, &e, &error));
    REFUSED("resources", e, uservoice_export_new(client, NULL, "no", "{}", &e, &error));
    REFUSED("sinse", e, uservoice_export_new(client, NULL, "no", "{\"sinse\":1}", &e, &error));
    REFUSED("out", nothing, uservoice_export_new(client, NULL, "no", OPTIONS, NULL, &error));
    REFUSED("export", text, uservoice_export_next(NULL, &text, &error));

    char directory[64], lock[80];
    snprintf(directory, sizeof directory, "/tmp/uservoice-test-arguments.%ld", (long)getpid());
    snprintf(lock, sizeof lock, "%s/state.lock", directory);
    CHECK(uservoice_export_new(client, NULL, directory, OPTIONS, &e, NULL) == USERVOICE_OK);
    REFUSED("progress_json", nothing, uservoice_export_next(e, NULL, &error));
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
    CHECK(uservoice_collection_new(client, NULL, "/users", NULL, 0, &list, NULL) == USERVOICE_OK);
    sso();
    jwts();
    webhooks();
    clients();
    logs();
    tokens();
    logins();
    bearer_logins();
    calls();
    collections();
    exports();
    uservoice_client_free(client);
    uservoice_collection_free(list);
    uservoice_token_free(token);

    CHECK(uservoice_error_status(NULL) == USERVOICE_OK);
    CHECK(strcmp(uservoice_error_message(NULL), "") == 0);
    CHECK(uservoice_error_http_status(NULL) == 0 && uservoice_error_outcome(NULL) == 0);
    CHECK(uservoice_error_type(NULL) == NULL && uservoice_error_body(NULL) == NULL);
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
