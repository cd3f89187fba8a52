/* Exports into files. */
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

/* Reads a file of the directory. Free the result with free(). */
static char *read_file(const char *name)
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

static uservoice_export *open_export(const char *options)
{
    uservoice_export *export;
    CHECK_OK(uservoice_export_new(client, token, directory, options, &export, &error));
    return export;
}

/* Writes everything and returns the last progress. */
static char *run_export(const char *options)
{
    uservoice_export *export = open_export(options);
    char *last = NULL;
    for (;;) {
        char *progress;
        CHECK_OK(uservoice_export_next(export, &progress, &error));
        if (progress == NULL)
            break;
        uservoice_string_free(last);
        last = progress;
    }
    uservoice_export_free(export);
    CHECK(last != NULL);
    return last;
}

/* Asserts that the lines of the file are the records of the list, unchanged and in order. */
static void check_file_contains_list(const char *name, const char *path)
{
    char *text = read_file(name), *at = text, *record;
    uservoice_collection *list;
    CHECK_OK(uservoice_collection_new(client, token, path, NULL, -1, &list, &error));
    for (;;) {
        CHECK_OK(uservoice_collection_next(list, &record, &error));
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

static void export_writes_and_updates_files(void)
{
    const char *options = "{\"resources\":[\"suggestions\",\"users\","
                          "{\"name\":\"tickets\",\"path\":\"/api/v2/admin/forums\",\"incremental\":false}]}";
    char *progress = run_export(options), expected[128];
    snprintf(expected, sizeof expected, "\"suggestions\":{\"written\":%zu,\"total\":%zu,\"done\":true}",
             records, records);
    CHECK_CONTAINS(progress, expected);
    CHECK_CONTAINS(progress, "\"seconds_left\":0.0");
    uservoice_string_free(progress);
    check_file_contains_list("suggestions.jsonl", "/api/v2/admin/suggestions?sort=id");
    check_file_contains_list("users.jsonl", "/api/v2/admin/users?sort=id");
    check_file_contains_list("tickets.jsonl", "/api/v2/admin/forums");

    char *state = read_file("state.json");
    CHECK(strstr(state, uservoice_token_value(token)) == NULL);
    CHECK(strstr(state, sandbox_env("USERVOICE_SANDBOX_API_SECRET")) == NULL);
    CHECK(strstr(state, sandbox_env("USERVOICE_SANDBOX_API_KEY")) == NULL);
    free(state);

    /* Another run appends only what has changed. */
    char *before = read_file("suggestions.jsonl"), *response;
    CHECK_OK(uservoice_put(client, token, "/api/v2/admin/suggestions/7", "{\"title\":\"Changed\"}",
                           &response, &error));
    uservoice_string_free(response);
    progress = run_export(options);
    CHECK_CONTAINS(progress, "\"suggestions\":{\"written\":1,\"total\":1,\"done\":true}");
    CHECK_CONTAINS(progress, "\"users\":{\"written\":0,\"total\":0,\"done\":true}");
    uservoice_string_free(progress);
    char *after = read_file("suggestions.jsonl");
    CHECK(strncmp(after, before, strlen(before)) == 0);
    const char *added = after + strlen(before);
    CHECK_CONTAINS(added, "\"title\":\"Changed\"");
    CHECK(count_occurrences(added, "\n") == 1);
    free(before);
    free(after);
    check_file_contains_list("tickets.jsonl", "/api/v2/admin/forums");
    remove_directory();
}

static void rejects_locked_directory_and_changed_options(void)
{
    uservoice_export *export = open_export("{\"resources\":[\"users\"]}"), *other;
    uservoice_error *error = NULL;
    CHECK_FAILS(USERVOICE_FILE_ERROR,
                uservoice_export_new(client, token, directory, "{\"resources\":[\"users\"]}",
                                     &other, &error));
    CHECK(other == NULL);
    CHECK_CONTAINS(uservoice_error_message(error), "another export uses this directory");
    uservoice_error_free(error);
    char *progress;
    CHECK_OK(uservoice_export_next(export, &progress, &error));
    uservoice_string_free(progress);
    uservoice_export_free(export);
    CHECK_FAILS(USERVOICE_INVALID_ARGUMENT,
                uservoice_export_new(client, token, directory,
                                     "{\"format\":\"csv\",\"resources\":[\"users\"]}", &other,
                                     &error));
    CHECK_CONTAINS(uservoice_error_message(error), "\"format\"");
    uservoice_error_free(error);
    remove_directory();
    CHECK_STATUS(USERVOICE_FILE_ERROR,
                 uservoice_export_new(client, token, "/proc/no", "{\"resources\":[\"users\"]}",
                                      &other, &error));
}

static void error_names_resource(void)
{
    uservoice_export *export = open_export("{\"resources\":[\"nothing\",\"users\"]}");
    uservoice_error *error = NULL;
    char *progress;
    uservoice_status status;
    bool written = false;
    while ((status = uservoice_export_next(export, &progress, &error)) == USERVOICE_OK) {
        CHECK(progress != NULL);
        uservoice_string_free(progress);
    }
    CHECK(status == USERVOICE_NOT_FOUND);
    CHECK_CONTAINS(uservoice_error_message(error), "GET /api/v2/admin/nothing: HTTP 404");
    CHECK_CONTAINS(uservoice_error_message(error), "(while exporting \"nothing\")");
    CHECK(strcmp(uservoice_error_request(error), "GET /api/v2/admin/nothing") == 0);
    uservoice_error_free(error);
    while (!written) { /* the other list is still exported */
        if (uservoice_export_next(export, &progress, NULL) == USERVOICE_OK)
            written = strstr(progress, "\"users\":{\"written\":250,\"total\":250,\"done\":true}") != NULL;
        uservoice_string_free(progress);
    }
    uservoice_client_cancel(client);
    CHECK_STATUS(USERVOICE_CANCELLED, uservoice_export_next(export, &progress, &error));
    uservoice_client_free(client);
    uservoice_export_free(export);
    remove_directory();
}

int main(void)
{
    records = strtoul(sandbox_env("USERVOICE_SANDBOX_RECORDS"), NULL, 10);
    reset_sandbox();
    client = sandbox_client("");
    CHECK_OK(uservoice_login_with_client_credentials(client, &token, &error));
    snprintf(directory, sizeof directory, "/tmp/uservoice-test-export.%ld", (long)getpid());
    export_writes_and_updates_files();
    rejects_locked_directory_and_changed_options();
    error_names_resource();
    uservoice_token_free(token);
    reset_sandbox();
    wait_for_library_threads();
    puts("test_export: passed");
    return 0;
}
