/* Sends GET requests with the library, signed with a user's token, over persistent connections.
   Usage: get_uservoice BASE-URL PATH BYTES THREADS [OPTIONS]; BYTES is the expected length of the body. */
#include <pthread.h>

#include "uservoice_contestant.h"

#define MAX_THREADS 64

static uservoice_client *client;
static uservoice_token *token;
static const char *path;
static size_t length;
static long threads;

static void *send_requests(void *count)
{
    for (long left = *(long *)count; left > 0; left--) {
        char *json;
        uservoice_error *error;
        must(uservoice_get(client, token, path, NULL, &json, &error), error);
        if (strlen(json) != length)
            fail("unexpected response");
        uservoice_string_free(json);
    }
    return NULL;
}

/* Divides the repetitions among the threads. */
static void work(void *data, long repetitions)
{
    pthread_t others[MAX_THREADS];
    long share = (repetitions + threads - 1) / threads;
    (void)data;
    for (long i = 1; i < threads; i++)
        if (pthread_create(&others[i], NULL, send_requests, &share) != 0)
            fail("cannot create a thread");
    send_requests(&share);
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
        fail("THREADS must be from 1 to 64");
    client = new_client(argv[1], argc > 5 ? argv[5] : "");
    token = user_token();
    contest(work, NULL);
    uservoice_token_free(token);
    uservoice_client_free(client);
    return 0;
}
