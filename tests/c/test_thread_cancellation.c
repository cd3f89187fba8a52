/* pthread_cancel() of a thread in a call: it takes effect after the call, because unwinding a
 * thread by force through the library would abort the process. */
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

static uservoice_client *client;
static int listener;
static int calls_returned;

static int cancellation_state(void)
{
    int state, ignored;
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state) == 0);
    CHECK(pthread_setcancelstate(state, &ignored) == 0);
    return state;
}

static void check_disabled(int32_t level, const char *line, void *user_data)
{
    (void)level, (void)line, (void)user_data;
    CHECK(cancellation_state() == PTHREAD_CANCEL_DISABLE);
}

static void *call_until_cancelled(void *unused)
{
    char *json;
    CHECK_OK(uservoice_get(client, NULL, "/a", NULL, &json, &error));
    uservoice_string_free(json);
    CHECK(cancellation_state() == PTHREAD_CANCEL_ENABLE);
    calls_returned++;
    pthread_testcancel();
    CHECK(!"not cancelled");
    return unused;
}

static void *read_until_cancelled(void *unused)
{
    uservoice_collection *list;
    char *json;
    CHECK_OK(uservoice_collection_new(client, NULL, "/users", NULL, -1, &list, &error));
    CHECK_OK(uservoice_collection_next(list, &json, &error));
    uservoice_string_free(json);
    uservoice_collection_free(list);
    calls_returned++;
    pthread_testcancel();
    CHECK(!"not cancelled");
    return unused;
}

/* Cancels the thread while it waits for the response. */
static void is_cancelled_after_the_call(void *(*work)(void *), const char *body)
{
    char request[4096], response[256];
    pthread_t thread;
    void *result;
    const int calls_before = calls_returned;
    CHECK(pthread_create(&thread, NULL, work, NULL) == 0);
    const int peer = accept(listener, NULL, NULL);
    CHECK(peer >= 0);
    /* A GET request arrives in one piece. */
    CHECK(recv(peer, request, sizeof request, 0) > 0);
    CHECK(pthread_cancel(thread) == 0);
    const int length = snprintf(response, sizeof response,
                                "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
                                "Connection: close\r\n\r\n%s",
                                strlen(body), body);
    CHECK(send(peer, response, (size_t)length, 0) == length);
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK(calls_returned == calls_before + 1);
    CHECK(close(peer) == 0);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    char options[128];
    snprintf(options, sizeof options, "{\"base_url\":\"http://127.0.0.1:%d\",\"max_retries\":0}",
             ntohs(address.sin_port));
    CHECK_OK(uservoice_client_new("acme", "key", "secret", options, &client, &error));
    CHECK_OK(uservoice_client_set_log(client, USERVOICE_LOG_INFO, check_disabled, NULL, &error));

    is_cancelled_after_the_call(call_until_cancelled, "1");
    is_cancelled_after_the_call(read_until_cancelled,
                                "{\"response_data\":{\"total_records\":1},\"users\":[1]}");
    /* A program that has disabled it finds it disabled. */
    int ignored;
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored) == 0);
    uservoice_client_free(client);
    CHECK(cancellation_state() == PTHREAD_CANCEL_DISABLE);
    CHECK(close(listener) == 0);
    wait_for_library_threads();
    puts("test_thread_cancellation: passed");
    return 0;
}
