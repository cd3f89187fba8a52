/* Uses two libraries of different SONAMEs in one process, the second through a shared library that
 * is linked with it: one after the other, on threads at once, and in forked children. */
#include "../c/check.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>

const void *first_code(void);
void first_use(void);
static const void *(*second_code)(void);
static void (*second_use)(void);

/* ISO C cannot convert the result of dlsym() to a function pointer, so its bytes are copied. */
#define LOOK_UP(name)                                                         \
    do {                                                                      \
        void *symbol = dlsym(library, #name);                                 \
        CHECK(symbol != NULL);                                                \
        memcpy(&name, &symbol, sizeof symbol);                                \
    } while (0)

static void check_file(const void *code, const char *name)
{
    Dl_info info;
    CHECK(dladdr(code, &info) != 0);
    CHECK_CONTAINS(info.dli_fname, name);
}

static void *use_first(void *unused)
{
    first_use();
    return unused;
}

static void *use_second(void *unused)
{
    second_use();
    return unused;
}

int main(int argc, char **argv)
{
    enum { THREADS = 8, FORKS = 5 };
    pthread_t threads[THREADS];
    CHECK(argc == 2);
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    CHECK(library != NULL);
    LOOK_UP(second_code);
    LOOK_UP(second_use);
    check_file(first_code(), "libuservoice.so.0");
    check_file(second_code(), "libuservoice.so.1");
    first_use();
    second_use();
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, i % 2 ? use_first : use_second, NULL) == 0);
    for (int i = 0; i < FORKS; i++) {
        int status;
        const pid_t child = fork();
        if (child == 0) {
            second_use();
            first_use();
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    wait_for_library_threads();
    puts("two libraries of different SONAMEs in one process: passed");
    return 0;
}
