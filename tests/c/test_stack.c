/* The stack that a call needs, on threads of that size. The figure is in the header, for a release
 * build: 64 KiB. USERVOICE_STACK_KIB is that of another build. */
#include "check.h"

#include <pthread.h>

enum { RELEASE_BUILD_KIB = 64 };

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
    const size_t kib = other_build != NULL ? strtoul(other_build, NULL, 10) : RELEASE_BUILD_KIB;
    const char *ca_file = getenv("USERVOICE_SANDBOX_CA_FILE");
    char options[256] = "", parent[] = "/tmp/uservoice-test-stack.XXXXXX", command[64];
    if (ca_file != NULL)
        snprintf(options, sizeof options, "\"ca_file\":\"%s\"", ca_file);
    CHECK(mkdtemp(parent) != NULL);
    directory = parent;
    client = sandbox_client(options);
    run_with_stack(kib, send_request);
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
