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

static uservoice_collection *open_list(uservoice_client **client)
{
    char options[256];
    uservoice_collection *list;
    snprintf(options, sizeof options, "{\"base_url\":\"%s\",\"per_page\":10}",
             sandbox_env("USERVOICE_SANDBOX_URL"));
    CHECK_OK(lib.uservoice_client_new("sandbox", sandbox_env("USERVOICE_SANDBOX_API_KEY"),
                                      sandbox_env("USERVOICE_SANDBOX_API_SECRET"), options, client,
                                      &error));
    CHECK_OK(
        lib.uservoice_collection_new(*client, NULL, "/api/v1/suggestions", NULL, -1, &list, &error));
    return list;
}

/* Reads part of a list, so that its threads are running when it is freed. Runs on a thread of
 * its own that ends, because thread-local data of the library would keep it loaded. */
static void *use_library(void *nothing)
{
    uservoice_client *client;
    uservoice_collection *list = open_list(&client);
    for (int i = 0; i < 25; i++) {
        char *json;
        CHECK_OK(lib.uservoice_collection_next(list, &json, &error));
        CHECK(json != NULL);
        lib.uservoice_string_free(json);
    }
    lib.uservoice_collection_free(list);
    lib.uservoice_client_free(client);
    return nothing;
}

static atomic_int reading_threads;

/* Reads a list until long after the library is closed, while threads of the library prefetch. */
static void *read_list(void *is_closed)
{
    char *json;
    int reads = 0;
    uservoice_client *client;
    uservoice_collection *list = open_list(&client);
    for (int after = 0; after < 100; after += *(atomic_bool *)is_closed) {
        CHECK_OK(lib.uservoice_collection_next(list, &json, &error));
        if (json == NULL)
            lib.uservoice_collection_rewind(list);
        lib.uservoice_string_free(json);
        if (reads++ == 15)
            reading_threads++;
    }
    lib.uservoice_collection_free(list);
    lib.uservoice_client_free(client);
    return NULL;
}

static void close_amid_calls(void)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    atomic_bool is_closed = false;
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    CHECK(handle != NULL);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, read_list, &is_closed) == 0);
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
    close_amid_calls();
    wait_for_library_threads();
    puts("test_dlopen: passed");
    return 0;
}
