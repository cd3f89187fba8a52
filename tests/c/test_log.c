/* The log callback: its lines, and that it runs on the thread that calls the library. */
#include "check.h"

#include <pthread.h>

struct log {
    pthread_t thread;
    size_t count;
    char last[500];
};

static void record_line(int32_t level, const char *line, void *user_data)
{
    struct log *log = user_data;
    CHECK(pthread_equal(log->thread, pthread_self()));
    CHECK(level == USERVOICE_LOG_INFO || level == USERVOICE_LOG_WARNING);
    CHECK(strchr(line, '\n') == NULL);
    snprintf(log->last, sizeof log->last, "%s", line);
    log->count++;
}

/* A replaced callback is not called again, nor is one that was removed. */
static void log_can_be_replaced_and_removed(void)
{
    struct log first = {.thread = pthread_self()}, second = {.thread = pthread_self()};
    uservoice_client *client = sandbox_client("");
    CHECK_OK(uservoice_client_set_log(client, USERVOICE_LOG_INFO, record_line, &first, &error));
    uservoice_string_free(get(client, NULL, "/api/v1/forums"));
    CHECK_OK(uservoice_client_set_log(client, USERVOICE_LOG_INFO, record_line, &second, &error));
    uservoice_string_free(get(client, NULL, "/api/v1/forums"));
    CHECK_OK(uservoice_client_set_log(client, USERVOICE_LOG_OFF, NULL, NULL, &error));
    uservoice_string_free(get(client, NULL, "/api/v1/forums"));
    CHECK(first.count == 1 && second.count == 1);
    uservoice_client_free(client);
}

static void lines_without_a_callback_are_kept(void)
{
    char *lines;
    uservoice_client *client = sandbox_client("");
    CHECK_OK(uservoice_client_set_log(client, USERVOICE_LOG_INFO, NULL, NULL, &error));
    CHECK_OK(uservoice_client_take_log(client, &lines, &error));
    CHECK(lines == NULL);
    uservoice_string_free(get(client, NULL, "/api/v1/forums"));
    CHECK_OK(uservoice_client_take_log(client, &lines, &error));
    CHECK_CONTAINS(lines, "[{\"level\":2,\"line\":\"method=GET path=/api/v1/forums status=200 ");
    CHECK(count_occurrences(lines, "\"line\"") == 1);
    uservoice_string_free(lines);
    uservoice_client_free(client);
}

int main(void)
{
    log_can_be_replaced_and_removed();
    lines_without_a_callback_are_kept();
    struct log log = {.thread = pthread_self()};
    uservoice_client *client = sandbox_client("");
    CHECK_OK(uservoice_client_set_log(client, USERVOICE_LOG_INFO, record_line, &log, &error));
    char *json = get(client, NULL, "/api/v1/forums?filter=hidden");
    uservoice_string_free(json);
    CHECK(log.count == 1);
    CHECK_CONTAINS(log.last, "method=GET path=/api/v1/forums?filter status=200 duration_ms=");
    CHECK_CONTAINS(log.last, " attempt=1");

    /* Prefetch threads do not call it. */
    uservoice_collection *list;
    CHECK_OK(
        uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    uservoice_client_free(client);
    for (;;) {
        CHECK_OK(uservoice_collection_next_page(list, &json, &error));
        if (json == NULL)
            break;
        uservoice_string_free(json);
    }
    uservoice_collection_free(list);
    CHECK(log.count > 3);
    CHECK_CONTAINS(log.last, "path=/api/v1/suggestions?per_page&page status=200");
    wait_for_library_threads();
    puts("test_log: passed");
    return 0;
}
