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

int main(void)
{
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
