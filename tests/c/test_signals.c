/* Signals during requests: they may interrupt system calls, their handlers run only on threads
 * of the program, and the library raises no SIGPIPE. */
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static pthread_t main_thread;
static volatile sig_atomic_t alarms, alarms_on_other_threads, broken_pipes;

static void on_alarm(int number)
{
    (void)number;
    alarms = alarms + 1;
    if (!pthread_equal(pthread_self(), main_thread))
        alarms_on_other_threads = alarms_on_other_threads + 1;
}

static void on_broken_pipe(int number)
{
    (void)number;
    broken_pipes = broken_pipes + 1;
}

/* Installs a handler without SA_RESTART, so that system calls fail with EINTR. */
static void set_handler(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    CHECK(sigaction(number, &action, NULL) == 0);
}

static void set_alarm_interval_ms(int ms)
{
    const struct timeval interval = {0, ms * 1000};
    const struct itimerval timer = {interval, interval};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

/* Covers each place where a request waits: connect, response, body, retry, prefetched pages. */
static void requests_survive_interrupted_system_calls(void)
{
    control("/_sandbox/faults", "[{\"path\":\"/api/v1/forums\",\"delay_ms\":300},"
                                "{\"path\":\"/api/v1/users/current\",\"drip_ms\":2},"
                                "{\"path\":\"/api/v1/users\",\"status\":503,\"retry_after\":\"1\"},"
                                "{\"path\":\"/api/v1/suggestions\",\"times\":20,\"delay_ms\":50}]");
    set_handler(SIGALRM, on_alarm);
    set_alarm_interval_ms(20);
    uservoice_client *client = sandbox_client("\"per_page\":50");
    uservoice_token *token;
    uservoice_collection *list;
    CHECK_OK(uservoice_login_as(client, NULL, "user1@sandbox.example", &token, &error));
    const char *const paths[] = {"/api/v1/forums", "/api/v1/users/current", "/api/v1/users"};
    for (int i = 0; i < 3; i++)
        uservoice_string_free(get(client, token, paths[i]));
    CHECK_OK(
        uservoice_collection_new(client, token, "/api/v1/suggestions", NULL, -1, &list, &error));
    for (int i = 0; i < 200; i++) {
        char *json;
        CHECK_OK(uservoice_collection_next(list, &json, &error));
        CHECK(json != NULL);
        uservoice_string_free(json);
    }
    uservoice_collection_free(list);
    uservoice_token_free(token);
    uservoice_client_free(client);
    set_alarm_interval_ms(0);
    CHECK(alarms > 0);
    CHECK(alarms_on_other_threads == 0);
}

/* The kernel delivers a signal to a thread that does not block it, preferably the main thread.
 * Here the main thread blocks it while threads of the library are running. */
static void library_threads_block_signals(void)
{
    control("/_sandbox/faults", "[{\"path\":\"/api/v1/suggestions\",\"times\":20,\"delay_ms\":300}]");
    uservoice_client *client = sandbox_client("\"per_page\":50");
    uservoice_collection *list;
    CHECK_OK(
        uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    /* The third page was received; the next ones are being prefetched. */
    for (int i = 0; i < 101; i++) {
        char *json;
        CHECK_OK(uservoice_collection_next(list, &json, &error));
        uservoice_string_free(json);
    }
    sigset_t blocked, before;
    CHECK(sigemptyset(&blocked) == 0 && sigaddset(&blocked, SIGALRM) == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    alarms = 0;
    set_alarm_interval_ms(5);
    CHECK(usleep(100 * 1000) == 0);
    set_alarm_interval_ms(0);
    CHECK(alarms == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    /* The pending one is delivered. */
    CHECK(alarms == 1 && alarms_on_other_threads == 0);
    uservoice_collection_free(list);
    uservoice_client_free(client);
}

enum { BODY_SIZE = 4 << 20 };

static void *send_large_body(void *client)
{
    /* Larger than the buffers of both sockets. */
    char *text = malloc(BODY_SIZE + 1), *json;
    CHECK(text != NULL);
    memset(text, ' ', BODY_SIZE);
    text[BODY_SIZE - 1] = '0';
    text[BODY_SIZE] = '\0';
    CHECK_STATUS(USERVOICE_CANCELLED, uservoice_post(client, NULL, "/upload", text, &json, &error));
    free(text);
    return NULL;
}

/* Writing to a socket that was shut down raises SIGPIPE unless MSG_NOSIGNAL is used. */
static void cancel_raises_no_sigpipe(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int small = 4096;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0);
    CHECK(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small) == 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);

    char options[128];
    uservoice_client *client;
    snprintf(options, sizeof options, "{\"base_url\":\"http://127.0.0.1:%d\"}",
             ntohs(address.sin_port));
    CHECK_OK(uservoice_client_new("sandbox", "key", "secret", options, &client, &error));
    set_handler(SIGPIPE, on_broken_pipe);
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, send_large_body, client) == 0);
    const int peer = accept(listener, NULL, NULL);
    CHECK(peer >= 0);
    char byte;
    CHECK(recv(peer, &byte, 1, MSG_PEEK) == 1);
    /* The writer blocks, since nothing is read. */
    uservoice_client_cancel(client);
    CHECK(pthread_join(writer, NULL) == 0);
    CHECK(broken_pipes == 0);
    CHECK(close(peer) == 0 && close(listener) == 0);
    uservoice_client_free(client);
}

int main(void)
{
    main_thread = pthread_self();
    reset_sandbox();
    requests_survive_interrupted_system_calls();
    library_threads_block_signals();
    cancel_raises_no_sigpipe();
    reset_sandbox();
    puts("test_signals: passed");
    return 0;
}
