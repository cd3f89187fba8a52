/* Handles that several threads use at once, and cancellation from another thread. */
#include "check.h"

#include <pthread.h>

enum { THREADS = 8 };

static uservoice_client *client;
static uservoice_token *token;
static uservoice_collection *collection;
static size_t records;

/* How often each record was returned, by id. */
static unsigned char *seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void run_on_all_threads(void *(*work)(void *))
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

static void *send_requests(void *number)
{
    for (int i = 0; i < 5; i++) {
        char *json = get(client, token, "/api/v1/users/current");
        CHECK_CONTAINS(json, "user1@sandbox.example");
        uservoice_string_free(json);
        uservoice_error *error;
        CHECK_FAILS(USERVOICE_NOT_FOUND,
                    uservoice_get(client, token, "/api/v1/forums/999999999", NULL, &json, &error));
        CHECK(uservoice_error_http_status(error) == 404);
        uservoice_error_free(error);
    }
    uservoice_client *clone;
    CHECK_OK(uservoice_client_clone(client, NULL, &clone, &error));
    char *json, *copy;
    uservoice_token *restored;
    CHECK_OK(uservoice_token_json(token, &copy, &error));
    CHECK_OK(uservoice_token_from_json(copy, &restored, &error));
    json = get(clone, restored, "/api/v1/users/current");
    CHECK_CONTAINS(json, "user1@sandbox.example");
    uservoice_string_free(copy);
    uservoice_string_free(json);
    uservoice_token_free(restored);
    uservoice_client_free(clone);
    return number;
}

static void count_record(const char *record)
{
    const long id = first_id(record);
    CHECK(id > 0 && (size_t)id <= records);
    CHECK(pthread_mutex_lock(&lock) == 0);
    seen[id]++;
    CHECK(pthread_mutex_unlock(&lock) == 0);
}

static void *read_all(void *number)
{
    for (;;) {
        char *json;
        CHECK_OK(uservoice_collection_next(collection, &json, &error));
        if (json == NULL)
            return number;
        count_record(json);
        uservoice_string_free(json);
    }
}

/* Thread N reads the records N, N + 8, N + 16 ... */
static void *read_every_eighth(void *number)
{
    for (size_t i = *(size_t *)number; i < records; i += THREADS) {
        char *json;
        size_t length;
        CHECK_OK(uservoice_collection_len(collection, &length, &error));
        CHECK(length == records);
        CHECK_OK(uservoice_collection_get(collection, i, &json, &error));
        count_record(json);
        uservoice_string_free(json);
    }
    return number;
}

static void returns_each_record_once(void *(*work)(void *))
{
    memset(seen, 0, records + 1);
    CHECK_OK(uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &collection,
                                      &error));
    run_on_all_threads(work);
    uservoice_collection_free(collection);
    for (size_t id = 1; id <= records; id++)
        CHECK(seen[id] == 1);
}

static void *wait_for_response(void *handle)
{
    char *json;
    CHECK_STATUS(USERVOICE_CANCELLED,
                 uservoice_get(handle, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(json == NULL);
    return NULL;
}

static void *wait_for_page(void *collection)
{
    char *json;
    CHECK_STATUS(USERVOICE_CANCELLED, uservoice_collection_next(collection, &json, &error));
    CHECK(json == NULL);
    return NULL;
}

/* The responses would take ten minutes, longer than the test may run. */
static void cancel_ends_requests_of_one_handle(void)
{
    uservoice_client *handle, *clone;
    uservoice_collection *pages;
    CHECK_OK(uservoice_client_clone(client, "{\"timeout_ms\":86400000}", &handle, &error));
    CHECK_OK(uservoice_client_clone(handle, NULL, &clone, &error));
    CHECK_OK(
        uservoice_collection_new(handle, NULL, "/api/v1/suggestions", NULL, -1, &pages, &error));
    control("/_sandbox/faults", "[{\"path\":\"/api/v1/users\",\"times\":2,\"delay_ms\":600000},"
                                "{\"path\":\"/api/v1/suggestions\",\"delay_ms\":600000}]");
    pthread_t threads[3];
    CHECK(pthread_create(&threads[0], NULL, wait_for_response, handle) == 0);
    CHECK(pthread_create(&threads[1], NULL, wait_for_response, handle) == 0);
    CHECK(pthread_create(&threads[2], NULL, wait_for_page, pages) == 0);
    /* Waits until all three requests were received: a used fault is no longer listed. */
    for (int faults = 1; faults != 0;) {
        char *json = get(clone, NULL, "/_sandbox/faults");
        faults = count_occurrences(json, "delay_ms");
        uservoice_string_free(json);
    }
    uservoice_client_cancel(handle);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);

    /* The handle stays cancelled; its clone is not affected. */
    uservoice_token *as;
    char *json;
    CHECK_STATUS(USERVOICE_CANCELLED,
                 uservoice_get(handle, NULL, "/api/v1/forums", NULL, &json, &error));
    CHECK_STATUS(USERVOICE_CANCELLED, uservoice_login_as_owner(handle, NULL, &as, &error));
    json = get(clone, NULL, "/api/v1/users");
    uservoice_string_free(json);
    uservoice_collection_free(pages);
    uservoice_client_free(handle);
    uservoice_client_free(clone);
}

static pthread_key_t thread_key;

/* A destructor of thread-specific data, which runs when the thread ends: programs that have one
 * handle per thread free it here. */
static void use_and_free_handle(void *handle)
{
    char *json = get(handle, NULL, "/api/v1/forums");
    uservoice_string_free(json);
    uservoice_client_free(handle);
}

static void *store_handle(void *handle)
{
    CHECK(pthread_setspecific(thread_key, handle) == 0);
    char *json = get(handle, NULL, "/api/v1/forums");
    uservoice_string_free(json);
    return NULL;
}

static void handle_is_usable_in_thread_destructor(void)
{
    pthread_t thread;
    uservoice_client *handle = sandbox_client("");
    CHECK(pthread_key_create(&thread_key, use_and_free_handle) == 0);
    CHECK(pthread_create(&thread, NULL, store_handle, handle) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_key_delete(thread_key) == 0);
}

int main(void)
{
    reset_sandbox();
    client = sandbox_client("");
    records = strtoul(sandbox_env("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    seen = malloc(records + 1);
    CHECK(seen != NULL);
    CHECK_OK(uservoice_login_as(client, NULL, "user1@sandbox.example", &token, &error));
    run_on_all_threads(send_requests);
    returns_each_record_once(read_all);
    returns_each_record_once(read_every_eighth);
    cancel_ends_requests_of_one_handle();
    handle_is_usable_in_thread_destructor();
    free(seen);
    uservoice_token_free(token);
    uservoice_client_free(client);
    reset_sandbox();
    wait_for_library_threads();
    puts("test_threads: passed");
    return 0;
}
