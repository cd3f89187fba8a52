/* Counts the suggestions, and logs each request to syslog. Ctrl-C ends a request at once. */
#define _DEFAULT_SOURCE /* LOG_PERROR */

#include <signal.h>
#include <stdio.h>
#include <syslog.h>

#include "site.h"

/* A signal handler can only set a flag. The library asks for it while a call waits. */
static volatile sig_atomic_t interrupted;

static void on_ctrl_c(int number)
{
    (void)number;
    interrupted = 1;
}

static int32_t is_interrupted(void *user_data)
{
    (void)user_data;
    return interrupted;
}

static void log_line(int32_t level, const char *line, void *user_data)
{
    (void)user_data;
    syslog(level == USERVOICE_LOG_WARNING ? LOG_WARNING : LOG_INFO, "%s", line);
}

static uservoice_status count(const uservoice_client *client, size_t *counted,
                              uservoice_error **error)
{
    uservoice_collection *suggestions = NULL;
    char *suggestion = NULL;
    uservoice_status status = uservoice_client_set_interrupt(client, is_interrupted, NULL, error);
    if (status == USERVOICE_OK)
        status = uservoice_client_set_log(client, USERVOICE_LOG_INFO, log_line, NULL, error);
    if (status == USERVOICE_OK)
        status = uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1,
                                          &suggestions, error);
    while (status == USERVOICE_OK
           && (status = uservoice_collection_next(suggestions, &suggestion, error)) == USERVOICE_OK
           && suggestion != NULL) {
        uservoice_string_free(suggestion);
        ++*counted;
    }
    uservoice_collection_free(suggestions);
    return status;
}

int main(void)
{
    uservoice_client *client = site_client();
    if (client == NULL)
        return 1;
    openlog("log_and_interrupt", LOG_PERROR, LOG_USER); /* LOG_PERROR: to standard error too */
    const struct sigaction action = {.sa_handler = on_ctrl_c};
    sigaction(SIGINT, &action, NULL);

    size_t counted = 0;
    uservoice_error *error = NULL;
    const uservoice_status status = count(client, &counted, &error);
    uservoice_client_free(client);
    if (status == USERVOICE_CANCELLED) {
        fprintf(stderr, "Interrupted after %zu suggestions\n", counted);
        uservoice_error_free(error);
        return 130;
    }
    if (status != USERVOICE_OK)
        return fail(error);
    printf("%zu suggestions\n", counted);
    return finish();
}
