/* Runs the lines of docs/reference/api in C, see calls.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uservoice.h>

static uservoice_client *client;
static uservoice_token *admin;
static uservoice_collection *records;
static uservoice_error *error;
static char *json;

/* Reads the first record of a list, and frees what the line returned. Exits if the call failed. */
static void check(const char *call, uservoice_status status)
{
    const int is_list = records != NULL;
    if (is_list)
        status = uservoice_collection_next(records, &json, &error);
    if (status != USERVOICE_OK) {
        fprintf(stderr, "%s: %s\n", call, uservoice_error_message(error));
        exit(1);
    }
    if (is_list && json == NULL) {
        fprintf(stderr, "%s: no records\n", call);
        exit(1);
    }
    uservoice_collection_free(records);
    records = NULL;
    uservoice_string_free(json);
    json = NULL;
}

int main(void)
{
    static const char data[] = "...";
    const size_t data_len = strlen(data);
    const char *url = getenv("USERVOICE_BASE_URL");
    char options[256];
    snprintf(options, sizeof options, "{\"base_url\":\"%s\",\"prefetch_pages\":0}",
             url != NULL ? url : "");
    uservoice_status status = uservoice_client_new("sandbox", "sandbox-trusted-key",
                                                   "sandbox-trusted-secret", options, &client,
                                                   &error);
    check("uservoice_client_new", status);
    /* [calls] */
    uservoice_token_free(admin);
    uservoice_client_free(client);
    return 0;
}
