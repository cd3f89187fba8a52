/* A host that loads the library while it runs, as an interpreter does, and lets go of it
 * again and again. Not linked with the library: see run.sh. */
#include "check.h"

#include <dlfcn.h>
#include <pthread.h>

static const char *const library = "libuservoice.so.0";

/* The functions that this test uses, each under its own name and of its own type. */
#define FUNCTIONS(use)                                                        \
    use(uservoice_client_new)                                                 \
    use(uservoice_client_free)                                                \
    use(uservoice_collection_new)                                             \
    use(uservoice_collection_next)                                            \
    use(uservoice_collection_free)                                            \
    use(uservoice_string_free)                                                \
    use(uservoice_error_message)

#define DECLARE(name) __typeof__(name) *name;
static struct {
    FUNCTIONS(DECLARE)
} lib;

/* ISO C has no conversion from what dlsym() gives to a function: a copy does it. */
#define LOOK_UP(name)                                                         \
    do {                                                                      \
        void *symbol = dlsym(handle, #name);                                  \
        CHECK(symbol != NULL);                                                \
        memcpy(&lib.name, &symbol, sizeof symbol);                            \
    } while (0);

#undef OK
#define OK(call)                                                              \
    do {                                                                      \
        uservoice_error *error = NULL;                                        \
        if ((call) != USERVOICE_OK) {                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,                \
                    lib.uservoice_error_message(error));                      \
            exit(1);                                                          \
        }                                                                     \
    } while (0)

/* Reads a list in part, so that its threads are at work when it is freed. On a thread that
 * ends: one that goes on has thread-locals of the library, which keep it loaded by
 * themselves. */
static void *use_it(void *nothing)
{
    char options[256];
    uservoice_client *client;
    uservoice_collection *list;
    snprintf(options, sizeof options, "{\"base_url\":\"%s\",\"per_page\":10}",
             sandbox("USERVOICE_SANDBOX_URL"));
    OK(lib.uservoice_client_new("sandbox", sandbox("USERVOICE_SANDBOX_API_KEY"),
                                sandbox("USERVOICE_SANDBOX_API_SECRET"), options, &client, &error));
    OK(lib.uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    for (int i = 0; i < 25; i++) {
        char *json;
        OK(lib.uservoice_collection_next(list, &json, &error));
        CHECK(json != NULL);
        lib.uservoice_string_free(json);
    }
    lib.uservoice_collection_free(list);
    lib.uservoice_client_free(client);
    return nothing;
}

int main(void)
{
    CHECK(dlopen(library, RTLD_NOW | RTLD_NOLOAD) == NULL);
    int descriptors = 0;
    for (int i = 0; i < 8; i++) {
        void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        if (handle == NULL)
            fprintf(stderr, "%s\n", dlerror());
        CHECK(handle != NULL);
        FUNCTIONS(LOOK_UP)
        pthread_t user;
        CHECK(pthread_create(&user, NULL, use_it, NULL) == 0);
        CHECK(pthread_join(user, NULL) == 0);
        CHECK(dlclose(handle) == 0);
        /* Once loaded it stays, for the sake of threads that have not quite ended and
         * of what the C library calls when one does. */
        handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
        CHECK(handle != NULL);
        CHECK(dlclose(handle) == 0);
        threads_have_ended(); /* one that makes a connection has a descriptor until then */
        if (i == 0)
            descriptors = entries("/proc/self/fd");
        CHECK(entries("/proc/self/fd") == descriptors);
    }
    puts("test_dlopen: passed");
    return 0;
}
