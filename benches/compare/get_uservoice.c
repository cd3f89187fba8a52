/* GET calls by the library, signed for a user, over a kept connection.
   Usage: get_uservoice BASE-URL PATH BYTES THREADS [OPTIONS]; BYTES is how long the answer is. */
#include <pthread.h>

#include "uservoice_contestant.h"

#define MAX_THREADS 64

static uservoice_client *client;
static uservoice_token *token;
static const char *path;
static size_t length;
static long threads;

static void *calls(void *times)
{
    for (long left = *(long *)times; left > 0; left--) {
        char *json;
        uservoice_error *error;
        must(uservoice_get(client, token, path, NULL, &json, &error), error);
        if (strlen(json) != length)
            fail("another answer");
        uservoice_string_free(json);
    }
    return NULL;
}

/* Each thread does its share. */
static void work(void *what, long times)
{
    pthread_t others[MAX_THREADS];
    long share = (times + threads - 1) / threads;
    (void)what;
    for (long i = 1; i < threads; i++)
        if (pthread_create(&others[i], NULL, calls, &share) != 0)
            fail("no thread");
    calls(&share);
    for (long i = 1; i < threads; i++)
        pthread_join(others[i], NULL);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fail("get_uservoice BASE-URL PATH BYTES THREADS [OPTIONS]");
    path = argv[2];
    length = strtoul(argv[3], NULL, 10);
    threads = strtol(argv[4], NULL, 10);
    if (threads < 1 || threads > MAX_THREADS)
        fail("THREADS: from 1 to 64");
    client = client_of(argv[1], argc > 5 ? argv[5] : "");
    token = token_of_a_user();
    contest(work, NULL);
    uservoice_token_free(token);
    uservoice_client_free(client);
    return 0;
}
