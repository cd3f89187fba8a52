/* Collections against the sandbox. */
#include "check.h"

static uservoice_client *client;
static size_t records; /* suggestions of the sandbox, after --records */

static uservoice_collection *list_of(const uservoice_client *c, const char *path,
                                     const char *params, int64_t limit)
{
    uservoice_collection *list;
    OK(uservoice_collection_new(c, NULL, path, params, limit, &list, &error));
    return list;
}

static size_t len(const uservoice_collection *list)
{
    size_t length;
    OK(uservoice_collection_len(list, &length, &error));
    return length;
}

static char *next(const uservoice_collection *list)
{
    char *json;
    OK(uservoice_collection_next(list, &json, &error));
    return json;
}

static char *record(const uservoice_collection *list, size_t index)
{
    char *json;
    OK(uservoice_collection_get(list, index, &json, &error));
    return json;
}

/* Reads to the end; gives how many there were. */
static size_t read_on(const uservoice_collection *list)
{
    size_t count = 0;
    for (char *json; (json = next(list)) != NULL; count++)
        uservoice_string_free(json);
    return count;
}

/* A page as the service gives it, read without a collection. */
static char *page_of(int number)
{
    char path[64];
    snprintf(path, sizeof path, "/api/v1/suggestions?per_page=100&page=%d", number);
    return get(client, NULL, path);
}

/* Every record, byte for byte and in the order of the pages. */
static void all_records_in_order(const char *options)
{
    uservoice_client *c = sandbox_client(options);
    uservoice_collection *list = list_of(c, "/api/v1/suggestions", NULL, -1);
    CHECK(len(list) == records);
    char *page = NULL;
    const char *at = NULL;
    for (size_t i = 0; i < records; i++) {
        if (i % 100 == 0) {
            uservoice_string_free(page);
            page = page_of((int)(i / 100) + 1);
            at = strstr(page, "\"suggestions\":[") + strlen("\"suggestions\":[");
        }
        char *json = next(list);
        CHECK(json != NULL && strncmp(at, json, strlen(json)) == 0);
        at += strlen(json) + 1; /* and the comma or bracket after it */
        uservoice_string_free(json);
    }
    CHECK(next(list) == NULL);
    CHECK(next(list) == NULL);
    uservoice_string_free(page);
    uservoice_collection_free(list);
    uservoice_client_free(c);
}

/* By index: in the middle, the ends, again, and past the end. */
static void by_index(void)
{
    uservoice_collection *list = list_of(client, "/api/v1/suggestions", NULL, -1);
    const size_t indexes[] = {records / 2, 0, records - 1, records / 2, 1, 100, 99};
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
        char *json = record(list, indexes[i]);
        char *page = page_of((int)(indexes[i] / 100) + 1);
        CHECK(first_id(json) != 0);
        CONTAINS(page, json);
        uservoice_string_free(page);
        uservoice_string_free(json);
    }
    char *first = record(list, 0), *second = record(list, 1);
    CHECK(strcmp(first, second) != 0);
    /* What was read by index does not move the reader. */
    char *json = next(list);
    CHECK(json != NULL && strcmp(json, first) == 0);
    uservoice_string_free(json);
    uservoice_string_free(first);
    uservoice_string_free(second);

    REFUSES(USERVOICE_INVALID_ARGUMENT, uservoice_collection_get(list, records, &json, &error));
    REFUSES(USERVOICE_INVALID_ARGUMENT, uservoice_collection_get(list, SIZE_MAX, &json, &error));
    uservoice_collection_free(list);
}

static void whole_pages(void)
{
    uservoice_collection *list = list_of(client, "/api/v1/suggestions", NULL, 250);
    const int sizes[] = {97, 100, 50};
    uservoice_string_free(next(list));
    uservoice_string_free(next(list));
    uservoice_string_free(next(list));
    char *array;
    for (int i = 0; i < 3; i++) {
        OK(uservoice_collection_next_page(list, &array, &error));
        CHECK(array[0] == '[' && array[strlen(array) - 1] == ']');
        CHECK(count_of(array, "\"title\":") == sizes[i]);
        uservoice_string_free(array);
    }
    OK(uservoice_collection_next_page(list, &array, &error));
    CHECK(array == NULL);
    uservoice_collection_free(list);
}

