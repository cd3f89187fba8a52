/*
 * Writes the records of lists, to standard output or into files.
 *
 *     export [--as EMAIL | --owner] PATH [LIMIT]
 *     export /api/v1/suggestions > suggestions.jsonl
 *     export "/api/v2/admin/users?updated_after=2026-01-01T00:00:00Z"
 *
 * writes one list, one line of JSON each. --as acts as a user (UserVoice creates one
 * where there is none with that address), --owner as the owner of the site. The Admin
 * API, /api/v2/, is always read as the owner, with a token that renews itself however
 * long that takes.
 *
 *     export --to DIRECTORY [--since MOMENT] [--format csv] NAME...
 *     export --to backup suggestions users
 *
 * writes lists of the Admin API into files, several at once, and says on a terminal
 * how far it is. Interrupted, killed or stopped by an error, the same command goes on
 * where it was; after one that came to its end it appends what has changed since.
 *
 * Exit status: 0 all was written, 1 any other error, 2 wrong usage, 3 not authorized,
 * 4 no such list, 5 rate limit, 6 the service failed, 7 the service was not reached,
 * 8 a file cannot be written or used, 130 interrupted.
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

enum { DONE = 0, FAILED = 1, USAGE = 2, NO_FILE = 8, INTERRUPTED = 130 };

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

/* Tells a script what kind of failure it was. */
static int exit_status(uservoice_status status)
{
    switch (status) {
    case USERVOICE_INVALID_ARGUMENT:
        return USAGE;
    case USERVOICE_UNAUTHORIZED:
        return 3;
    case USERVOICE_NOT_FOUND:
        return 4;
    case USERVOICE_RATE_LIMITED:
        return 5;
    case USERVOICE_APPLICATION_ERROR:
    case USERVOICE_API_ERROR:
    case USERVOICE_BAD_RESPONSE:
        return 6;
    case USERVOICE_TRANSPORT:
    case USERVOICE_TIMEOUT:
        return 7;
    case USERVOICE_FILE_ERROR:
        return NO_FILE;
    case USERVOICE_CANCELLED:
        return INTERRUPTED;
    default:
        return FAILED;
    }
}

static int end_with(const char *what, uservoice_error *error)
{
    const int result = exit_status(uservoice_error_status(error));
    site_failed(what, error);
    return result;
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
    return cause == EPIPE ? FAILED : NO_FILE;
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

/* The number of a key of the progress, behind those of the single lists: at its last
 * place. `otherwise` for null. The library writes no number with more than one decimal. */
static double number(const char *progress, const char *key, double otherwise)
{
    const char *found = NULL;
    for (const char *at = progress; (at = strstr(at, key)) != NULL; found = at)
        at += strlen(key);
    return found == NULL || *found == 'n' ? otherwise : strtod(found, NULL);
}

static void draw(const char *progress)
{
    static const char bar[] = "##############################";
    const double written = number(progress, "\"written\":", 0);
    const double total = number(progress, "\"total\":", -1);
    const double left = number(progress, "\"seconds_left\":", -1);
    fprintf(stderr, "\r\033[K");
    if (total >= 0) {
        const double share = total > 0 ? written / total : 1;
        fprintf(stderr, "[%-30.*s] %3.0f %% ", (int)(share * 30), bar, share * 100);
    }
    fprintf(stderr, "%.0f records, %.0f a second", written,
            number(progress, "\"records_per_second\":", 0));
    if (left >= 0)
        fprintf(stderr, ", %.0f s left", left);
}

static int write_files(const uservoice_export *export)
{
    const bool terminal = isatty(STDERR_FILENO);
    uservoice_error *error = NULL;
    uservoice_status status;
    char *progress = NULL;
    while ((status = uservoice_export_next(export, &progress, &error)) == USERVOICE_OK
           && progress != NULL) {
        if (terminal)
            draw(progress);
        uservoice_string_free(progress);
    }
    if (terminal)
        fputc('\n', stderr);
    if (status == USERVOICE_OK)
        return DONE;
    const int result = end_with("Stopped", error);
    fputs("The same command goes on there.\n", stderr);
    return result;
}

/* What the command line asks for. */
struct request {
    const char *email; /* --as */
    bool owner;
    const char *path;
    int64_t limit;
    const char *directory; /* --to */
    const char *since;
    const char *format;
    char **names; /* up to NULL */
};

static void put_text(FILE *json, const char *text)
{
    fputc('"', json);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', json);
        fputc(*text, json);
    }
    fputc('"', json);
}

