/* Reads a whole list with the library, record by record.
   Usage: list_uservoice BASE-URL PATH RECORDS PREFETCH-PAGES */
#include "uservoice_contestant.h"

static uservoice_client *client;
static uservoice_token *token;
static const char *path;
static long expected_records;

static long read_list(void)
{
    uservoice_collection *collection;
    uservoice_error *error;
    char *record;
    long count = 0;
    must(uservoice_collection_new(client, token, path, NULL, -1, &collection, &error), error);
    for (;;) {
        must(uservoice_collection_next(collection, &record, &error), error);
        if (record == NULL)
            break;
        count++;
        uservoice_string_free(record);
    }
    uservoice_collection_free(collection);
    return count;
}

static void work(void *data, long repetitions)
{
    (void)data;
    while (repetitions-- > 0)
        if (read_list() != expected_records)
            fail("unexpected length of the list");
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fail("list_uservoice BASE-URL PATH RECORDS PREFETCH-PAGES");
    char options[64];
    snprintf(options, sizeof options, ",\"prefetch_pages\":%ld", strtol(argv[4], NULL, 10));
    path = argv[2];
    expected_records = strtol(argv[3], NULL, 10);
    client = new_client(argv[1], options);
    token = user_token();
    contest(work, NULL);
    uservoice_token_free(token);
    uservoice_client_free(client);
    return 0;
}
