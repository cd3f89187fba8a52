/* The process ends while other threads call the library, a collection prefetches, a connection is
 * being opened and an export runs: by exit(), also in a callback of the library, quick_exit() or
 * _exit(). The threads outlive the end of main(), and nothing may crash. */
#include "check.h"

#include <arpa/inet.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>

extern char **environ;

enum { EXITS = 100, CALLERS = 32, KINDS = 4 };

static atomic_int busy_threads;
static const char *directory, *unanswered_url;

enum way { EXIT, QUICK_EXIT, UNDERSCORE_EXIT, EXIT_IN_LOG, EXIT_IN_INTERRUPT, WAYS };
static _Atomic(enum way) way_in_callback = WAYS;

/* Exits if that is the way. Only one thread may call exit(). */
static void exit_in_callback(enum way way)
{
    static atomic_flag is_exiting = ATOMIC_FLAG_INIT;
    if (way_in_callback != way)
        return;
    while (atomic_flag_test_and_set(&is_exiting))
        pause();
    exit(0);
}

static void log_or_exit(int32_t level, const char *line, void *user_data)
{
    (void)level, (void)line, (void)user_data;
    exit_in_callback(EXIT_IN_LOG);
}

static int32_t interrupt_or_exit(void *user_data)
{
    (void)user_data;
    exit_in_callback(EXIT_IN_INTERRUPT);
    return 0;
}

/* A thread calls this when it is about to do, or has done, its first call. */
static void is_busy(int calls)
{
    if (calls == 0)
        busy_threads++;
}

static void *send_requests(void *client)
{
    for (int calls = 0; calls < INT_MAX; calls++) {
        char *json = NULL;
        if (uservoice_get(client, NULL, "/api/v1/forums", NULL, &json, NULL) == USERVOICE_OK)
            is_busy(calls);
        uservoice_string_free(json);
    }
    return client;
}

static void *read_collections(void *client)
{
    for (int calls = 0; calls < INT_MAX; calls++) {
        uservoice_collection *list;
        CHECK_OK(uservoice_collection_new(client, NULL, "/api/v1/suggestions?per_page=5", NULL, -1,
                                          &list, &error));
        /* The second page starts prefetch threads. */
        for (int i = 0; i < 300; i++) {
            char *json = NULL;
            (void)!uservoice_collection_next(list, &json, NULL);
            uservoice_string_free(json);
            if (i == 10)
                is_busy(calls);
        }
        uservoice_collection_free(list);
    }
    return client;
}

static void *run_export(void *client)
{
    uservoice_export *export;
    char *progress = NULL;
    const char *options = "{\"resources\":[{\"name\":\"suggestions\","
                          "\"path\":\"/api/v1/suggestions?per_page=5\"}]}";
    CHECK_OK(uservoice_export_new(client, NULL, directory, options, &export, &error));
    for (int calls = 0; calls < INT_MAX; calls++) {
        CHECK_OK(uservoice_export_next(export, &progress, &error));
        is_busy(calls);
        uservoice_string_free(progress);
    }
    return client;
}

/* No connection is accepted: the thread that opens it waits. */
static void *connect_in_vain(void *unused)
{
    uservoice_client *client;
    char options[128], *json;
    snprintf(options, sizeof options, "{\"base_url\":\"%s\"}", unanswered_url);
    CHECK_OK(uservoice_client_new("acme", "key", "secret", options, &client, &error));
    is_busy(0);
    (void)!uservoice_get(client, NULL, "/a", NULL, &json, NULL);
    return unused;
}

static void start(void *(*work)(void *), void *client)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, work, client) == 0);
    CHECK(pthread_detach(thread) == 0);
}

/* Runs in a process of its own, which ends with the status 0. */
static void end_amid_calls(enum way way)
{
    uservoice_client *client = sandbox_client("\"max_retries\":0");
    CHECK_OK(uservoice_client_set_log(client, USERVOICE_LOG_INFO, log_or_exit, NULL, &error));
    CHECK_OK(uservoice_client_set_interrupt(client, interrupt_or_exit, NULL, &error));
    for (int i = 0; i < CALLERS; i++)
        start(send_requests, client);
    start(read_collections, client);
    start(run_export, client);
    start(connect_in_vain, NULL);
    while (busy_threads < CALLERS + KINDS - 1)
        usleep(1000);
    switch (way) {
    case QUICK_EXIT:
        quick_exit(0);
    case UNDERSCORE_EXIT:
        _exit(0);
    case EXIT_IN_LOG:
    case EXIT_IN_INTERRUPT:
        way_in_callback = way;
        for (;;)
            pause();
    default:
        exit(0);
    }
}

/* Listens on a port and fills its queue, so that further connections are not opened. */
static void listen_without_accepting(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 0) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    for (int i = 0; i < 4; i++) {
        const int queued = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CHECK(queued >= 0);
        (void)!connect(queued, (struct sockaddr *)&address, sizeof address);
    }
    snprintf(url, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
}

int main(int argc, char **argv)
{
    if (argc == 4) {
        directory = argv[1];
        unanswered_url = argv[2];
        end_amid_calls((enum way)atoi(argv[3]));
    }
    char url[64], way[8], parent[] = "/tmp/uservoice-test-exit.XXXXXX", child_directory[64], command[64];
    reset_sandbox();
    CHECK(mkdtemp(parent) != NULL);
    listen_without_accepting(url, sizeof url);
    for (int i = 0; i < EXITS; i++) {
        pid_t child;
        int status;
        snprintf(child_directory, sizeof child_directory, "%s/%d", parent, i);
        snprintf(way, sizeof way, "%d", i % WAYS);
        char *arguments[] = {argv[0], child_directory, url, way, NULL};
        CHECK(posix_spawn(&child, argv[0], NULL, NULL, arguments, environ) == 0);
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    snprintf(command, sizeof command, "rm -r %s", parent);
    CHECK(system(command) == 0);
    puts("test_exit: passed");
    return 0;
}
