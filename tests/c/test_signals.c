/* The host's signals while calls are made: they interrupt system calls, run on the host's
 * own threads only, and none is raised by us. */
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static pthread_t host;
static volatile sig_atomic_t alarms, strangers, broken_pipes;

static void on_alarm(int number)
{
    (void)number;
    alarms = alarms + 1;
    if (!pthread_equal(pthread_self(), host))
        strangers = strangers + 1;
}

static void on_broken_pipe(int number)
{
    (void)number;
    broken_pipes = broken_pipes + 1;
}

/* Without SA_RESTART: what the signal meets ends with EINTR. */
static void handle(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    CHECK(sigaction(number, &action, NULL) == 0);
}

static void alarm_each_ms(int ms)
{
    const struct timeval interval = {0, ms * 1000};
    const struct itimerval timer = {interval, interval};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

/* Each place where a call waits: connecting, the answer, its body, a retry, pages that
 * threads of ours load. */
static void calls_are_not_disturbed(void)
{
    control("/_sandbox/faults", "[{\"path\":\"/api/v1/forums\",\"delay_ms\":300},"
                                "{\"path\":\"/api/v1/users/current\",\"drip_ms\":2},"
                                "{\"path\":\"/api/v1/users\",\"status\":503,\"retry_after\":\"1\"},"
                                "{\"path\":\"/api/v1/suggestions\",\"times\":20,\"delay_ms\":50}]");
    handle(SIGALRM, on_alarm);
    alarm_each_ms(20);
    uservoice_client *client = sandbox_client("\"per_page\":50");
    uservoice_token *token;
    uservoice_collection *list;
    OK(uservoice_login_as(client, NULL, "user1@sandbox.example", &token, &error));
    const char *const paths[] = {"/api/v1/forums", "/api/v1/users/current", "/api/v1/users"};
    for (int i = 0; i < 3; i++)
        uservoice_string_free(get(client, token, paths[i]));
    OK(uservoice_collection_new(client, token, "/api/v1/suggestions", NULL, -1, &list, &error));
    for (int i = 0; i < 200; i++) {
        char *json;
        OK(uservoice_collection_next(list, &json, &error));
        CHECK(json != NULL);
        uservoice_string_free(json);
    }
    uservoice_collection_free(list);
    uservoice_token_free(token);
    uservoice_client_free(client);
    alarm_each_ms(0);
    CHECK(alarms > 0);
    CHECK(strangers == 0);
}

/* A signal goes to any thread that does not block it, to the first of them before all
 * others: here that one blocks it while threads of ours are at work, which were started
 * before. */
static void no_thread_of_ours_takes_a_signal(void)
{
    control("/_sandbox/faults", "[{\"path\":\"/api/v1/suggestions\",\"times\":20,\"delay_ms\":300}]");
    uservoice_client *client = sandbox_client("\"per_page\":50");
    uservoice_collection *list;
    OK(uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    /* The third page has come; those after it are waited for. */
    for (int i = 0; i < 101; i++) {
        char *json;
        OK(uservoice_collection_next(list, &json, &error));
        uservoice_string_free(json);
    }
    sigset_t blocked, before;
    CHECK(sigemptyset(&blocked) == 0 && sigaddset(&blocked, SIGALRM) == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    alarms = 0;
    alarm_each_ms(5);
    CHECK(usleep(100 * 1000) == 0);
    alarm_each_ms(0);
    CHECK(alarms == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    /* The one that waited. */
    CHECK(alarms == 1 && strangers == 0);
    uservoice_collection_free(list);
    uservoice_client_free(client);
}

enum { UPLOAD = 4 << 20 };

static void *uploads(void *client)
{
    /* More than the buffers of two sockets hold. */
    char *text = malloc(UPLOAD + 1), *json;
    CHECK(text != NULL);
    memset(text, ' ', UPLOAD);
    text[UPLOAD - 1] = '0';
    text[UPLOAD] = '\0';
    REFUSES(USERVOICE_CANCELLED, uservoice_post(client, NULL, "/upload", text, &json, &error));
    free(text);
    return NULL;
}

/* A socket that is shut down while something is written to it raises SIGPIPE, unless the
 * writer takes care. */
static void no_pipe_breaks(void)
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
    OK(uservoice_client_new("sandbox", "key", "secret", options, &client, &error));
    handle(SIGPIPE, on_broken_pipe);
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, uploads, client) == 0);
    const int peer = accept(listener, NULL, NULL);
    CHECK(peer >= 0);
    char byte;
    CHECK(recv(peer, &byte, 1, MSG_PEEK) == 1);
    /* It writes, and nobody reads. */
    uservoice_client_cancel(client);
    CHECK(pthread_join(writer, NULL) == 0);
    CHECK(broken_pipes == 0);
    CHECK(close(peer) == 0 && close(listener) == 0);
    uservoice_client_free(client);
}

int main(void)
{
    host = pthread_self();
    reset_sandbox();
    calls_are_not_disturbed();
    no_thread_of_ours_takes_a_signal();
    no_pipe_breaks();
    reset_sandbox();
    puts("test_signals: passed");
    return 0;
}
