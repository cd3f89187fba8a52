/* Ctrl-C: a signal handler sets a flag, and an interrupt callback returns it. Each kind of wait
 * ends. (That for a TLS handshake is in tests/faults/interrupt.rs.) */
#include "check.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stop;
static pthread_t main_thread;

static void on_interrupt(int number)
{
    (void)number;
    stop = 1;
}

static int32_t stopped(void *user_data)
{
    CHECK(user_data == &main_thread);
    CHECK(pthread_equal(pthread_self(), main_thread));
    return stop;
}

static sem_t end_lookups;

/* Replaces the function of the C library in this program: a lookup that ends with the test. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **results)
{
    (void)node, (void)service, (void)hints, (void)results;
    CHECK(sem_wait(&end_lookups) == 0);
    return EAI_FAIL;
}

static void *press_ctrl_c(void *unused)
{
    usleep(100 * 1000);
    CHECK(pthread_kill(main_thread, SIGINT) == 0);
    return unused;
}

/* Calls `call` with `argument` and checks that SIGINT ends it. Returns the outcome. */
static int32_t check_interrupted(uservoice_status (*call)(void *, uservoice_error **),
                                 void *argument)
{
    pthread_t keyboard;
    uservoice_error *error = NULL;
    stop = 0;
    CHECK(pthread_create(&keyboard, NULL, press_ctrl_c, NULL) == 0);
    CHECK_FAILS(USERVOICE_CANCELLED, call(argument, &error));
    CHECK_CONTAINS(uservoice_error_message(error), "the call was interrupted");
    const int32_t outcome = uservoice_error_outcome(error);
    uservoice_error_free(error);
    CHECK(pthread_join(keyboard, NULL) == 0);
    stop = 0;
    return outcome;
}

static uservoice_client *interruptible(uservoice_client *client)
{
    CHECK_OK(uservoice_client_set_interrupt(client, stopped, &main_thread, &error));
    return client;
}

static uservoice_client *client_of(const char *base_url)
{
    char options[256];
    uservoice_client *client;
    snprintf(options, sizeof options,
             "{\"base_url\":\"%s\",\"proxy\":\"\",\"timeout_ms\":86400000,"
             "\"connect_timeout_ms\":86400000}",
             base_url);
    CHECK_OK(uservoice_client_new("sandbox", "key", "secret", options, &client, &error));
    return interruptible(client);
}