static void info(void)
{
    uservoice_collection *list = list_of(client, "/api/v1/suggestions", "{\"per_page\":30}", -1);
    char *json, total[64];
    OK(uservoice_collection_info(list, &json, &error));
    snprintf(total, sizeof total, "\"total_records\":%zu", records);
    CONTAINS(json, total);
    CONTAINS(json, "\"page\":1");
    CONTAINS(json, "\"per_page\":30");
    CHECK(json[0] == '{' && json[strlen(json) - 1] == '}');
    uservoice_string_free(json);
    uservoice_collection_free(list);
}

static void rewinds(void)
{
    uservoice_collection *list = list_of(client, "/api/v1/suggestions", NULL, 120);
    char *first = next(list);
    CHECK(read_on(list) == 119);
    for (int i = 0; i < 2; i++) {
        uservoice_collection_rewind(list);
        char *again = next(list);
        CHECK(again != NULL && strcmp(first, again) == 0);
        uservoice_string_free(again);
    }
    CHECK(read_on(list) == 119 && len(list) == 120);
    uservoice_string_free(first);
    uservoice_collection_free(list);
}

static void limits(void)
{
    const int64_t each[] = {0, 1, 99, 100, 101, 5};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        uservoice_collection *list = list_of(client, "/api/v1/suggestions", NULL, each[i]);
        CHECK(read_on(list) == (size_t)each[i] && len(list) == (size_t)each[i]);
        uservoice_collection_free(list);
    }
    uservoice_collection *list = list_of(client, "/api/v1/suggestions", NULL, INT64_MAX);
    CHECK(len(list) == records);
    uservoice_collection_free(list);
}

static void empty_lists(void)
{
    uservoice_collection *list =
        list_of(client, "/api/v1/suggestions/search", "{\"query\":\"no such words at all\"}", -1);
    char *json;
    CHECK(next(list) == NULL && len(list) == 0);
    OK(uservoice_collection_next_page(list, &json, &error));
    CHECK(json == NULL);
    OK(uservoice_collection_info(list, &json, &error));
    CONTAINS(json, "\"total_records\":0");
    uservoice_string_free(json);
    REFUSES(USERVOICE_INVALID_ARGUMENT, uservoice_collection_get(list, 0, &json, &error));
    uservoice_collection_free(list);
}

/* "per_page" goes out once, whoever asked for it, and the answer's own counts. */
static void per_page(void)
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
        uservoice_collection *list = list_of(c, cases[i].path, cases[i].params, 20);
        CHECK(read_on(list) == 20);
        uservoice_collection_free(list);
        char *log = get(client, NULL, "/_sandbox/requests");
        snprintf(expected, sizeof expected, "per_page=%d", cases[i].expected);
        CHECK(count_of(log, expected) == (20 + cases[i].expected - 1) / cases[i].expected);
        CHECK(count_of(log, "per_page=") == count_of(log, expected));
        uservoice_string_free(log);
    }
    /* More than the service gives a page: the pages are counted by its size. */
    uservoice_collection *list = list_of(c, "/api/v1/suggestions?per_page=500", NULL, -1);
    CHECK(read_on(list) == records);
    uservoice_collection_free(list);

    /* "page" is where the list begins. */
    list = list_of(client, "/api/v1/suggestions?page=3", NULL, 1);
    char *json = next(list), *page = page_of(3);
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
    char path[64], *answer;
    OK(uservoice_login_as_owner(client, NULL, &owner, &error));
    snprintf(path, sizeof path, "/api/v1/suggestions/%ld", first_id(json));
    OK(uservoice_delete(client, owner, path, NULL, &answer, &error));
    uservoice_string_free(answer);
    uservoice_token_free(owner);
}

/* Records go while the list is read: it ends early, without an error. */
static void a_list_that_shrinks(void)
{
    /* The last page but one of ten, and the last one, which has one record. */
    char path[64], same[64];
    CHECK(records % 10 == 1);
    snprintf(path, sizeof path, "/api/v1/suggestions?page=%zu", records / 10);
    snprintf(same, sizeof same, "/api/v1/suggestions?per_page=10&page=%zu", records / 10);
    const char *const options[] = {"\"per_page\":10,\"prefetch_pages\":0", "\"per_page\":10"};
    for (int i = 0; i < 2; i++) {
        reset_sandbox();
        uservoice_client *c = sandbox_client(options[i]);
        uservoice_collection *list = list_of(c, path, NULL, -1);
        uservoice_collection *doomed = list_of(client, same, NULL, 9);
        CHECK(len(list) == 11);
        uservoice_string_free(next(list));
        for (char *json; (json = next(doomed)) != NULL; uservoice_string_free(json))
            delete_suggestion(json);
        /* Nine of eleven are gone, the second page with them unless it was read. */
        const size_t rest = read_on(list);
        CHECK(rest == 9 || (rest == 10 && i == 1));
        CHECK(len(list) == 11);
        uservoice_collection_rewind(list);
        CHECK(len(list) == 2 && read_on(list) == 2);
        uservoice_collection_free(doomed);
        uservoice_collection_free(list);
        uservoice_client_free(c);
    }
    reset_sandbox();
}

