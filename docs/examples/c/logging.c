#include "example.h"

/* [uservoice_client_set_log log] */
static void write_line(int32_t level, const char *line, void *file)
{
    fprintf(file, "%s %s\n", level == USERVOICE_LOG_WARNING ? "warning" : "info", line);
}

static bool enable_log(const uservoice_client *client)
{
    uservoice_error *error = NULL;
    if (uservoice_client_set_log(client, USERVOICE_LOG_INFO, write_line, stdout, &error)
        != USERVOICE_OK)
        return failed(error);
    return true;
}
/* [end] */

/* [uservoice_client_take_log] */
static bool write_kept_lines(const uservoice_client *client)
{
    uservoice_error *error = NULL;
    char *json = NULL, *lines = NULL;
    /* Without a callback the lines are kept. */
    if (uservoice_client_set_log(client, USERVOICE_LOG_INFO, NULL, NULL, &error) != USERVOICE_OK
        || uservoice_get(client, NULL, "/api/v1/users", NULL, &json, &error) != USERVOICE_OK
        || uservoice_client_take_log(client, &lines, &error) != USERVOICE_OK)
        return failed(error);
    print_value(lines, "/0/line");
    uservoice_string_free(json);
    uservoice_string_free(lines);
    return true;
}
/* [end] */

bool logging(uservoice_client *client)
{
    uservoice_client *logged = NULL;
    char *json = NULL;
    if (uservoice_client_clone(client, NULL, &logged, NULL) != USERVOICE_OK)
        return false;
    bool passed = enable_log(logged)
                  && uservoice_get(logged, NULL, "/api/v1/users", "{\"per_page\":1}", &json, NULL)
                         == USERVOICE_OK
                  && write_kept_lines(logged);
    uservoice_string_free(json);
    uservoice_client_free(logged);
    return passed;
}
