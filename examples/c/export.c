/*
 * Exports lists of records to standard output or into files.
 *
 *     export [--as EMAIL | --owner] PATH [LIMIT]
 *     export /api/v1/suggestions > suggestions.jsonl
 *     export "/api/v2/admin/users?updated_after=2026-01-01T00:00:00Z"
 *
 * writes one list as JSON Lines. --as acts as the user with an e-mail address (UserVoice
 * creates one if necessary), --owner as the owner of the site. The Admin API, /api/v2/, is
 * always read as the owner, with a token that is refreshed when it expires.
 *
 *     export --to DIRECTORY [--since TIME] [--format csv] NAME...
 *     export --to backup suggestions users
 *
 * writes lists of the Admin API into files, several at once, with a progress line on a
 * terminal. After an interruption or an error, the same command resumes the export. After a
 * complete one, it appends what has changed since.
 *
 * Exit status: 0 success, 1 other error, 2 usage error, 3 not authorized, 4 list not found,
 * 5 rate limited, 6 service error, 7 service unreachable, 8 file error, 130 interrupted.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "site.h"

enum { DONE = 0, FAILED = 1, USAGE = 2, FILE_ERROR = 8, INTERRUPTED = 130 };

/*
 * Ctrl-C ends the running request. A second one exits, in case the program is blocked elsewhere,
 * such as on a full pipe.
 */
static volatile sig_atomic_t interrupted;

static void on_ctrl_c(int signal_number)
{
    (void)signal_number;
    if (interrupted)
        _exit(INTERRUPTED);
    interrupted = 1;
}

static int32_t is_interrupted(void *user_data)
{
    (void)user_data;
    return interrupted;
}

/* Returns the exit status for a status of the library. */
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
        return FILE_ERROR;
    case USERVOICE_CANCELLED:
        return INTERRUPTED;
    default:
        return FAILED;
    }
}

static int report(const char *action, uservoice_error *error)
{
    const int result = exit_status(uservoice_error_status(error));
    print_error(action, error);
    return result;
}

/* Writes a record as one line. JSON has line breaks only between values. */
static bool write_line(char *record)
{
    for (char *end = record; (end = strpbrk(end, "\r\n")) != NULL; end++)
        *end = ' ';
    return fputs(record, stdout) != EOF && putchar('\n') != EOF;
}

/* Reports that standard output cannot be written. */
static int write_error(int number)
{
    errno = number;
    if (number != EPIPE) /* the reader of a pipe may stop early */
        perror("standard output");
    return number == EPIPE ? FAILED : FILE_ERROR;
}

static int write_list(uservoice_collection *list)
{
    uservoice_error *error = NULL;
    size_t total = 0;
    if (uservoice_collection_len(list, &total, &error) != USERVOICE_OK)
        return report("Cannot read the list", error);

    const bool progress = isatty(STDERR_FILENO);
    size_t written = 0;
    int result = DONE;
    for (;;) {
        char *record = NULL;
        if (uservoice_collection_next(list, &record, &error) != USERVOICE_OK) {
            if (progress)
                fputc('\n', stderr);
            fprintf(stderr, "Stopped after %zu of %zu records. ", written, total);
            result = report("Cannot read the next record", error);
            break;
        }
        if (record == NULL)
            break;
        const int number = write_line(record) ? 0 : errno;
        uservoice_string_free(record);
        if (number != 0)
            return write_error(number);
        written++;
        if (progress && (written % 100 == 0 || written == total))
            fprintf(stderr, "\r%zu of %zu", written, total);
    }
    if (fflush(stdout) != 0)
        return write_error(errno);
    if (result == DONE && progress)
        fputc('\n', stderr);
    if (result == DONE && written < total)
        fprintf(stderr, "The list shrank while it was read: %zu of %zu records.\n", written, total);
    return result;
}

/* Returns a number of the progress, or a default if it is null. */
static double number(const char *progress, const char *pointer, double default_value)
{
    char *json = NULL;
    double value = default_value;
    if (uservoice_json_get(progress, pointer, &json, NULL) == USERVOICE_OK && json != NULL
        && strcmp(json, "null") != 0)
        value = strtod(json, NULL);
    uservoice_string_free(json);
    return value;
}

static void print_progress(const char *progress)
{
    static const char bar[] = "##############################";
    const double written = number(progress, "/written", 0);
    const double total = number(progress, "/total", -1);
    const double remaining = number(progress, "/seconds_left", -1);
    fprintf(stderr, "\r\033[K");
    if (total >= 0) {
        const double share = total > 0 ? written / total : 1;
        fprintf(stderr, "[%-30.*s] %3.0f %% ", (int)(share * 30), bar, share * 100);
    }
    fprintf(stderr, "%.0f records, %.0f per second", written,
            number(progress, "/records_per_second", 0));
    if (remaining >= 0)
        fprintf(stderr, ", %.0f s remaining", remaining);
}

static int write_files(uservoice_export *export)
{
    const bool terminal = isatty(STDERR_FILENO);
    uservoice_error *error = NULL;
    uservoice_status status;
    char *progress = NULL;
    while ((status = uservoice_export_next(export, &progress, &error)) == USERVOICE_OK
           && progress != NULL) {
        if (terminal)
            print_progress(progress);
        uservoice_string_free(progress);
    }
    if (terminal)
        fputc('\n', stderr);
    if (status == USERVOICE_OK)
        return DONE;
    const int result = report("Stopped", error);
    fputs("Run the same command again to resume.\n", stderr);
    return result;
}

/* The command line. */
struct arguments {
    const char *email; /* --as */
    bool owner;
    const char *path;
    int64_t limit;
    const char *directory; /* --to */
    const char *since;
    const char *format;
    char **names; /* ends with NULL */
};