/* An error in the middle is told, and the next call goes on at the same record. */
static void errors_in_the_middle(void)
{
    uservoice_client *c = sandbox_client("\"max_retries\":0,\"prefetch_pages\":0");
    uservoice_collection *list = list_of(c, "/api/v1/suggestions", NULL, 150);
    for (int i = 0; i < 100; i++)
        uservoice_string_free(next(list));
    control("/_sandbox/faults", "{\"path\":\"/api/v1/suggestions\",\"times\":2,\"status\":500}");
    char *json;
    REFUSES(USERVOICE_APPLICATION_ERROR, uservoice_collection_next(list, &json, &error));
    CHECK(json == NULL);
    REFUSES(USERVOICE_APPLICATION_ERROR, uservoice_collection_next_page(list, &json, &error));
    CHECK(json == NULL);
    CHECK(read_on(list) == 50);
    uservoice_collection_free(list);

    /* What is no list. */
    list = list_of(c, "/api/v1/users/current", NULL, -1);
    size_t length;
    REFUSES(USERVOICE_UNAUTHORIZED, uservoice_collection_len(list, &length, &error));
    CHECK(length == 0);
    REFUSES(USERVOICE_UNAUTHORIZED, uservoice_collection_info(list, &json, &error));
    uservoice_collection_free(list);
    list = list_of(c, "/api/v1/suggestions/1", NULL, -1);
    REFUSES(USERVOICE_BAD_RESPONSE, uservoice_collection_next(list, &json, &error));
    uservoice_collection_free(list);
    uservoice_client_free(c);
}

/* Freed while pages are on their way: ends their calls. The answers would take
 * ten minutes, longer than the test may run. */
static void freed_in_the_midst(void)
{
    uservoice_client *c =
        sandbox_client("\"per_page\":10,\"prefetch_pages\":8,\"timeout_ms\":86400000");
    for (int taken = 0; taken < 40; taken += 13) {
        uservoice_collection *list = list_of(c, "/api/v1/suggestions", NULL, -1);
        for (int i = 0; i < taken; i++)
            uservoice_string_free(next(list));
        uservoice_collection_free(list);
    }
    control("/_sandbox/faults", "{\"path\":\"/api/v1/suggestions\",\"times\":1000,\"after\":3,"
                                "\"delay_ms\":600000}");
    uservoice_collection *list = list_of(c, "/api/v1/suggestions", NULL, -1);
    for (int i = 0; i < 15; i++)
        uservoice_string_free(next(list));
    uservoice_collection_free(list);
    control("/_sandbox/faults", NULL);
    uservoice_client_free(c);
}

/* A collection keeps what it needs of its client and its token. */
static void outlives_its_client(void)
{
    uservoice_client *c = sandbox_client("");
    uservoice_token *owner;
    uservoice_collection *list;
    OK(uservoice_login_as_owner(c, NULL, &owner, &error));
    OK(uservoice_collection_new(c, owner, "/api/v1/tickets", NULL, -1, &list, &error));
    uservoice_token_free(owner);
    uservoice_client_free(c);
    const size_t length = len(list);
    CHECK(length > 0 && read_on(list) == length);
    uservoice_collection_free(list);
}

int main(void)
{
    reset_sandbox();
    client = sandbox_client("");
    records = strtoul(sandbox("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    all_records_in_order("");
    all_records_in_order("\"prefetch_pages\":0");
    all_records_in_order("\"prefetch_pages\":64,\"per_page\":17,\"max_idle_connections\":4");
    by_index();
    whole_pages();
    info();
    rewinds();
    limits();
    empty_lists();
    per_page();
    a_list_that_shrinks();
    errors_in_the_middle();
    freed_in_the_midst();
    outlives_its_client();
    uservoice_client_free(client);
    reset_sandbox();
    threads_have_ended();
    puts("test_collection: passed");
    return 0;
}
