/* Reads a whole list, record by record.
   Usage: list_uservoice BASE-URL PATH RECORDS PREFETCH-PAGES */
#include "uservoice_contestant.h"

static uservoice_client *client;
static uservoice_token *token;
static const char *path;
static long wanted;

static long read_list(void)
{
    uservoice_collection *list;
    uservoice_error *error;
    char *record;
    long count = 0;
    must(uservoice_collection_new(client, token, path, NULL, -1, &list, &error), error);
    for (;;) {
        must(uservoice_collection_next(list, &record, &error), error);
        if (record == NULL)
            break;
        count++;
        uservoice_string_free(record);
    }
    uservoice_collection_free(list);
    return count;
}

static void work(void *what, long times)
{
    (void)what;
    while (times-- > 0)
        if (read_list() != wanted)
            fail("the list has another length");
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fail("list_uservoice BASE-URL PATH RECORDS PREFETCH-PAGES");
    char options[64];
    snprintf(options, sizeof options, ",\"prefetch_pages\":%ld", strtol(argv[4], NULL, 10));
    path = argv[2];
    wanted = strtol(argv[3], NULL, 10);
    client = client_of(argv[1], options);
    token = token_of_a_user();
    contest(work, NULL);
    uservoice_token_free(token);
    uservoice_client_free(client);
    return 0;
}
