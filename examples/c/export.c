/*
 * Writes every record of a list to standard output, one line of JSON each.
 *
 *     export [--as EMAIL | --owner] PATH [LIMIT]
 *     export /api/v1/suggestions > suggestions.jsonl
 *     export "/api/v2/admin/users?updated_after=2026-01-01T00:00:00Z"
 *
 * --as acts as a user (UserVoice creates one where there is none with that
 * address), --owner as the owner of the site. The Admin API, /api/v2/, is always
 * read as the owner, with a token that renews itself however long that takes.
 * Exit status: 0 all was written, 1 an error, 2 wrong usage, 130 interrupted.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "site.h"

enum { DONE = 0, FAILED = 1, USAGE = 2, INTERRUPTED = 130 };

/*
 * Ctrl-C. A signal handler may not call uservoice_client_cancel(), so the
 * signals are blocked and a thread of its own waits for them: it ends the
 * call that is running at once. A second Ctrl-C ends the program, should it
 * hang in something else, such as a full pipe.
 */
static sigset_t signals;

static void *wait_for_signals(void *client)
{
    int signal_number;
    for (int seen = 0; sigwait(&signals, &signal_number) == 0; seen++) {
        if (signal_number == SIGUSR1) /* main is done */
            break;
        if (seen > 0)
            _exit(INTERRUPTED);
        uservoice_client_cancel(client);
    }
    return NULL;
}

static int end_with(const char *what, uservoice_error *error)
{
    const bool cancelled = uservoice_error_status(error) == USERVOICE_CANCELLED;
    site_failed(what, error);
    return cancelled ? INTERRUPTED : FAILED;
}

/* One record as one line: a line break in JSON stands between two values only. */
static bool write_line(char *record)
{
    for (char *at = record; (at = strpbrk(at, "\r\n")) != NULL; at++)
        *at = ' ';
    return fputs(record, stdout) != EOF && putchar('\n') != EOF;
}

static int write_error(int cause)
{
    errno = cause;
    if (cause != EPIPE) /* the reader of a pipe may stop when it has seen enough */
        perror("standard output");
    return FAILED;
}

static int write_list(const uservoice_collection *list)
{
    uservoice_error *error = NULL;
    size_t total = 0;
    if (uservoice_collection_len(list, &total, &error) != USERVOICE_OK)
        return end_with("The list cannot be read", error);

    const bool progress = isatty(STDERR_FILENO);
    size_t written = 0;
    int result = DONE;
    for (;;) {
        char *record = NULL;
        if (uservoice_collection_next(list, &record, &error) != USERVOICE_OK) {
            if (progress)
                fputc('\n', stderr);
            fprintf(stderr, "Stopped after %zu of %zu records. ", written, total);
            result = end_with("The next one cannot be read", error);
            break;
        }
        if (record == NULL)
            break;
        const int cause = write_line(record) ? 0 : errno;
        uservoice_string_free(record);
        if (cause != 0)
            return write_error(cause);
        written++;
        if (progress && (written % 100 == 0 || written == total))
            fprintf(stderr, "\r%zu of %zu", written, total);
    }
    if (fflush(stdout) != 0)
        return write_error(errno);
    if (result == DONE && progress)
        fputc('\n', stderr);
    if (result == DONE && written < total)
        fprintf(stderr, "The list became shorter while it was read: %zu of %zu records.\n",
                written, total);
    return result;
}

static bool is_admin_api(const char *path)
{
    return strncmp(path, "/api/v2/", strlen("/api/v2/")) == 0;
}

static int log_in_and_export(const uservoice_client *client, const char *email, bool owner,
                             const char *path, int64_t limit)
{
    uservoice_token *token = NULL; /* NULL: the API key itself */
    uservoice_error *error = NULL;
    const bool admin_api = is_admin_api(path);
    if (admin_api
        && uservoice_login_with_client_credentials(client, &token, &error) != USERVOICE_OK)
        return end_with("Cannot log in to the Admin API", error);
    if (owner && !admin_api
        && uservoice_login_as_owner(client, NULL, &token, &error) != USERVOICE_OK)
        return end_with("Cannot act as the owner", error);
    if (email != NULL && uservoice_login_as(client, NULL, email, &token, &error) != USERVOICE_OK)
        return end_with("Cannot act as that user", error);

    uservoice_collection *list = NULL;
    int result;
    if (uservoice_collection_new(client, token, path, NULL, limit, &list, &error) == USERVOICE_OK)
        result = write_list(list);
    else
        result = end_with("The list cannot be made", error);
    uservoice_collection_free(list);
    uservoice_token_free(token);
    return result;
}

int main(int argc, char **argv)
{
    const char *email = NULL;
    bool owner = false;
    int at = 1;
    if (argc > 2 && strcmp(argv[at], "--as") == 0) {
        email = argv[at + 1];
        at += 2;
    } else if (argc > 1 && strcmp(argv[at], "--owner") == 0) {
        owner = true;
        at += 1;
    }
    char *end = NULL;
    const int64_t limit = argc == at + 2 ? strtoll(argv[at + 1], &end, 10) : -1;
    if (argc < at + 1 || argc > at + 2 || argv[at][0] != '/'
        || (email != NULL && is_admin_api(argv[at])) || (end != NULL && (*end != '\0' || end == argv[at + 1]))) {
        fputs("usage: export [--as EMAIL | --owner] PATH [LIMIT]\n"
              "PATH is a list such as /api/v1/suggestions or /api/v2/admin/users;\n"
              "the latter, the Admin API, knows no --as\n", stderr);
        return USAGE;
    }

    signal(SIGPIPE, SIG_IGN); /* a reader that went away is seen as an error of fputs() */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    const struct site site = site_from_environment();
    uservoice_client *client = site_client(&site);
    if (client == NULL)
        return USAGE;
    pthread_t waiter;
    if (pthread_create(&waiter, NULL, wait_for_signals, client) != 0) {
        fputs("A thread cannot be started.\n", stderr);
        uservoice_client_free(client);
        return FAILED;
    }
    const int result = log_in_and_export(client, email, owner, argv[at], limit);
    pthread_kill(waiter, SIGUSR1);
    pthread_join(waiter, NULL);
    uservoice_client_free(client);
    return result;
}
