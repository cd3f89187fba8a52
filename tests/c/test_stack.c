/* The stack that a call needs, on threads of that size. The figures are in the header, for a release
 * build: 64 KiB, or 96 KiB through USERVOICE_HTTPS_PROXY. USERVOICE_STACK_KIB is that of another
 * build. */
#include "check.h"

#include <pthread.h>

enum { RELEASE_BUILD_KIB = 64, THROUGH_HTTPS_PROXY_KIB = 96 };

static uservoice_client *client;
static const char *directory;

static void *send_request(void *unused)
{
    char *json;
    uservoice_string_free(get(client, NULL, "/api/v1/forums"));
    CHECK_STATUS(USERVOICE_NOT_FOUND,
                 uservoice_get(client, NULL, "/api/v1/forums/999999", NULL, &json, &error));
    return unused;
}

static void free_token(uservoice_token *token)
{
    uservoice_token *copy;
    char *json;
    CHECK_OK(uservoice_token_json(token, &json, &error));
    CHECK_OK(uservoice_token_from_json(json, &copy, &error));
    uservoice_string_free(json);
    uservoice_token_free(copy);
    uservoice_token_free(token);
}

static void *log_in(void *unused)
{
    uservoice_token *request_token, *token;
    char *url, *code_verifier;
    CHECK_OK(uservoice_request_token(client, &request_token, &error));
    CHECK_OK(uservoice_authorize_url(client, request_token, &url, &error));
    uservoice_string_free(url);
    CHECK_STATUS(USERVOICE_UNAUTHORIZED, uservoice_login_with_verifier(client, request_token,
                                                                       "wrong", &token, &error));
    uservoice_token_free(request_token);
    CHECK_OK(uservoice_login_as(client, NULL, "user1@sandbox.example", &token, &error));
    free_token(token);
    CHECK_OK(uservoice_login_as_owner(client, NULL, &token, &error));
    free_token(token);
    CHECK_OK(uservoice_authorize_code_url(client, "https://a.example/b", "state", &url,
                                          &code_verifier, &error));
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_with_code(client, "wrong", code_verifier, "https://a.example/b",
                                           &token, &error));
    uservoice_string_free(url);
    uservoice_string_free(code_verifier);
    return unused;
}

static void ignore_line(int32_t level, const char *line, void *user_data)
{
    (void)level, (void)line, (void)user_data;
}

static int32_t never(void *user_data)
{
    (void)user_data;
    return 0;
}

static void *call_back(void *unused)
{
    uservoice_client *clone;
    char *json, *lines;
    CHECK_OK(uservoice_client_clone(client, "{\"max_retries\":0}", &clone, &error));
    CHECK_OK(uservoice_client_set_interrupt(clone, never, NULL, &error));
    CHECK_OK(uservoice_client_set_log(clone, USERVOICE_LOG_INFO, ignore_line, NULL, &error));
    CHECK_OK(uservoice_request(clone, NULL, "GET", "/api/v1/forums", "{\"a\":[1]}",
                               "{\"X-A\":\"b\"}", &json, &error));
    uservoice_string_free(json);
    CHECK_OK(uservoice_client_set_log(clone, USERVOICE_LOG_INFO, NULL, NULL, &error));
    uservoice_string_free(get(clone, NULL, "/api/v1/forums"));
    CHECK_OK(uservoice_client_take_log(clone, &lines, &error));
    uservoice_string_free(lines);
    uservoice_client_cancel(clone);
    uservoice_client_free(clone);
    return unused;
}

static void *read_webhook_and_json(void *unused)
{
    char *signature, *json, *value, body[256];
    CHECK_OK(uservoice_webhook_sign("key", "{}", 2, &signature, &error));
    CHECK_OK(uservoice_webhook_verify("key", "{}", 2, signature, &error));
    const int length = snprintf(body, sizeof body, "event=a&data={}&signature=%s", signature);
    CHECK_OK(uservoice_webhook_read("key", body, (size_t)length, &json, &error));
    CHECK_OK(uservoice_json_get(json, "/event", &value, &error));
    uservoice_string_free(value);
    CHECK_OK(uservoice_json_quote(json, &value, &error));
    uservoice_string_free(value);
    uservoice_string_free(json);
    uservoice_string_free(signature);
    return unused;
}

static void *create_and_verify_tokens(void *unused)
{
    char *token, *jwt, *user;
    const char *const data = "{\"guid\":1,\"email\":\"a@example.com\"}";
    CHECK_OK(uservoice_sso_token("acme", "key", data, 0, &token, &error));
    CHECK_OK(uservoice_sso_decrypt("acme", "key", token, &user, &error));
    uservoice_string_free(token);
    uservoice_string_free(user);
    CHECK_OK(uservoice_sso_jwt("key", data, 0, &jwt, &error));
    CHECK_OK(uservoice_sso_jwt_verify("key", jwt, 0, &user, &error));
    uservoice_string_free(jwt);
    uservoice_string_free(user);
    return unused;
}

static void *read_collection(void *unused)
{
    uservoice_collection *list;
    char *json;
    CHECK_OK(uservoice_collection_new(client, NULL, "/api/v1/users", NULL, -1, &list, &error));
    do {
        CHECK_OK(uservoice_collection_next(list, &json, &error));
        uservoice_string_free(json);
    } while (json != NULL);
    uservoice_collection_free(list);
    return unused;
}

static void *run_export(void *unused)
{
    uservoice_token *token;
    uservoice_export *export;
    char *progress;
    CHECK_OK(uservoice_login_with_client_credentials(client, &token, &error));
    CHECK_OK(uservoice_export_new(client, token, directory,
                                  "{\"resources\":[\"users\"],\"format\":\"csv\"}", &export,
                                  &error));
    do {
        CHECK_OK(uservoice_export_next(export, &progress, &error));
        uservoice_string_free(progress);
    } while (progress != NULL);
    uservoice_export_free(export);
    uservoice_token_free(token);
    return unused;
}

static void run_with_stack(size_t kib, void *(*work)(void *))
{
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, kib * 1024) == 0);
    CHECK(pthread_create(&thread, &attributes, work, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
}

int main(void)
{
    const char *other_build = getenv("USERVOICE_STACK_KIB");
    const char *proxy = getenv("USERVOICE_HTTPS_PROXY");
    size_t kib = proxy != NULL ? THROUGH_HTTPS_PROXY_KIB : RELEASE_BUILD_KIB;
    if (other_build != NULL)
        kib = strtoul(other_build, NULL, 10);
    const char *ca_file = getenv("USERVOICE_SANDBOX_CA_FILE");
    char options[512] = "", parent[] = "/tmp/uservoice-test-stack.XXXXXX", command[64];
    if (ca_file != NULL)
        snprintf(options, sizeof options, "\"ca_file\":\"%s\",\"proxy\":\"%s\"", ca_file,
                 proxy != NULL ? proxy : "");
    CHECK(mkdtemp(parent) != NULL);
    directory = parent;
    client = sandbox_client(options);
    run_with_stack(kib, send_request);
    run_with_stack(kib, log_in);
    run_with_stack(kib, call_back);
    run_with_stack(kib, read_webhook_and_json);
    run_with_stack(kib, create_and_verify_tokens);
    run_with_stack(kib, read_collection);
    run_with_stack(kib, run_export);
    uservoice_client_free(client);
    snprintf(command, sizeof command, "rm -r %s", parent);
    CHECK(system(command) == 0);
    wait_for_library_threads();
    puts("test_stack: passed");
    return 0;
}
