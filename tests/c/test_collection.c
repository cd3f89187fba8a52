/* Collections. */
#include "check.h"

static uservoice_client *client;
static size_t records; /* number of suggestions in the sandbox */

static uservoice_collection *new_collection(const uservoice_client *c, const char *path,
                                            const char *params, int64_t limit)
{
    uservoice_collection *list;
    CHECK_OK(uservoice_collection_new(c, NULL, path, params, limit, &list, &error));
    return list;
}

static size_t len(uservoice_collection *list)
{
    size_t length;
    CHECK_OK(uservoice_collection_len(list, &length, &error));
    return length;
}

static char *next(uservoice_collection *list)
{
    char *json;
    CHECK_OK(uservoice_collection_next(list, &json, &error));
    return json;
}

static char *record(uservoice_collection *list, size_t index)
{
    char *json;
    CHECK_OK(uservoice_collection_get(list, index, &json, &error));
    return json;
}

/* Reads to the end and returns the number of records. */
static size_t read_to_end(uservoice_collection *list)
{
    size_t count = 0;
    for (char *json; (json = next(list)) != NULL; count++)
        uservoice_string_free(json);
    return count;
}

/* Returns the response of a page, requested without a collection. */
static char *get_page(int number)
{
    char path[64];
    snprintf(path, sizeof path, "/api/v1/suggestions?per_page=100&page=%d", number);
    return get(client, NULL, path);
}

/* Compares every record with the pages, byte for byte. */
static void next_returns_all_records_in_order(const char *options)
{
    uservoice_client *c = sandbox_client(options);
    uservoice_collection *list = new_collection(c, "/api/v1/suggestions", NULL, -1);
    CHECK(len(list) == records);
    char *page = NULL;
    const char *at = NULL;
    for (size_t i = 0; i < records; i++) {
        if (i % 100 == 0) {
            uservoice_string_free(page);
            page = get_page((int)(i / 100) + 1);
            at = strstr(page, "\"suggestions\":[") + strlen("\"suggestions\":[");
        }
        char *json = next(list);
        CHECK(json != NULL && strncmp(at, json, strlen(json)) == 0);
        at += strlen(json) + 1; /* and a comma or bracket */
        uservoice_string_free(json);
    }
    CHECK(next(list) == NULL);
    CHECK(next(list) == NULL);
    uservoice_string_free(page);
    uservoice_collection_free(list);
    uservoice_client_free(c);
}

static void get_returns_record_at_index(void)
{
    uservoice_collection *list = new_collection(client, "/api/v1/suggestions", NULL, -1);
    const size_t indexes[] = {records / 2, 0, records - 1, records / 2, 1, 100, 99};
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
        char *json = record(list, indexes[i]);
        char *page = get_page((int)(indexes[i] / 100) + 1);
        CHECK(first_id(json) != 0);
        CHECK_CONTAINS(page, json);
        uservoice_string_free(page);
        uservoice_string_free(json);
    }
    char *first = record(list, 0), *second = record(list, 1);
    CHECK(strcmp(first, second) != 0);
    /* uservoice_collection_get() does not move the position. */
    char *json = next(list);
    CHECK(json != NULL && strcmp(json, first) == 0);
    uservoice_string_free(json);
    uservoice_string_free(first);
    uservoice_string_free(second);

    CHECK_STATUS(USERVOICE_INVALID_ARGUMENT,
                 uservoice_collection_get(list, records, &json, &error));
    CHECK_STATUS(USERVOICE_INVALID_ARGUMENT,
                 uservoice_collection_get(list, SIZE_MAX, &json, &error));
    uservoice_collection_free(list);
}

static void next_page_returns_rest_of_page(void)
{
    uservoice_collection *list = new_collection(client, "/api/v1/suggestions", NULL, 250);
    const int sizes[] = {97, 100, 50};
    uservoice_string_free(next(list));
    uservoice_string_free(next(list));
    uservoice_string_free(next(list));
    char *array;
    for (int i = 0; i < 3; i++) {
        CHECK_OK(uservoice_collection_next_page(list, &array, &error));
        CHECK(array[0] == '[' && array[strlen(array) - 1] == ']');
        CHECK(count_occurrences(array, "\"title\":") == sizes[i]);
        uservoice_string_free(array);
    }
    CHECK_OK(uservoice_collection_next_page(list, &array, &error));
    CHECK(array == NULL);
    uservoice_collection_free(list);
}

static void info_returns_paging_object(void)
{
    uservoice_collection *list = new_collection(client, "/api/v1/suggestions", "{\"per_page\":30}",
                                                -1);
    char *json, total[64];
    CHECK_OK(uservoice_collection_info(list, &json, &error));
    snprintf(total, sizeof total, "\"total_records\":%zu", records);
    CHECK_CONTAINS(json, total);
    CHECK_CONTAINS(json, "\"page\":1");
    CHECK_CONTAINS(json, "\"per_page\":30");
    CHECK(json[0] == '{' && json[strlen(json) - 1] == '}');
    uservoice_string_free(json);
    uservoice_collection_free(list);
}

