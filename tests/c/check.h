/* What the C tests share: checks that say where they failed, and the sandbox. */
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

/* The call, which ends with `&error`, succeeds, and says so in `error` too, which
 * points to itself before: no error's address. */
#define OK(call)                                                              \
    do {                                                                      \
        uservoice_error *error = (uservoice_error *)&error;                   \
        if ((call) != USERVOICE_OK) {                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,                \
                    uservoice_error_message(error));                          \
            exit(1);                                                          \
        }                                                                     \
        CHECK(error == NULL);                                                 \
    } while (0)

/* The call, which ends with `&error`, fails with that status; the caller has
 * declared `error`, reads it, and frees it. */
#define FAILS(expected, call)                                                 \
    do {                                                                      \
        const uservoice_status status_ = (call);                              \
        if (status_ != (expected)) {                                          \
            fprintf(stderr, "%s:%d: %s instead of %s: %s\n", __FILE__,        \
                    __LINE__, uservoice_status_name(status_), #expected,      \
                    uservoice_error_message(error));                          \
            exit(1);                                                          \
        }                                                                     \
        CHECK(error != NULL && uservoice_error_status(error) == status_);     \
        CHECK(*uservoice_error_message(error) != '\0');                       \
    } while (0)

/* As FAILS() where only the status matters. */
#define REFUSES(expected, call)                                               \
    do {                                                                      \
        uservoice_error *error = NULL;                                        \
        FAILS(expected, call);                                                \
        uservoice_error_free(error);                                          \
    } while (0)

#define CONTAINS(text, part)                                                  \
    do {                                                                      \
        if (strstr(text, part) == NULL) {                                     \
            fprintf(stderr, "%s:%d: \"%s\" is not in: %.2000s\n", __FILE__,   \
                    __LINE__, part, text);                                    \
            exit(1);                                                          \
        }                                                                     \
    } while (0)

/* A variable that run.sh sets for the sandbox, such as USERVOICE_SANDBOX_URL. */
static inline const char *sandbox(const char *variable)
{
    const char *value = getenv(variable);
    if (value == NULL) {
        fprintf(stderr, "%s is not set: run tests/c/run.sh\n", variable);
        exit(1);
    }
    return value;
}

/* A client of the sandbox; `options` are the inside of a JSON object, or "". */
static inline uservoice_client *sandbox_client_of(const char *key, const char *secret,
                                                  const char *options)
{
    char json[1024];
    uservoice_client *client;
    snprintf(json, sizeof json, "{\"base_url\":\"%s\"%s%s}", sandbox("USERVOICE_SANDBOX_URL"),
             *options != '\0' ? "," : "", options);
    OK(uservoice_client_new("sandbox", key, secret, json, &client, &error));
    return client;
}

static inline uservoice_client *sandbox_client(const char *options)
{
    return sandbox_client_of(sandbox("USERVOICE_SANDBOX_API_KEY"),
                             sandbox("USERVOICE_SANDBOX_API_SECRET"), options);
}

/* What a GET gives, to be freed by uservoice_string_free(). */
static inline char *get(const uservoice_client *client, const uservoice_token *token,
                        const char *path)
{
    char *json;
    OK(uservoice_get(client, token, path, NULL, &json, &error));
    return json;
}

/* Controls the sandbox: POST, and DELETE where `json` is NULL. */
static inline void control(const char *path, const char *json)
{
    uservoice_client *client = sandbox_client("");
    char *answer;
    if (json != NULL)
        OK(uservoice_post(client, NULL, path, json, &answer, &error));
    else
        OK(uservoice_delete(client, NULL, path, NULL, &answer, &error));
    uservoice_string_free(answer);
    uservoice_client_free(client);
}

/* Data, tokens and faults as at the start, and no requests seen. */
static inline void reset_sandbox(void)
{
    control("/_sandbox/reset", "{}");
    control("/_sandbox/requests", NULL);
}

/* The first "id" in an answer of the sandbox, whose records begin with theirs. */
static inline long first_id(const char *json)
{
    const char *id = strstr(json, "\"id\":");
    CHECK(id != NULL);
    return strtol(id + 5, NULL, 10);
}

static inline int count_of(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

static inline int entries(const char *directory)
{
    int count = 0;
    DIR *open = opendir(directory);
    CHECK(open != NULL);
    while (readdir(open) != NULL)
        count++;
    CHECK(closedir(open) == 0);
    return count;
}

/* Threads of the library end soon after what they worked for was freed, without being
 * waited for. What one that is ending still has is not a leak. */
static inline void threads_have_ended(void)
{
    const int itself_and_dots = 3;
    while (entries("/proc/self/task") > itself_and_dots)
        usleep(1000);
}

#endif
