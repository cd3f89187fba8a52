#include "example.h"

static bool read_records(uservoice_client *client)
{
    uservoice_error *error = NULL;
    /* [uservoice_collection_new uservoice_collection_next uservoice_collection_free list] */
    uservoice_collection *list = NULL;
    if (uservoice_collection_new(client, NULL, "/api/v1/users", "{\"sort\":\"oldest\"}", 3, &list,
                                 &error)
        != USERVOICE_OK)
        return failed(error);
    char *record = NULL;
    uservoice_status status;
    while ((status = uservoice_collection_next(list, &record, &error)) == USERVOICE_OK
           && record != NULL) {
        printf("%.8s\n", record); /* a record as JSON, unchanged */
        uservoice_string_free(record);
    }
    uservoice_collection_free(list);
    if (status != USERVOICE_OK)
        return failed(error); /* the next page could not be loaded */
    /* [end] */
    return true;
}

static bool read_length_and_info(uservoice_collection *list)
{
    uservoice_error *error = NULL;
    /* [uservoice_collection_len uservoice_collection_get list-length] */
    size_t length = 0;
    char *last = NULL;
    if (uservoice_collection_len(list, &length, &error) != USERVOICE_OK
        || uservoice_collection_get(list, length - 1, &last, &error) != USERVOICE_OK)
        return failed(error);
    printf("%zu records, the last one is %.9s\n", length, last);
    uservoice_string_free(last);
    /* [end] */

    /* [uservoice_collection_info] */
    char *info = NULL;
    if (uservoice_collection_info(list, &info, &error) != USERVOICE_OK)
        return failed(error);
    printf("%s\n", info); /* the paging object of the service */
    uservoice_string_free(info);
    /* [end] */
    return true;
}

static bool read_pages(uservoice_collection *list)
{
    uservoice_error *error = NULL;
    /* [uservoice_collection_next_page list-pages] */
    char *page = NULL;
    uservoice_status status;
    while ((status = uservoice_collection_next_page(list, &page, &error)) == USERVOICE_OK
           && page != NULL) {
        printf("a page: %.9s\n", page); /* a JSON array */
        uservoice_string_free(page);
    }
    if (status != USERVOICE_OK)
        return failed(error);
    /* [end] */

    /* [uservoice_collection_rewind] */
    uservoice_collection_rewind(list); /* the next record is the first one again */
    if (uservoice_collection_next(list, &page, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    printf("first: %.8s\n", page);
    uservoice_string_free(page);
    return true;
}

bool collections(uservoice_client *client)
{
    uservoice_collection *list = NULL;
    uservoice_error *error = NULL;
    if (uservoice_collection_new(client, NULL, "/api/v1/users?sort=oldest", NULL, 150, &list,
                                 &error)
        != USERVOICE_OK)
        return failed(error);
    bool passed = read_records(client) && read_length_and_info(list) && read_pages(list);
    uservoice_collection_free(list);
    return passed;
}