static void rewind_starts_again(void)
{
    uservoice_collection *list = new_collection(client, "/api/v1/suggestions", NULL, 120);
    char *first = next(list);
    CHECK(read_to_end(list) == 119);
    for (int i = 0; i < 2; i++) {
        uservoice_collection_rewind(list);
        char *again = next(list);
        CHECK(again != NULL && strcmp(first, again) == 0);
        uservoice_string_free(again);
    }
    CHECK(read_to_end(list) == 119 && len(list) == 120);
    uservoice_string_free(first);
    uservoice_collection_free(list);
}

static void limit_bounds_records_and_length(void)
{
    const int64_t each[] = {0, 1, 99, 100, 101, 5};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        uservoice_collection *list = new_collection(client, "/api/v1/suggestions", NULL, each[i]);
        CHECK(read_to_end(list) == (size_t)each[i] && len(list) == (size_t)each[i]);
        uservoice_collection_free(list);
    }
    uservoice_collection *list = new_collection(client, "/api/v1/suggestions", NULL, INT64_MAX);
    CHECK(len(list) == records);
    uservoice_collection_free(list);
}

static void empty_list_ends_at_once(void)
{
    uservoice_collection *list = new_collection(client, "/api/v1/suggestions/search",
                                                "{\"query\":\"no such words at all\"}", -1);
    char *json;
    CHECK(next(list) == NULL && len(list) == 0);
    CHECK_OK(uservoice_collection_next_page(list, &json, &error));
    CHECK(json == NULL);
    CHECK_OK(uservoice_collection_info(list, &json, &error));
    CHECK_CONTAINS(json, "\"total_records\":0");
    uservoice_string_free(json);
    CHECK_STATUS(USERVOICE_INVALID_ARGUMENT, uservoice_collection_get(list, 0, &json, &error));
    uservoice_collection_free(list);
}

/* "per_page" is sent once, whether it is set in the path, the params or the options. */
static void per_page_is_sent_once(void)
{
    uservoice_client *c = sandbox_client("\"per_page\":7,\"prefetch_pages\":0");
    const struct {
        const char *path, *params;
        int expected;
    } cases[] = {
        {"/api/v1/suggestions", NULL, 7},
        {"/api/v1/suggestions?per_page=11", NULL, 11},
        {"/api/v1/suggestions", "{\"per_page\":13}", 13},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[32];
        control("/_sandbox/requests", NULL);
        uservoice_collection *list = new_collection(c, cases[i].path, cases[i].params, 20);
        CHECK(read_to_end(list) == 20);
        uservoice_collection_free(list);
        char *log = get(client, NULL, "/_sandbox/requests");
        snprintf(expected, sizeof expected, "per_page=%d", cases[i].expected);
        CHECK(count_occurrences(log, expected) == (20 + cases[i].expected - 1) / cases[i].expected);
        CHECK(count_occurrences(log, "per_page=") == count_occurrences(log, expected));
        uservoice_string_free(log);
    }
    /* More than the service allows: pages are counted by their real size. */
    uservoice_collection *list = new_collection(c, "/api/v1/suggestions?per_page=500", NULL, -1);
    CHECK(read_to_end(list) == records);
    uservoice_collection_free(list);

    /* "page" is where the collection starts. */
    list = new_collection(client, "/api/v1/suggestions?page=3", NULL, 1);
    char *json = next(list), *page = get_page(3);
    CHECK(json != NULL);
    CHECK(first_id(json) == first_id(strstr(page, "\"suggestions\":[")));
    uservoice_string_free(page);
    uservoice_string_free(json);
    uservoice_collection_free(list);
    uservoice_client_free(c);
}

static void delete_suggestion(const char *json)
{
    uservoice_token *owner;
    char path[64], *response;
    CHECK_OK(uservoice_login_as_owner(client, NULL, &owner, &error));
    snprintf(path, sizeof path, "/api/v1/suggestions/%ld", first_id(json));
    CHECK_OK(uservoice_delete(client, owner, path, NULL, &response, &error));
    uservoice_string_free(response);
    uservoice_token_free(owner);
}

