/* Loads and unloads the library repeatedly with dlopen(), as an interpreter does. run.sh does
 * not link this program with the library. */
#include "check.h"

#include <dlfcn.h>
#include <pthread.h>

static const char *const library = "libuservoice.so.0";

/* Applies a macro to each function that this test uses. */
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

/* Reads part of a list, so that its threads are running when it is freed. Closes `to_close`, a
 * handle of the library or NULL, while they prefetch pages. Runs on a thread of its own that
 * ends, because thread-local data of the library would keep it loaded. */
static void *use_library(void *to_close)
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
    for (int i = 0; i < 25; i++) {
        char *json;
        if (i == 15 && to_close != NULL)
            CHECK(dlclose(to_close) == 0);
        CHECK_OK(lib.uservoice_collection_next(list, &json, &error));
        CHECK(json != NULL);
        lib.uservoice_string_free(json);
    }
    lib.uservoice_collection_free(list);
    lib.uservoice_client_free(client);
    return NULL;
}

static void use_library_on_a_thread(void *to_close)
{
    pthread_t user;
    CHECK(pthread_create(&user, NULL, use_library, to_close) == 0);
    CHECK(pthread_join(user, NULL) == 0);
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
        use_library_on_a_thread(NULL);
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
    use_library_on_a_thread(handle);
    wait_for_library_threads();
    puts("test_dlopen: passed");
    return 0;
}
