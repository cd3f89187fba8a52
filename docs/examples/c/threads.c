#define _POSIX_C_SOURCE 200809L

#include "example.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* [threads] */
static void *read_some(void *list) /* each record is returned to one thread */
{
    char *record = NULL;
    while (uservoice_collection_next(list, &record, NULL) == USERVOICE_OK && record != NULL)
        uservoice_string_free(record);
    return NULL;
}

static void read_on_four_threads(uservoice_collection *list)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, read_some, list);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}
/* [end] */

/* [fork] */
static bool read_in_child(uservoice_client *client)
{
    pid_t child = fork();
    if (child == 0) { /* the client works here too, over new connections */
        char *json = NULL;
        uservoice_status status = uservoice_get(client, NULL, "/api/v1/forums", NULL, &json, NULL);
        uservoice_string_free(json);
        _exit(status == USERVOICE_OK ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && status == 0;
}
/* [end] */

bool threads(uservoice_client *client)
{
    uservoice_collection *list = NULL;
    uservoice_error *error = NULL;
    if (uservoice_collection_new(client, NULL, "/api/v1/users", NULL, -1, &list, &error)
        != USERVOICE_OK)
        return failed(error);
    read_on_four_threads(list);
    char *record = NULL;
    bool at_end =
        uservoice_collection_next(list, &record, &error) == USERVOICE_OK && record == NULL;
    uservoice_collection_free(list);
    fflush(stdout);
    return at_end && read_in_child(client);
}