/* Records are deleted while the list is read: it ends early, without an error. */
static void shrinking_list_ends_early(void)
{
    /* Starts at the last page but one; the last page has one record. */
    char path[64], to_delete_path[64];
    CHECK(records % 10 == 1);
    snprintf(path, sizeof path, "/api/v1/suggestions?page=%zu", records / 10);
    snprintf(to_delete_path, sizeof to_delete_path, "/api/v1/suggestions?per_page=10&page=%zu",
             records / 10);
    const char *const options[] = {"\"per_page\":10,\"prefetch_pages\":0", "\"per_page\":10"};
    for (int i = 0; i < 2; i++) {
        reset_sandbox();
        uservoice_client *c = sandbox_client(options[i]);
        uservoice_collection *list = new_collection(c, path, NULL, -1);
        uservoice_collection *to_delete = new_collection(client, to_delete_path, NULL, 9);
        CHECK(len(list) == 11);
        uservoice_string_free(next(list));
        for (char *json; (json = next(to_delete)) != NULL; uservoice_string_free(json))
            delete_suggestion(json);
        /* Nine of eleven are deleted, and with them the second page unless it was prefetched. */
        const size_t rest = read_to_end(list);
        CHECK(rest == 9 || (rest == 10 && i == 1));
        CHECK(len(list) == 11);
        uservoice_collection_rewind(list);
        CHECK(len(list) == 2 && read_to_end(list) == 2);
        uservoice_collection_free(to_delete);
        uservoice_collection_free(list);
        uservoice_client_free(c);
    }
    reset_sandbox();
}

static void resumes_after_error(void)
{
    uservoice_client *c = sandbox_client("\"max_retries\":0,\"prefetch_pages\":0");
    uservoice_collection *list = new_collection(c, "/api/v1/suggestions", NULL, 150);
    for (int i = 0; i < 100; i++)
        uservoice_string_free(next(list));
    control("/_sandbox/faults", "{\"path\":\"/api/v1/suggestions\",\"times\":2,\"status\":500}");
    char *json;
    CHECK_STATUS(USERVOICE_APPLICATION_ERROR, uservoice_collection_next(list, &json, &error));
    CHECK(json == NULL);
    CHECK_STATUS(USERVOICE_APPLICATION_ERROR, uservoice_collection_next_page(list, &json, &error));
    CHECK(json == NULL);
    CHECK(read_to_end(list) == 50);
    uservoice_collection_free(list);

    /* Responses that are not lists. */
    list = new_collection(c, "/api/v1/users/current", NULL, -1);
    size_t length;
    CHECK_STATUS(USERVOICE_UNAUTHORIZED, uservoice_collection_len(list, &length, &error));
    CHECK(length == 0);
    CHECK_STATUS(USERVOICE_UNAUTHORIZED, uservoice_collection_info(list, &json, &error));
    uservoice_collection_free(list);
    list = new_collection(c, "/api/v1/suggestions/1", NULL, -1);
    CHECK_STATUS(USERVOICE_BAD_RESPONSE, uservoice_collection_next(list, &json, &error));
    uservoice_collection_free(list);
    uservoice_client_free(c);
}

/* The responses would take ten minutes, longer than the test may run. */
static void free_ends_prefetch(void)
{
    uservoice_client *c =
        sandbox_client("\"per_page\":10,\"prefetch_pages\":8,\"timeout_ms\":86400000");
    for (int read = 0; read < 40; read += 13) {
        uservoice_collection *list = new_collection(c, "/api/v1/suggestions", NULL, -1);
        for (int i = 0; i < read; i++)
            uservoice_string_free(next(list));
        uservoice_collection_free(list);
    }
    control("/_sandbox/faults", "{\"path\":\"/api/v1/suggestions\",\"times\":1000,\"after\":3,"
                                "\"delay_ms\":600000}");
    uservoice_collection *list = new_collection(c, "/api/v1/suggestions", NULL, -1);
    for (int i = 0; i < 15; i++)
        uservoice_string_free(next(list));
    uservoice_collection_free(list);
    control("/_sandbox/faults", NULL);
    uservoice_client_free(c);
}

static void collection_outlives_client_and_token(void)
{
    uservoice_client *c = sandbox_client("");
    uservoice_token *owner;
    uservoice_collection *list;
    CHECK_OK(uservoice_login_as_owner(c, NULL, &owner, &error));
    CHECK_OK(uservoice_collection_new(c, owner, "/api/v1/tickets", NULL, -1, &list, &error));
    uservoice_token_free(owner);
    uservoice_client_free(c);
    const size_t length = len(list);
    CHECK(length > 0 && read_to_end(list) == length);
    uservoice_collection_free(list);
}

int main(void)
{
    reset_sandbox();
    client = sandbox_client("");
    records = strtoul(sandbox_env("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    next_returns_all_records_in_order("");
    next_returns_all_records_in_order("\"prefetch_pages\":0");
    next_returns_all_records_in_order(
        "\"prefetch_pages\":64,\"per_page\":17,\"max_idle_connections\":4");
    get_returns_record_at_index();
    next_page_returns_rest_of_page();
    info_returns_paging_object();
    rewind_starts_again();
    limit_bounds_records_and_length();
    empty_list_ends_at_once();
    per_page_is_sent_once();
    shrinking_list_ends_early();
    resumes_after_error();
    free_ends_prefetch();
    collection_outlives_client_and_token();
    uservoice_client_free(client);
    reset_sandbox();
    wait_for_library_threads();
    puts("test_collection: passed");
    return 0;
}
