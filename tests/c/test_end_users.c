/* The Idea Collection API: bare arrays, and the tokens of end users. */
#include "check.h"

#include <stdbool.h>

#define CALLBACK "com.example.app:/back"

/* Has no secret, as a program that users run. */
static uservoice_client *client;

/* Submits the page that asks the user for permission, and returns the redirect's code. */
static char *sign_in(const char *url)
{
    char form[1024], *response, *location;
    const char *query = strchr(url, '?') + 1;
    snprintf(form, sizeof form,
             "%s&decision=allow&email=user2%%40sandbox.example&password=sandbox-password", query);
    CHECK_OK(uservoice_send(client, NULL, "POST", "/api/v2/oauth/auth",
                            "{\"Content-Type\":\"application/x-www-form-urlencoded\"}", form,
                            strlen(form), &response, &error));
    CHECK_CONTAINS(response, "\"status\":302");
    CHECK_OK(uservoice_json_get(response, "/headers/location", &location, &error));
    uservoice_string_free(response);
    char *const code = strdup(strstr(location, "code=") + strlen("code="));
    uservoice_string_free(location);
    return code;
}

static uservoice_token *login(bool with_pkce)
{
    char *url, *verifier = NULL;
    uservoice_token *token;
    CHECK_OK(uservoice_authorize_code_url(client, CALLBACK, NULL, &url,
                                          with_pkce ? &verifier : NULL, &error));
    CHECK((strstr(url, "code_challenge") != NULL) == with_pkce);
    char *code = sign_in(url);
    CHECK_OK(uservoice_login_with_code(client, code, verifier, CALLBACK, &token, &error));
    free(code);
    uservoice_string_free(url);
    uservoice_string_free(verifier);
    return token;
}

static size_t count_records(uservoice_collection *list)
{
    char *record;
    for (size_t count = 0;; count++) {
        CHECK_OK(uservoice_collection_next(list, &record, &error));
        if (record == NULL)
            return count;
        CHECK_CONTAINS(record, "\"title\":");
        uservoice_string_free(record);
    }
}

/* Without a total, the end of a list is a page that is not full. */
static void collection_reads_bare_arrays_to_the_end(void)
{
    char *json, *total;
    size_t len;
    CHECK_OK(uservoice_get(client, NULL, "/api/v1/forums/1/suggestions?per_page=1", NULL, &json,
                           &error));
    CHECK_OK(uservoice_json_get(json, "/response_data/total_records", &total, &error));
    const int64_t limits[] = {-1, 150};
    for (int i = 0; i < 2; i++) {
        uservoice_collection *list;
        CHECK_OK(uservoice_collection_new(client, NULL, "/api/end_users/forums/1/ideas", NULL,
                                          limits[i], &list, &error));
        CHECK_STATUS(USERVOICE_BAD_RESPONSE, uservoice_collection_len(list, &len, &error));
        CHECK(count_records(list) == (i == 0 ? (size_t)atoi(total) : 150));
        uservoice_collection_free(list);
    }
    uservoice_string_free(total);
    uservoice_string_free(json);
}

static void export_writes_bare_arrays(void)
{
    char directory[] = "/tmp/uservoice-test-end-users.XXXXXX", command[128], *progress;
    CHECK(mkdtemp(directory) != NULL);
    uservoice_export *e;
    CHECK_OK(uservoice_export_new(
        client, NULL, directory,
        "{\"resources\":[{\"name\":\"forums\",\"path\":\"/api/end_users/forums\"},"
        "{\"name\":\"ideas\",\"path\":\"/api/end_users/forums/2/ideas\"}]}",
        &e, &error));
    do {
        CHECK_OK(uservoice_export_next(e, &progress, &error));
        uservoice_string_free(progress);
    } while (progress != NULL);
    uservoice_export_free(e);
    const char *const names[] = {"forums", "ideas"};
    for (int i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s.jsonl", directory, names[i]);
        FILE *file = fopen(path, "r");
        CHECK(file != NULL && fgetc(file) == '{');
        fclose(file);
    }
    snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK(system(command) == 0);
}

static void user_votes_and_submits_ideas(void)
{
    uservoice_token *token = login(true);
    char *idea, *id, path[96], *json;
    CHECK_OK(uservoice_post(client, token, "/api/end_users/forums/1/ideas",
                            "{\"suggestion\":{\"title\":\"Tea\"}}", &idea, &error));
    CHECK_CONTAINS(idea, "\"voted\":true");
    CHECK_OK(uservoice_json_get(idea, "/id", &id, &error));
    snprintf(path, sizeof path, "/api/end_users/forums/1/ideas/%s/vote", id);
    CHECK_OK(uservoice_delete(client, token, path, NULL, &json, &error));
    CHECK_CONTAINS(json, "\"voted\":false");
    uservoice_string_free(json);
    CHECK_OK(uservoice_post(client, token, path, NULL, &json, &error));
    CHECK_CONTAINS(json, "\"voted\":true");
    uservoice_string_free(json);
    CHECK_STATUS(USERVOICE_UNAUTHORIZED, uservoice_post(client, NULL, path, NULL, &json, &error));
    uservoice_string_free(id);
    uservoice_string_free(idea);
    uservoice_token_free(token);
}

static void code_grant_without_pkce(void)
{
    uservoice_token *token = login(false);
    uservoice_string_free(get(client, token, "/api/end_users/forums"));
    uservoice_token_free(token);
}

int main(void)
{
    client = sandbox_client_with_key(sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"), NULL, "");
    collection_reads_bare_arrays_to_the_end();
    export_writes_bare_arrays();
    user_votes_and_submits_ideas();
    code_grant_without_pkce();
    uservoice_client_free(client);
    puts("test_end_users: passed");
    return 0;
}
