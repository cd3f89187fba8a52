/*
 * Prints the newest comment on each of 20 suggestions. Four threads share a client, with its
 * connections and its rate limit, and a collection, which returns each record to one of them.
 */
#include <pthread.h>
#include <stdio.h>

#include "site.h"

enum { THREADS = 4 };

struct work {
    uservoice_client *client;
    uservoice_collection *suggestions;
};

static uservoice_status print_comment(const uservoice_client *client, const char *suggestion,
                                      uservoice_error **error)
{
    char *path = NULL, *response = NULL, *comment = NULL; /* stay NULL if they are absent */
    char comments[128];
    uservoice_status status = uservoice_json_get(suggestion, "/path", &path, error);
    if (status == USERVOICE_OK) { /* "/forums/1/suggestions/2" */
        snprintf(comments, sizeof comments, "/api/v1%s/comments", path != NULL ? path : "");
        status = uservoice_get(client, NULL, comments, "{\"sort\":\"newest\",\"per_page\":1}",
                               &response, error);
    }
    if (status == USERVOICE_OK)
        status = uservoice_json_get(response, "/comments/0/text", &comment, error);
    if (status == USERVOICE_OK)
        printf("%s: %s\n", path, comment != NULL ? comment : "(no comment)");
    uservoice_string_free(comment);
    uservoice_string_free(response);
    uservoice_string_free(path);
    return status;
}

/* Runs in each thread. Returns the error that ended it, or NULL. */
static void *print_comments(void *argument)
{
    struct work *work = argument;
    uservoice_error *error = NULL;
    char *suggestion = NULL;
    while (uservoice_collection_next(work->suggestions, &suggestion, &error) == USERVOICE_OK
           && suggestion != NULL) {
        const uservoice_status status = print_comment(work->client, suggestion, &error);
        uservoice_string_free(suggestion);
        if (status != USERVOICE_OK)
            break;
    }
    return error;
}

int main(void)
{
    struct work work = {site_client(), NULL};
    if (work.client == NULL)
        return 1;
    pthread_t threads[THREADS];
    int started = 0, result = 0;
    uservoice_error *error = NULL;
    if (uservoice_collection_new(work.client, NULL, "/api/v1/suggestions", NULL, 20,
                                 &work.suggestions, &error) != USERVOICE_OK)
        result = fail(error);
    while (result == 0 && started < THREADS) {
        result = pthread_create(&threads[started], NULL, print_comments, &work);
        if (result == 0)
            started++;
        else
            fprintf(stderr, "Only %d threads can be started.\n", started);
    }
    while (started > 0) {
        void *failure = NULL;
        pthread_join(threads[--started], &failure);
        if (failure != NULL)
            result = fail(failure);
    }
    uservoice_collection_free(work.suggestions);
    uservoice_client_free(work.client);
    return result == 0 ? finish() : 1;
}
