/* Handles that several threads use at once, and cancelling from another one. */
#include "check.h"

#include <pthread.h>

enum { THREADS = 8 };

static uservoice_client *client;
static uservoice_token *token;
static uservoice_collection *list;
static size_t records;

/* How often each record was given, by its id. */
static unsigned char *seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void on_all_threads(void *(*work)(void *))
{
    pthread_t threads[THREADS];
    size_t numbers[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, work, &numbers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void *calls(void *number)
{
    for (int i = 0; i < 5; i++) {
        char *json = get(client, token, "/api/v1/users/current");
        CONTAINS(json, "user1@sandbox.example");
        uservoice_string_free(json);
        uservoice_error *error;
        FAILS(USERVOICE_NOT_FOUND,
              uservoice_get(client, token, "/api/v1/forums/999999999", NULL, &json, &error));
        CHECK(uservoice_error_http_status(error) == 404);
        uservoice_error_free(error);
    }
    uservoice_client *clone;
    OK(uservoice_client_clone(client, NULL, &clone, &error));
    char *json, *copy;
    uservoice_token *restored;
    OK(uservoice_token_json(token, &copy, &error));
    OK(uservoice_token_from_json(copy, &restored, &error));
    json = get(clone, restored, "/api/v1/users/current");
    CONTAINS(json, "user1@sandbox.example");
    uservoice_string_free(copy);
    uservoice_string_free(json);
    uservoice_token_free(restored);
    uservoice_client_free(clone);
    return number;
}

static void saw(const char *record)
{
    const long id = first_id(record);
    CHECK(id > 0 && (size_t)id <= records);
    CHECK(pthread_mutex_lock(&lock) == 0);
    seen[id]++;
    CHECK(pthread_mutex_unlock(&lock) == 0);
}

/* All threads read one collection: each record comes to one of them. */
static void *reads(void *number)
{
    for (;;) {
        char *json;
        OK(uservoice_collection_next(list, &json, &error));
        if (json == NULL)
            return number;
        saw(json);
        uservoice_string_free(json);
    }
}

/* Each thread reads every eighth record by its index, from another start. */
static void *reads_by_index(void *number)
{
    for (size_t i = *(size_t *)number; i < records; i += THREADS) {
        char *json;
        size_t length;
        OK(uservoice_collection_len(list, &length, &error));
        CHECK(length == records);
        OK(uservoice_collection_get(list, i, &json, &error));
        saw(json);
        uservoice_string_free(json);
    }
    return number;
}

static void each_record_once(void *(*work)(void *))
{
    memset(seen, 0, records + 1);
    OK(uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    on_all_threads(work);
    uservoice_collection_free(list);
    for (size_t id = 1; id <= records; id++)
        CHECK(seen[id] == 1);
}

static void *waits_for_ever(void *handle)
{
    char *json;
    REFUSES(USERVOICE_CANCELLED,
            uservoice_get(handle, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(json == NULL);
    return NULL;
}

static void *waits_for_a_page(void *collection)
{
    char *json;
    REFUSES(USERVOICE_CANCELLED, uservoice_collection_next(collection, &json, &error));
    CHECK(json == NULL);
    return NULL;
}

/* The answers would take ten minutes, longer than the test may run. Whether the
 * cancel comes before, while or after the calls begin, they end as cancelled. */
static void cancel_ends_this_handle_only(void)
{
    uservoice_client *handle, *clone;
    uservoice_collection *pages;
    OK(uservoice_client_clone(client, "{\"timeout_ms\":86400000}", &handle, &error));
    OK(uservoice_client_clone(handle, NULL, &clone, &error));
    OK(uservoice_collection_new(handle, NULL, "/api/v1/suggestions", NULL, -1, &pages, &error));
    control("/_sandbox/faults", "[{\"path\":\"/api/v1/users\",\"times\":2,\"delay_ms\":600000},"
                                "{\"path\":\"/api/v1/suggestions\",\"delay_ms\":600000}]");
    pthread_t threads[3];
    CHECK(pthread_create(&threads[0], NULL, waits_for_ever, handle) == 0);
    CHECK(pthread_create(&threads[1], NULL, waits_for_ever, handle) == 0);
    CHECK(pthread_create(&threads[2], NULL, waits_for_a_page, pages) == 0);
    /* Until all three wait: a fault that was used is no longer listed. */
    for (int faults = 1; faults != 0;) {
        char *json = get(clone, NULL, "/_sandbox/faults");
        faults = count_of(json, "delay_ms");
        uservoice_string_free(json);
    }
    uservoice_client_cancel(handle);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);

    /* For good, here; not at all, there. */
    uservoice_token *as;
    char *json;
    REFUSES(USERVOICE_CANCELLED, uservoice_get(handle, NULL, "/api/v1/forums", NULL, &json, &error));
    REFUSES(USERVOICE_CANCELLED, uservoice_login_as_owner(handle, NULL, &as, &error));
    json = get(clone, NULL, "/api/v1/users");
    uservoice_string_free(json);
    uservoice_collection_free(pages);
    uservoice_client_free(handle);
    uservoice_client_free(clone);
}

static pthread_key_t at_end;

/* Runs when the thread has ended, after what languages have of their own on each thread:
 * a host that keeps a handle for each of its threads frees it here. */
static void calls_and_frees(void *handle)
{
    char *json = get(handle, NULL, "/api/v1/forums");
    uservoice_string_free(json);
    uservoice_client_free(handle);
}

static void *keeps_a_handle(void *handle)
{
    CHECK(pthread_setspecific(at_end, handle) == 0);
    char *json = get(handle, NULL, "/api/v1/forums");
    uservoice_string_free(json);
    return NULL;
}

static void handles_are_used_to_the_end_of_a_thread(void)
{
    pthread_t thread;
    uservoice_client *handle = sandbox_client("");
    CHECK(pthread_key_create(&at_end, calls_and_frees) == 0);
    CHECK(pthread_create(&thread, NULL, keeps_a_handle, handle) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_key_delete(at_end) == 0);
}

int main(void)
{
    reset_sandbox();
    client = sandbox_client("");
    records = strtoul(sandbox("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    seen = malloc(records + 1);
    CHECK(seen != NULL);
    OK(uservoice_login_as(client, NULL, "user1@sandbox.example", &token, &error));
    on_all_threads(calls);
    each_record_once(reads);
    each_record_once(reads_by_index);
    cancel_ends_this_handle_only();
    handles_are_used_to_the_end_of_a_thread();
    free(seen);
    uservoice_token_free(token);
    uservoice_client_free(client);
    reset_sandbox();
    threads_have_ended();
    puts("test_threads: passed");
    return 0;
}