/* The options of uservoice_export_new(), to be freed by free(). */
static char *export_options(const struct request *request)
{
    char *text = NULL;
    size_t size = 0;
    FILE *json = open_memstream(&text, &size);
    if (json == NULL)
        return NULL;
    fputs("{\"resources\":[", json);
    for (char **name = request->names; *name != NULL; name++) {
        if (name != request->names)
            fputc(',', json);
        put_text(json, *name);
    }
    fputs("],\"format\":", json);
    put_text(json, request->format);
    if (request->since != NULL) {
        fputs(",\"since\":", json);
        put_text(json, request->since);
    }
    fputc('}', json);
    return fclose(json) == 0 ? text : NULL;
}

static int export_files(const uservoice_client *client, const struct request *request)
{
    uservoice_error *error = NULL;
    uservoice_token *token = NULL;
    if (uservoice_login_with_client_credentials(client, &token, &error) != USERVOICE_OK)
        return end_with("Cannot log in to the Admin API", error);
    char *options = export_options(request);
    if (options == NULL) {
        perror("options");
        uservoice_token_free(token);
        return FAILED;
    }
    uservoice_export *export = NULL;
    int result;
    if (uservoice_export_new(client, token, request->directory, options, &export, &error)
        == USERVOICE_OK)
        result = write_files(export);
    else
        result = end_with("The export cannot be opened", error);
    uservoice_export_free(export);
    free(options);
    uservoice_token_free(token);
    return result;
}

static bool is_admin_api(const char *path)
{
    return strncmp(path, "/api/v2/", strlen("/api/v2/")) == 0;
}

static int export_list(const uservoice_client *client, const struct request *request)
{
    uservoice_token *token = NULL; /* NULL: the API key itself */
    uservoice_error *error = NULL;
    const bool admin_api = is_admin_api(request->path);
    if (admin_api
        && uservoice_login_with_client_credentials(client, &token, &error) != USERVOICE_OK)
        return end_with("Cannot log in to the Admin API", error);
    if (request->owner && !admin_api
        && uservoice_login_as_owner(client, NULL, &token, &error) != USERVOICE_OK)
        return end_with("Cannot act as the owner", error);
    if (request->email != NULL
        && uservoice_login_as(client, NULL, request->email, &token, &error) != USERVOICE_OK)
        return end_with("Cannot act as that user", error);

    uservoice_collection *list = NULL;
    int result;
    if (uservoice_collection_new(client, token, request->path, NULL, request->limit, &list, &error)
        == USERVOICE_OK)
        result = write_list(list);
    else
        result = end_with("The list cannot be made", error);
    uservoice_collection_free(list);
    uservoice_token_free(token);
    return result;
}

/* Whether the arguments make sense. */
static bool read_arguments(int argc, char **argv, struct request *request)
{
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        const char **value = strcmp(argv[at], "--as") == 0       ? &request->email
                             : strcmp(argv[at], "--to") == 0     ? &request->directory
                             : strcmp(argv[at], "--since") == 0  ? &request->since
                             : strcmp(argv[at], "--format") == 0 ? &request->format
                                                                 : NULL;
        if (strcmp(argv[at], "--owner") == 0)
            request->owner = true;
        else if (value == NULL || at + 1 == argc)
            return false;
        else
            *value = argv[++at];
    }
    if (request->directory != NULL) {
        request->names = argv + at; /* argv[argc] is NULL */
        if (request->format == NULL)
            request->format = "jsonl";
        return at < argc && request->email == NULL && !request->owner;
    }
    if (at == argc || argc > at + 2 || argv[at][0] != '/' || request->since != NULL
        || request->format != NULL || (request->email != NULL && request->owner))
        return false;
    request->path = argv[at];
    if (argc == at + 2) {
        char *end;
        request->limit = strtoll(argv[at + 1], &end, 10);
        if (*end != '\0' || end == argv[at + 1])
            return false;
    }
    return request->email == NULL || !is_admin_api(request->path);
}

int main(int argc, char **argv)
{
    struct request request = {.limit = -1};
    if (!read_arguments(argc, argv, &request)) {
        fputs("usage: export [--as EMAIL | --owner] PATH [LIMIT]\n"
              "       export --to DIRECTORY [--since MOMENT] [--format csv] NAME...\n"
              "PATH is a list such as /api/v1/suggestions or /api/v2/admin/users;\n"
              "the latter, the Admin API, knows no --as. NAME is of a list of the Admin API.\n", stderr);
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
    const int result = request.directory != NULL ? export_files(client, &request)
                                                 : export_list(client, &request);
    pthread_kill(waiter, SIGUSR1);
    pthread_join(waiter, NULL);
    uservoice_client_free(client);
    return result;
}
