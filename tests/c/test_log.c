/* A log: what it is given, and that it comes on the thread that calls. */
#include "check.h"

#include <pthread.h>

struct lines {
    pthread_t thread;
    size_t count;
    char last[500];
};

static void note(int32_t level, const char *line, void *user_data)
{
    struct lines *lines = user_data;
    CHECK(pthread_equal(lines->thread, pthread_self()));
    CHECK(level == USERVOICE_LOG_INFO || level == USERVOICE_LOG_WARNING);
    CHECK(strchr(line, '\n') == NULL);
    snprintf(lines->last, sizeof lines->last, "%s", line);
    lines->count++;
}

int main(void)
{
    struct lines lines = {.thread = pthread_self()};
    uservoice_client *client = sandbox_client("");
    OK(uservoice_client_set_log(client, USERVOICE_LOG_INFO, note, &lines, &error));
    char *json = get(client, NULL, "/api/v1/forums?filter=hidden");
    uservoice_string_free(json);
    CHECK(lines.count == 1);
    CONTAINS(lines.last, "method=GET path=/api/v1/forums?filter status=200 ms=");
    CONTAINS(lines.last, " try=1");

    /* The threads that load ahead tell nothing themselves. */
    uservoice_collection *list;
    OK(uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    uservoice_client_free(client);
    for (;;) {
        OK(uservoice_collection_next_page(list, &json, &error));
        if (json == NULL)
            break;
        uservoice_string_free(json);
    }
    uservoice_collection_free(list);
    CHECK(lines.count > 3);
    CONTAINS(lines.last, "path=/api/v1/suggestions?per_page&page status=200");
    threads_have_ended();
    puts("test_log: passed");
    return 0;
}
