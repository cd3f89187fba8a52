/* Prints the users of the site as CSV. */
#include <stdio.h>
#include <string.h>

#include "site.h"

/* Writes a cell in quotes, with every quote in it doubled (RFC 4180). */
static void write_cell(const char *cell)
{
    putchar('"');
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            putchar('"');
        putchar(*cell);
    }
    putchar('"');
}

static uservoice_status write_row(const char *user, uservoice_error **error)
{
    static const char *const columns[] = {"/id", "/name", "/email"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char *cell = NULL; /* stays NULL if there is no such member */
        const uservoice_status status = uservoice_json_get(user, columns[i], &cell, error);
        if (status != USERVOICE_OK)
            return status;
        if (i > 0)
            putchar(',');
        write_cell(cell != NULL && strcmp(cell, "null") != 0 ? cell : "");
        uservoice_string_free(cell);
    }
    putchar('\n');
    return USERVOICE_OK;
}

int main(void)
{
    uservoice_client *client = site_client();
    if (client == NULL)
        return 1;
    uservoice_collection *users = NULL; /* loads its pages while it is read */
    uservoice_error *error = NULL;
    char *user = NULL;
    uservoice_status status =
        uservoice_collection_new(client, NULL, "/api/v1/users", NULL, -1, &users, &error);
    puts("id,name,email");
    while (status == USERVOICE_OK
           && (status = uservoice_collection_next(users, &user, &error)) == USERVOICE_OK
           && user != NULL) {
        status = write_row(user, &error);
        uservoice_string_free(user);
    }
    uservoice_collection_free(users);
    uservoice_client_free(client);
    return status == USERVOICE_OK ? finish() : fail(error);
}