/* Writes a string as JSON. One that is not UTF-8 becomes "", which the library rejects. */
static void put_string(FILE *json, const char *string)
{
    char *quoted = NULL;
    fputs(uservoice_json_quote(string, &quoted, NULL) == USERVOICE_OK ? quoted : "\"\"", json);
    uservoice_string_free(quoted);
}

/* Returns the options of uservoice_export_new(). Free them with free(). */
static char *export_options(const struct arguments *arguments)
{
    char *text = NULL;
    size_t size = 0;
    FILE *json = open_memstream(&text, &size);
    if (json == NULL)
        return NULL;
    fputs("{\"resources\":[", json);
    for (char **name = arguments->names; *name != NULL; name++) {
        if (name != arguments->names)
            fputc(',', json);
        put_string(json, *name);
    }
    fputs("],\"format\":", json);
    put_string(json, arguments->format);
    if (arguments->since != NULL) {
        fputs(",\"since\":", json);
        put_string(json, arguments->since);
    }
    fputc('}', json);
    return fclose(json) == 0 ? text : NULL;
}

static int export_files(const uservoice_client *client, const struct arguments *arguments)
{
    uservoice_error *error = NULL;
    uservoice_token *token = NULL;
    if (uservoice_login_with_client_credentials(client, &token, &error) != USERVOICE_OK)
        return report("Cannot log in to the Admin API", error);
    char *options = export_options(arguments);
    if (options == NULL) {
        perror("options");
        uservoice_token_free(token);
        return FAILED;
    }
    uservoice_export *export = NULL;
    int result;
    if (uservoice_export_new(client, token, arguments->directory, options, &export, &error)
        == USERVOICE_OK)
        result = write_files(export);
    else
        result = report("Cannot open the export", error);
    uservoice_export_free(export);
    free(options);
    uservoice_token_free(token);
    return result;
}

static bool is_admin_api(const char *path)
{
    return strncmp(path, "/api/v2/", strlen("/api/v2/")) == 0;
}

static int export_list(const uservoice_client *client, const struct arguments *arguments)
{
    uservoice_token *token = NULL; /* NULL: the API key alone */
    uservoice_error *error = NULL;
    const bool admin_api = is_admin_api(arguments->path);
    if (admin_api
        && uservoice_login_with_client_credentials(client, &token, &error) != USERVOICE_OK)
        return report("Cannot log in to the Admin API", error);
    if (arguments->owner && !admin_api
        && uservoice_login_as_owner(client, NULL, &token, &error) != USERVOICE_OK)
        return report("Cannot act as the owner", error);
    if (arguments->email != NULL
        && uservoice_login_as(client, NULL, arguments->email, &token, &error) != USERVOICE_OK)
        return report("Cannot act as that user", error);

    uservoice_collection *list = NULL;
    int result;
    if (uservoice_collection_new(client, token, arguments->path, NULL, arguments->limit, &list,
                                 &error)
        == USERVOICE_OK)
        result = write_list(list);
    else
        result = report("Cannot create the collection", error);
    uservoice_collection_free(list);
    uservoice_token_free(token);
    return result;
}

/* Parses the command line. Returns false if it is invalid. */
static bool parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        const char **value = strcmp(argv[i], "--as") == 0       ? &arguments->email
                             : strcmp(argv[i], "--to") == 0     ? &arguments->directory
                             : strcmp(argv[i], "--since") == 0  ? &arguments->since
                             : strcmp(argv[i], "--format") == 0 ? &arguments->format
                                                                : NULL;
        if (strcmp(argv[i], "--owner") == 0)
            arguments->owner = true;
        else if (value == NULL || i + 1 == argc)
            return false;
        else
            *value = argv[++i];
    }
    if (arguments->directory != NULL) {
        arguments->names = argv + i; /* argv[argc] is NULL */
        if (arguments->format == NULL)
            arguments->format = "jsonl";
        return i < argc && arguments->email == NULL && !arguments->owner;
    }
    if (i == argc || argc > i + 2 || argv[i][0] != '/' || arguments->since != NULL
        || arguments->format != NULL || (arguments->email != NULL && arguments->owner))
        return false;
    arguments->path = argv[i];
    if (argc == i + 2) {
        char *end;
        arguments->limit = strtoll(argv[i + 1], &end, 10);
        if (*end != '\0' || end == argv[i + 1])
            return false;
    }
    return arguments->email == NULL || !is_admin_api(arguments->path);
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.limit = -1};
    if (!parse_arguments(argc, argv, &arguments)) {
        fputs("usage: export [--as EMAIL | --owner] PATH [LIMIT]\n"
              "       export --to DIRECTORY [--since TIME] [--format csv] NAME...\n"
              "PATH is a list such as /api/v1/suggestions, or /api/v2/admin/users without --as.\n"
              "NAME is a list of the Admin API, such as users.\n",
              stderr);
        return USAGE;
    }

    signal(SIGPIPE, SIG_IGN); /* a closed pipe makes fputs() fail instead */
    const struct sigaction action = {.sa_handler = on_ctrl_c};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    const struct site site = site_from_environment();
    uservoice_client *client = site_client(&site);
    if (client == NULL)
        return USAGE;
    uservoice_error *error = NULL;
    if (uservoice_client_set_interrupt(client, is_interrupted, NULL, &error) != USERVOICE_OK) {
        uservoice_client_free(client);
        return report("Cannot set the interrupt callback", error);
    }
    const int result = arguments.directory != NULL ? export_files(client, &arguments)
                                                   : export_list(client, &arguments);
    uservoice_client_free(client);
    return result;
}
