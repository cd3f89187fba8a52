/* Linked with libuservoice.a and another static Rust library. Both panic, and each catches its own
 * panic. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uservoice.h>

extern int32_t beside_catches(void);

/* These replace functions of the system. A failing clock makes Rust's standard library panic when
 * libuservoice reads the time. */
#ifdef _WIN32
int QueryPerformanceCounter(void *now)
{
    (void)now;
    return 0;
}

/* What Rust calls: the import of the function. */
int (*__imp_QueryPerformanceCounter)(void *) = QueryPerformanceCounter;
#else
int clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    (void)now;
    errno = EINVAL;
    return -1;
}

/* The one that Rust uses with glibc where `time_t` has 32 bits. */
int __clock_gettime64(clockid_t clock, void *now)
{
    (void)clock;
    (void)now;
    errno = EINVAL;
    return -1;
}
#endif

/* Sends a request, for which libuservoice reads the time. */
static uservoice_status get(uservoice_error **error)
{
    uservoice_client *client = NULL;
    char *json = NULL;
    uservoice_status status
        = uservoice_client_new("acme", "key", "secret", "{\"base_url\":\"http://127.0.0.1:9\"}", &client, error);
    if (status == USERVOICE_OK)
        status = uservoice_get(client, NULL, "/api/v1/users", NULL, &json, error);
    uservoice_string_free(json);
    uservoice_client_free(client);
    return status;
}

int main(void)
{
    uservoice_error *error = NULL;
    if (beside_catches() != 1)
        return 1;
    if (get(&error) != USERVOICE_INTERNAL)
        return 2;
    if (strstr(uservoice_error_message(error), "a bug in libuservoice") == NULL)
        return 3;
    uservoice_error_free(error);
    if (beside_catches() != 1)
        return 4;
    puts("two static Rust libraries in one program: each catches its panics");
    return 0;
}
