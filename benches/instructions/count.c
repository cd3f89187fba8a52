/* Runs each benchmark a fixed number of times under callgrind; count.py reads the instruction counts.
   Usage: count BASE-URL */
#include <stdio.h>
#include <stdlib.h>
#include <uservoice.h>
#include <valgrind/callgrind.h>

#define WARM_UP 20
#define REPETITIONS 100

static uservoice_client *signing, *unsigned_client;
static uservoice_token *token;

static void must(uservoice_status status, uservoice_error *error)
{
    if (status == USERVOICE_OK)
        return;
    fprintf(stderr, "%s\n", uservoice_error_message(error));
    exit(1);
}

static uservoice_client *new_client(const char *base_url, const char *secret)
{
    char options[128];
    uservoice_client *client;
    uservoice_error *error;
    snprintf(options, sizeof options, "{\"base_url\":\"%s\",\"prefetch_pages\":0}", base_url);
    must(uservoice_client_new("acme", "oQt2BaunWNuainc8BvZpAm", secret, options, &client, &error),
         error);
    return client;
}

static void sso(void)
{
    char *sso_token;
    uservoice_error *error;
    must(uservoice_sso_token("acme", "982c88f2df7257859e8e23423eg87ed",
                             "{\"guid\":1000000,\"display_name\":\"User Name\","
                             "\"email\":\"mailaddress@example.com\"}",
                             300, &sso_token, &error),
         error);
    uservoice_string_free(sso_token);
}

static void get(const uservoice_client *client, const uservoice_token *acting_user)
{
    char *json;
    uservoice_error *error;
    must(uservoice_get(client, acting_user, "/api/v1/suggestions?filter=public&page=1&per_page=100", NULL,
                       &json, &error),
         error);
    uservoice_string_free(json);
}

static void signed_get(void)
{
    get(signing, token);
}

static void unsigned_get(void)
{
    get(unsigned_client, NULL);
}

static void page(void)
{
    uservoice_collection *collection;
    uservoice_error *error;
    char *record;
    int records = 0;
    must(uservoice_collection_new(unsigned_client, NULL, "/api/v1/users", NULL, 100, &collection, &error),
         error);
    for (;;) {
        must(uservoice_collection_next(collection, &record, &error), error);
        if (record == NULL)
            break;
        uservoice_string_free(record);
        records++;
    }
    uservoice_collection_free(collection);
    if (records != 100) {
        fprintf(stderr, "%d records\n", records);
        exit(1);
    }
}

static void count(const char *name, void (*work)(void))
{
    (void)name; /* used by the macro in inline assembly only */
    for (int i = 0; i < WARM_UP; i++)
        work();
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    for (int i = 0; i < REPETITIONS; i++)
        work();
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(name);
}

int main(int argc, char **argv)
{
    uservoice_error *error;
    if (argc != 2) {
        fprintf(stderr, "count BASE-URL\n");
        return 1;
    }
    signing = new_client(argv[1], "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2");
    unsigned_client = new_client(argv[1], NULL);
    must(uservoice_token_new("FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA",
                             &token, &error),
         error);
    count("sso", sso);
    count("signed_get", signed_get);
    count("unsigned_get", unsigned_get);
    count("page", page);
    uservoice_token_free(token);
    uservoice_client_free(unsigned_client);
    uservoice_client_free(signing);
    return 0;
}
