/* Linked with libuservoice.a and another static Rust library. Both panic, and each catches its own
 * panic. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uservoice.h>

extern int32_t beside_catches(void);

/* Replaces the function of the C library. A failing clock makes Rust's standard library panic when
 * libuservoice reads the time. */
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

int main(void)
{
    char *token = NULL;
    uservoice_error *error = NULL;
    if (beside_catches() != 1)
        return 1;
    if (uservoice_sso_token("acme", "key", "{}", 0, &token, &error) != USERVOICE_INTERNAL)
        return 2;
    if (token != NULL || strstr(uservoice_error_message(error), "a bug in libuservoice") == NULL)
        return 3;
    uservoice_error_free(error);
    if (beside_catches() != 1)
        return 4;
    puts("two static Rust libraries in one program: each catches its panics");
    return 0;
}
