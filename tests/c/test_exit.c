/* exit() while other threads call the library, a collection prefetches, a connection is being
 * opened and an export runs: the threads outlive the end of main(), and nothing may crash. */
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

/* Runs in a process of its own, which ends by exit(). */
static void exit_amid_calls(void)
{
    uservoice_client *client = sandbox_client("\"max_retries\":0");
    for (int i = 0; i < CALLERS; i++)
        start(send_requests, client);
    start(read_collections, client);
    start(run_export, client);
    start(connect_in_vain, NULL);
    while (busy_threads < CALLERS + KINDS - 1)
        usleep(1000);
    exit(0);
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
    if (argc == 3) {
        directory = argv[1];
        unanswered_url = argv[2];
        exit_amid_calls();
    }
    char url[64], parent[] = "/tmp/uservoice-test-exit.XXXXXX", child_directory[64], command[64];
    reset_sandbox();
    CHECK(mkdtemp(parent) != NULL);
    listen_without_accepting(url, sizeof url);
    for (int i = 0; i < EXITS; i++) {
        pid_t child;
        int status;
        snprintf(child_directory, sizeof child_directory, "%s/%d", parent, i);
        char *arguments[] = {argv[0], child_directory, url, NULL};
        CHECK(posix_spawn(&child, argv[0], NULL, NULL, arguments, environ) == 0);
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    snprintf(command, sizeof command, "rm -r %s", parent);
    CHECK(system(command) == 0);
    puts("test_exit: passed");
    return 0;
}
