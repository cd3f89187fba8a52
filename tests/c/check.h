/* Shared by the C tests: assertions, and access to the sandbox. */
#ifndef CHECK_H
#define CHECK_H

#include "../../include/uservoice.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            exit(1);                                                          \
        }                                                                     \
    } while (0)

/* Asserts that the call, whose last argument is `&error`, returns USERVOICE_OK and sets
 * `error` to NULL. `error` points to itself before, which is never the address of an error. */
#define CHECK_OK(call)                                                                          \
    do {                                                                                        \
        uservoice_error *error = (uservoice_error *)&error;                                     \
        if ((call) != USERVOICE_OK) {                                                           \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, uservoice_error_message(error)); \
            exit(1);                                                                            \
        }                                                                                       \
        CHECK(error == NULL);                                                                   \
    } while (0)

/* Asserts that the call, whose last argument is `&error`, fails with that status. The caller
 * declares `error` and frees it. */
#define CHECK_FAILS(expected, call)                                                             \
    do {                                                                                        \
        const uservoice_status status_ = (call);                                                \
        if (status_ != (expected)) {                                                            \
            fprintf(stderr, "%s:%d: %s instead of %s: %s\n", __FILE__, __LINE__,                \
                    uservoice_status_name(status_), #expected, uservoice_error_message(error)); \
            exit(1);                                                                            \
        }                                                                                       \
        CHECK(error != NULL && uservoice_error_status(error) == status_);                       \
        CHECK(*uservoice_error_message(error) != '\0');                                         \
    } while (0)

/* Like CHECK_FAILS(), for a caller that does not need the error. */
#define CHECK_STATUS(expected, call)   \
    do {                               \
        uservoice_error *error = NULL; \
        CHECK_FAILS(expected, call);   \
        uservoice_error_free(error);   \
    } while (0)

#define CHECK_CONTAINS(text, part)                                                             \
    do {                                                                                       \
        if (strstr(text, part) == NULL) {                                                      \
            fprintf(stderr, "%s:%d: \"%s\" not found in: %.2000s\n", __FILE__, __LINE__, part, \
                    text);                                                                     \
            exit(1);                                                                           \
        }                                                                                      \
    } while (0)

/* Returns an environment variable that run.sh sets, such as USERVOICE_SANDBOX_URL. */
static inline const char *sandbox_env(const char *variable)
{
    const char *value = getenv(variable);
    if (value == NULL) {
        fprintf(stderr, "%s is not set: run tests/c/run.sh\n", variable);
        exit(1);
    }
    return value;
}

/* Creates a client of the sandbox. `options` are members of a JSON object, or "". */
static inline uservoice_client *sandbox_client_with_key(const char *key, const char *secret,
                                                        const char *options)
{
    char json[1024];
    uservoice_client *client;
    snprintf(json, sizeof json, "{\"base_url\":\"%s\"%s%s}", sandbox_env("USERVOICE_SANDBOX_URL"),
             *options != '\0' ? "," : "", options);
    CHECK_OK(uservoice_client_new("sandbox", key, secret, json, &client, &error));
    return client;
}

static inline uservoice_client *sandbox_client(const char *options)
{
    return sandbox_client_with_key(sandbox_env("USERVOICE_SANDBOX_API_KEY"),
                                   sandbox_env("USERVOICE_SANDBOX_API_SECRET"), options);
}

/* Sends a GET request. Free the response with uservoice_string_free(). */
static inline char *get(const uservoice_client *client, const uservoice_token *token,
                        const char *path)
{
    char *json;
    CHECK_OK(uservoice_get(client, token, path, NULL, &json, &error));
    return json;
}

/* Sends a control request to the sandbox: POST, or DELETE if `json` is NULL. */
static inline void control(const char *path, const char *json)
{
    uservoice_client *client = sandbox_client("");
    char *response;
    if (json != NULL)
        CHECK_OK(uservoice_post(client, NULL, path, json, &response, &error));
    else
        CHECK_OK(uservoice_delete(client, NULL, path, NULL, &response, &error));
    uservoice_string_free(response);
    uservoice_client_free(client);
}

/* Resets the data, tokens, faults and recorded requests of the sandbox. */
static inline void reset_sandbox(void)
{
    control("/_sandbox/reset", "{}");
    control("/_sandbox/requests", NULL);
}

/* Returns the first "id" in a response. */
static inline long first_id(const char *json)
{
    const char *id = strstr(json, "\"id\":");
    CHECK(id != NULL);
    return strtol(id + 5, NULL, 10);
}

/* Returns how often `part` occurs in `text`. */
static inline int count_occurrences(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

/* Returns the number of entries of a directory, "." and ".." included. */
static inline int count_directory_entries(const char *directory)
{
    int count = 0;
    DIR *stream = opendir(directory);
    CHECK(stream != NULL);
    while (readdir(stream) != NULL)
        count++;
    CHECK(closedir(stream) == 0);
    return count;
}

/* Waits until only the main thread is left. The library's connection threads end soon after
 * their client is freed, but are not joined; memory that such a thread still owns would look
 * like a leak. An emulator may have threads of its own: tests/platforms/targets.sh. */
static inline void wait_for_library_threads(void)
{
#ifndef _WIN32
    const char *emulator = getenv("USERVOICE_EMULATOR_THREADS");
    const int main_thread_and_dots = 3 + (emulator != NULL ? atoi(emulator) : 0);
    while (count_directory_entries("/proc/self/task") > main_thread_and_dots)
        usleep(1000);
#endif
}

#endif