/* Returns a socket that accepts connections without reading from them, and its URL. */
static int silent_listener(int backlog, char url[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, backlog) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    snprintf(url, 64, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return listener;
}

static uservoice_status get_user(void *client, uservoice_error **error)
{
    char *json;
    return uservoice_get(client, NULL, "/api/v1/users/1", NULL, &json, error);
}

static uservoice_status put_large_body(void *client, uservoice_error **error)
{
    enum { SIZE = 32 << 20 };
    char *json, *body = malloc(SIZE + 1);
    CHECK(body != NULL);
    memset(body, ' ', SIZE);
    body[SIZE - 1] = '0';
    body[SIZE] = '\0';
    const uservoice_status status = uservoice_put(client, NULL, "/upload", body, &json, error);
    free(body);
    return status;
}

static void ends_name_lookup(void)
{
    uservoice_client *client = client_of("https://feedback.acme.test");
    CHECK(check_interrupted(get_user, client) == USERVOICE_OUTCOME_NOT_SENT);
    uservoice_client_free(client);
    CHECK(sem_post(&end_lookups) == 0);
    wait_for_library_threads();
}

/* A queue that is full drops further connections. */
static void ends_connect(void)
{
    char url[64];
    int connections[64];
    const int listener = silent_listener(0, url);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    for (int i = 0; i < 64; i++) {
        connections[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CHECK(connections[i] >= 0);
        CHECK(connect(connections[i], (struct sockaddr *)&address, size) == -1);
    }
    uservoice_client *client = client_of(url);
    CHECK(check_interrupted(get_user, client) == USERVOICE_OUTCOME_NOT_SENT);
    uservoice_client_free(client);
    for (int i = 0; i < 64; i++)
        CHECK(close(connections[i]) == 0);
    CHECK(close(listener) == 0);
}

static void ends_sending_and_receiving(void)
{
    uservoice_status (*const calls[])(void *, uservoice_error **) = {put_large_body, get_user};
    for (int i = 0; i < 2; i++) {
        char url[64];
        const int listener = silent_listener(16, url);
        uservoice_client *client = client_of(url);
        /* A slow machine may not have sent the request yet. */
        CHECK(check_interrupted(calls[i], client) != USERVOICE_OUTCOME_ANSWERED);
        uservoice_client_free(client);
        CHECK(close(listener) == 0);
    }
}

static void *send_used_up_limit(void *listener)
{
    static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                                   "X-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 3000\r\n\r\n1";
    char request[4096];
    const int stream = accept(*(int *)listener, NULL, NULL);
    CHECK(stream >= 0);
    CHECK(read(stream, request, sizeof request) > 0);
    CHECK(write(stream, response, sizeof response - 1) == sizeof response - 1);
    CHECK(close(stream) == 0);
    return NULL;
}

static void ends_wait_for_rate_limit(void)
{
    char url[64];
    int listener = silent_listener(16, url);
    uservoice_client *client = client_of(url), *patient;
    pthread_t server;
    CHECK(pthread_create(&server, NULL, send_used_up_limit, &listener) == 0);
    uservoice_string_free(get(client, NULL, "/"));
    CHECK(pthread_join(server, NULL) == 0);
    CHECK_OK(uservoice_client_clone(client, "{\"max_retry_wait_ms\":86400000}", &patient, &error));
    CHECK(check_interrupted(get_user, patient) == USERVOICE_OUTCOME_NOT_SENT);
    uservoice_client_free(patient);
    uservoice_client_free(client);
    CHECK(close(listener) == 0);
}

static void ends_wait_between_attempts_and_leaves_the_handle_usable(void)
{
    control("/_sandbox/faults",
            "[{\"path\":\"/api/v1/users/1\",\"status\":503,\"retry_after\":\"3000\"}]");
    uservoice_client *client = interruptible(sandbox_client("\"max_retry_wait_ms\":86400000"));
    (void)check_interrupted(get_user, client);
    uservoice_string_free(get(client, NULL, "/api/v1/suggestions/1"));
    CHECK_OK(uservoice_client_set_interrupt(client, NULL, NULL, &error));
    stop = 1;
    uservoice_string_free(get(client, NULL, "/api/v1/suggestions/1"));
    uservoice_client_free(client);
}

static uservoice_status get_with_token(void *handles, uservoice_error **error)
{
    char *json;
    void **client_and_token = handles;
    return uservoice_get(client_and_token[0], client_and_token[1], "/api/v2/admin/users", NULL,
                         &json, error);
}

static void ends_token_refresh(void)
{
    control("/_sandbox/faults", "[{\"path\":\"/api/v2/oauth/token\",\"delay_ms\":20000}]");
    uservoice_client *client = interruptible(sandbox_client(""));
    uservoice_token *token;
    CHECK_OK(uservoice_token_from_json("{\"type\":\"oauth2\",\"grant\":\"client_credentials\","
                                       "\"token\":\"t\",\"expires_at\":1}",
                                       &token, &error));
    void *handles[] = {client, token};
    CHECK(check_interrupted(get_with_token, handles) == USERVOICE_OUTCOME_NOT_SENT);
    uservoice_token_free(token);
    uservoice_client_free(client);
}

static uservoice_status read_list(void *list, uservoice_error **error)
{
    for (;;) {
        char *json;
        const uservoice_status status = uservoice_collection_next(list, &json, error);
        if (status != USERVOICE_OK)
            return status;
        CHECK(json != NULL);
        uservoice_string_free(json);
    }
}

/* The reader waits for pages that threads of the library load. */
static void ends_wait_for_a_page(void)
{
    control("/_sandbox/faults",
            "[{\"path\":\"/api/v1/suggestions\",\"times\":2},"
            "{\"path\":\"/api/v1/suggestions\",\"times\":20,\"delay_ms\":2000}]");
    uservoice_client *client = interruptible(sandbox_client("\"per_page\":50"));
    uservoice_collection *list;
    char *json;
    CHECK_OK(
        uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    (void)check_interrupted(read_list, list);
    CHECK_OK(uservoice_collection_next(list, &json, &error));
    CHECK(json != NULL);
    uservoice_string_free(json);
    uservoice_collection_free(list);
    uservoice_client_free(client);
}

static uservoice_status run_export(void *export, uservoice_error **error)
{
    for (;;) {
        char *json;
        const uservoice_status status = uservoice_export_next(export, &json, error);
        if (status != USERVOICE_OK)
            return status;
        CHECK(json != NULL);
        uservoice_string_free(json);
    }
}

static void ends_export(void)
{
    char directory[] = "/tmp/uservoice-interrupt-XXXXXX", command[64];
    CHECK(mkdtemp(directory) != NULL);
    control("/_sandbox/faults",
            "[{\"path\":\"/api/v2/admin/users\",\"times\":20,\"delay_ms\":2000}]");
    uservoice_client *client = interruptible(sandbox_client(""));
    uservoice_token *token;
    uservoice_export *export;
    CHECK_OK(uservoice_login_with_client_credentials(client, &token, &error));
    CHECK_OK(uservoice_export_new(client, token, directory, "{\"resources\":[\"users\"]}", &export,
                                  &error));
    (void)check_interrupted(run_export, export);
    uservoice_export_free(export);
    uservoice_token_free(token);
    uservoice_client_free(client);
    snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK(system(command) == 0);
}

int main(void)
{
    main_thread = pthread_self();
    CHECK(sem_init(&end_lookups, 0, 0) == 0);
    CHECK(signal(SIGINT, on_interrupt) != SIG_ERR);
    reset_sandbox();
    ends_connect();
    ends_sending_and_receiving();
    ends_wait_for_rate_limit();
    ends_wait_between_attempts_and_leaves_the_handle_usable();
    reset_sandbox();
    ends_token_refresh();
    reset_sandbox();
    ends_wait_for_a_page();
    reset_sandbox();
    ends_export();
    ends_name_lookup();
    reset_sandbox();
    puts("test_interrupt: passed");
    return 0;
}
