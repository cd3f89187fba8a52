/* Exports into files, against the sandbox. */
#include "check.h"

#include <dirent.h>
#include <stdbool.h>
#include <unistd.h>

static uservoice_client *client;
static uservoice_token *token;
static size_t records;
static char directory[64];

static void remove_directory(void)
{
    DIR *files = opendir(directory);
    if (files == NULL)
        return;
    for (struct dirent *file; (file = readdir(files)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", directory, file->d_name);
        unlink(path);
    }
    closedir(files);
    rmdir(directory);
}

/* A file of the directory, to be freed by free(). */
static char *contents(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(size + 1);
    CHECK(text != NULL && fread(text, 1, size, file) == size);
    text[size] = '\0';
    fclose(file);
    return text;
}

static uservoice_export *opened(const char *options)
{
    uservoice_export *export;
    OK(uservoice_export_new(client, token, directory, options, &export, &error));
    return export;
}

/* Writes all that is left, and gives the last progress. */
static char *run(const char *options)
{
    uservoice_export *export = opened(options);
    char *last = NULL;
    for (;;) {
        char *progress;
        OK(uservoice_export_next(export, &progress, &error));
        if (progress == NULL)
            break;
        uservoice_string_free(last);
        last = progress;
    }
    uservoice_export_free(export);
    CHECK(last != NULL);
    return last;
}

/* The lines of the file are the list's records as they come, in its order. */
static void holds_the_list(const char *name, const char *path)
{
    char *text = contents(name), *at = text, *record;
    uservoice_collection *list;
    OK(uservoice_collection_new(client, token, path, NULL, -1, &list, &error));
    for (;;) {
        OK(uservoice_collection_next(list, &record, &error));
        if (record == NULL)
            break;
        const size_t length = strlen(record);
        CHECK(strncmp(at, record, length) == 0 && at[length] == '\n');
        at += length + 1;
        uservoice_string_free(record);
    }
    CHECK(*at == '\0');
    uservoice_collection_free(list);
    free(text);
}

static void lists_become_files(void)
{
    const char *options = "{\"resources\":[\"suggestions\",\"users\","
                          "{\"name\":\"tickets\",\"path\":\"/api/v2/admin/forums\",\"incremental\":false}]}";
    char *progress = run(options), expected[128];
    snprintf(expected, sizeof expected, "\"suggestions\":{\"written\":%zu,\"total\":%zu,\"done\":true}",
             records, records);
    CONTAINS(progress, expected);
    CONTAINS(progress, "\"seconds_left\":0.0");
    uservoice_string_free(progress);
    holds_the_list("suggestions.jsonl", "/api/v2/admin/suggestions?sort=id");
    holds_the_list("users.jsonl", "/api/v2/admin/users?sort=id");
    holds_the_list("tickets.jsonl", "/api/v2/admin/forums");

    char *state = contents("state.json");
    CHECK(strstr(state, uservoice_token_value(token)) == NULL);
    CHECK(strstr(state, sandbox("USERVOICE_SANDBOX_API_SECRET")) == NULL);
    CHECK(strstr(state, sandbox("USERVOICE_SANDBOX_API_KEY")) == NULL);
    free(state);

    /* Another run appends what has changed, and nothing else. */
    char *before = contents("suggestions.jsonl"), *answer;
    OK(uservoice_put(client, token, "/api/v2/admin/suggestions/7", "{\"title\":\"Changed\"}",
                     &answer, &error));
    uservoice_string_free(answer);
    progress = run(options);
    CONTAINS(progress, "\"suggestions\":{\"written\":1,\"total\":1,\"done\":true}");
    CONTAINS(progress, "\"users\":{\"written\":0,\"total\":0,\"done\":true}");
    uservoice_string_free(progress);
    char *after = contents("suggestions.jsonl");
    CHECK(strncmp(after, before, strlen(before)) == 0);
    const char *added = after + strlen(before);
    CONTAINS(added, "\"title\":\"Changed\"");
    CHECK(count_of(added, "\n") == 1);
    free(before);
    free(after);
    holds_the_list("tickets.jsonl", "/api/v2/admin/forums");
    remove_directory();
}

static void what_cannot_be_is_told(void)
{
    uservoice_export *export = opened("{\"resources\":[\"users\"]}"), *other;
    uservoice_error *error = NULL;
    FAILS(USERVOICE_FILE_ERROR,
          uservoice_export_new(client, token, directory, "{\"resources\":[\"users\"]}", &other, &error));
    CHECK(other == NULL);
    CONTAINS(uservoice_error_message(error), "another export uses this directory");
    uservoice_error_free(error);
    char *progress;
    OK(uservoice_export_next(export, &progress, &error));
    uservoice_string_free(progress);
    uservoice_export_free(export);
    FAILS(USERVOICE_INVALID_ARGUMENT,
          uservoice_export_new(client, token, directory, "{\"format\":\"csv\",\"resources\":[\"users\"]}",
                               &other, &error));
    CONTAINS(uservoice_error_message(error), "\"format\"");
    uservoice_error_free(error);
    remove_directory();
    REFUSES(USERVOICE_FILE_ERROR,
            uservoice_export_new(client, token, "/proc/no", "{\"resources\":[\"users\"]}", &other, &error));
}

static void an_error_is_told_with_the_resource(void)
{
    uservoice_export *export = opened("{\"resources\":[\"nothing\",\"users\"]}");
    uservoice_error *error = NULL;
    char *progress;
    uservoice_status status;
    bool written = false;
    while ((status = uservoice_export_next(export, &progress, &error)) == USERVOICE_OK) {
        CHECK(progress != NULL);
        uservoice_string_free(progress);
    }
    CHECK(status == USERVOICE_NOT_FOUND);
    CHECK(strncmp(uservoice_error_message(error), "nothing: HTTP 404", 17) == 0);
    uservoice_error_free(error);
    while (!written) { /* the others go on */
        if (uservoice_export_next(export, &progress, NULL) == USERVOICE_OK)
            written = strstr(progress, "\"users\":{\"written\":250,\"total\":250,\"done\":true}") != NULL;
        uservoice_string_free(progress);
    }
    uservoice_client_cancel(client);
    REFUSES(USERVOICE_CANCELLED, uservoice_export_next(export, &progress, &error));
    uservoice_client_free(client);
    uservoice_export_free(export);
    remove_directory();
}

int main(void)
{
    records = strtoul(sandbox("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    reset_sandbox();
    client = sandbox_client("");
    OK(uservoice_login_with_client_credentials(client, &token, &error));
    snprintf(directory, sizeof directory, "/tmp/uservoice-test-export.%ld", (long)getpid());
    lists_become_files();
    what_cannot_be_is_told();
    an_error_is_told_with_the_resource();
    uservoice_token_free(token);
    reset_sandbox();
    threads_have_ended();
    puts("test_export: passed");
    return 0;
}
