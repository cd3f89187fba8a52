/* Compiled twice, each time linked with another libuservoice: a client of each in one process. */
#include "../c/check.h"

#define JOIN(a, b) a##b
#define NAME(prefix, name) JOIN(prefix, name)

/* Returns where the library of this copy is. */
const void *NAME(LIBRARY, _code)(void)
{
    const char *(*function)(void) = uservoice_version;
    const void *code;
    memcpy(&code, &function, sizeof code);
    return code;
}

static void read_list(uservoice_client *client)
{
    uservoice_collection *list;
    char *json;
    CHECK_OK(uservoice_collection_new(client, NULL, "/api/v1/suggestions?per_page=20", NULL, -1,
                                      &list, &error));
    do {
        CHECK_OK(uservoice_collection_next(list, &json, &error));
        uservoice_string_free(json);
    } while (json != NULL);
    uservoice_collection_free(list);
}

void NAME(LIBRARY, _use)(void)
{
    char *json;
    uservoice_client *client = sandbox_client("");
    for (int i = 0; i < 20; i++) {
        uservoice_string_free(get(client, NULL, "/api/v1/forums"));
        CHECK_STATUS(USERVOICE_NOT_FOUND, uservoice_get(client, NULL, "/api/v1/forums/999999", NULL,
                                                        &json, &error));
    }
    read_list(client);
    uservoice_client_free(client);
}
