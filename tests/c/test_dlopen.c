/* Loads and unloads the library repeatedly with dlopen(), as an interpreter does. run.sh does
 * not link this program with the library. */
#include "check.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static const char *const library = "libuservoice.so.0";

/* Applies a macro to each function that this test uses. */
#define FUNCTIONS(use)                                                        \
    use(uservoice_client_new)                                                 \
    use(uservoice_client_free)                                                \
    use(uservoice_collection_new)                                             \
    use(uservoice_collection_next)                                            \
    use(uservoice_collection_rewind)                                          \
    use(uservoice_collection_free)                                            \
    use(uservoice_string_free)                                                \
    use(uservoice_error_message)

#define DECLARE(name) __typeof__(name) *name;
static struct {
    FUNCTIONS(DECLARE)
} lib;

/* ISO C cannot convert the result of dlsym() to a function pointer, so its bytes are copied. */
#define LOOK_UP(name)                                                         \
    do {                                                                      \
        void *symbol = dlsym(handle, #name);                                  \
        CHECK(symbol != NULL);                                                \
        memcpy(&lib.name, &symbol, sizeof symbol);                            \
    } while (0);

#undef CHECK_OK
#define CHECK_OK(call)                                         \
    do {                                                       \
        uservoice_error *error = NULL;                         \
        if ((call) != USERVOICE_OK) {                          \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
                    lib.uservoice_error_message(error));       \
            exit(1);                                           \
        }                                                      \
    } while (0)

/* Its client is freed: the list remains valid. */
static uservoice_collection *create_list(void)
{
    char options[256];
    uservoice_client *client;
    uservoice_collection *list;
    snprintf(options, sizeof options, "{\"base_url\":\"%s\",\"per_page\":10}",
             sandbox_env("USERVOICE_SANDBOX_URL"));
    CHECK_OK(lib.uservoice_client_new("sandbox", sandbox_env("USERVOICE_SANDBOX_API_KEY"),
                                      sandbox_env("USERVOICE_SANDBOX_API_SECRET"), options, &client,
                                      &error));
    CHECK_OK(
        lib.uservoice_collection_new(client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    lib.uservoice_client_free(client);
    return list;
}

/* Reads part of a list, so that its threads are running when it is freed. Runs on a thread of
 * its own that ends, because thread-local data of the library would keep it loaded. */
static void *use_library(void *unused)
{
    uservoice_collection *list = create_list();
    for (int i = 0; i < 25; i++) {
        char *json;
        CHECK_OK(lib.uservoice_collection_next(list, &json, &error));
        CHECK(json != NULL);
        lib.uservoice_string_free(json);
    }
    lib.uservoice_collection_free(list);
    return unused;
}

static atomic_int reading_threads;
static atomic_bool is_closed;

/* Reads a list until long after the library is closed, while threads of the library prefetch. */
static void *read_beyond_close(void *unused)
{
    uservoice_collection *list = create_list();
    int reads = 0;
    for (int reads_after = 0; reads_after < 100; reads_after += is_closed) {
        char *json;
        CHECK_OK(lib.uservoice_collection_next(list, &json, &error));
        if (json == NULL)
            lib.uservoice_collection_rewind(list);
        lib.uservoice_string_free(json);
        if (reads++ == 15)
            reading_threads++;
    }
    lib.uservoice_collection_free(list);
    return unused;
}

static void close_amid_calls(void *handle)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, read_beyond_close, NULL) == 0);
    while (reading_threads < THREADS)
        usleep(1000);
    CHECK(dlclose(handle) == 0);
    is_closed = true;
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
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
        CHECK(pthread_create(&user, NULL, use_library, NULL) == 0);
        CHECK(pthread_join(user, NULL) == 0);
        CHECK(dlclose(handle) == 0);
        /* It stays loaded (-z nodelete), since a thread that is ending still runs its code. */
        handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
        CHECK(handle != NULL);
        CHECK(dlclose(handle) == 0);
        wait_for_library_threads(); /* a thread that connects has a descriptor until it ends */
        if (i == 0)
            descriptors = count_directory_entries("/proc/self/fd");
        CHECK(count_directory_entries("/proc/self/fd") == descriptors);
    }
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    CHECK(handle != NULL);
    close_amid_calls(handle);
    wait_for_library_threads();
    puts("test_dlopen: passed");
    return 0;
}
