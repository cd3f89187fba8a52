/*
 * A tour of libuservoice in seven steps. Read main() first, then the steps from the top.
 *
 * It runs against the sandbox or a real site: see README.md. On a real site it asks before it
 * changes anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "site.h"

enum outcome { DONE, SKIPPED, FAILED };

struct tour {
    struct site site;
    uservoice_client *client;
    char email[256]; /* of a user; set by list_users() */
};

/* Every function that can fail returns a status and sets its last argument to an error object,
 * which the caller frees. */
static enum outcome failed(const char *action, uservoice_error *error)
{
    fflush(stdout);
    print_error(action, error);
    return FAILED;
}

static enum outcome skipped(const char *reason)
{
    printf("   Skipped: %s\n", reason);
    return SKIPPED;
}

/* Reads a line without its line end; "" at the end of the input. */
static const char *read_line(char *line, int size)
{
    fflush(stdout);
    if (fgets(line, size, stdin) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

/* Asks before a real site is changed. */
static bool may_change(const struct tour *tour, const char *question)
{
    if (tour->site.sandbox)
        return true;
    char line[16];
    printf("   %s on %s? [y/N]\n", question, tour->site.subdomain);
    return strcmp(read_line(line, sizeof line), "y") == 0;
}

/* Returns the value at a JSON pointer (RFC 6901), or NULL. Free it with uservoice_string_free().
 * A program that reads more JSON uses a JSON library such as cJSON, Jansson or yyjson. */
static char *value(const char *json, const char *pointer)
{
    char *value = NULL;
    uservoice_error *error = NULL;
    if (uservoice_json_get(json, pointer, &value, &error) != USERVOICE_OK)
        print_error("Cannot read the response", error);
    return value;
}

/* Prints a format with one %s for the value at a JSON pointer. */
static void print_value(const char *format, const char *json, const char *pointer)
{
    char *string = value(json, pointer);
    printf(format, string != NULL ? string : "?");
    uservoice_string_free(string);
}

/* A link with a single sign-on token logs a user in. Creating a token needs only the SSO key;
 * nothing is sent. */
static enum outcome single_sign_on(struct tour *tour)
{
    const struct site *site = &tour->site;
    if (site->sso_key == NULL)
        return skipped("USERVOICE_SSO_KEY is not set.");
    const char *user = "{\"guid\":\"1001\",\"email\":\"jo@example.com\",\"display_name\":\"Jo\"}";
    char *token = NULL, *decrypted = NULL;
    uservoice_error *error = NULL;
    /* 0 seconds means the default, five minutes. */
    if (uservoice_sso_token(site->subdomain, site->sso_key, user, 0, &token, &error) != USERVOICE_OK)
        return failed("Cannot create the token", error);
    printf("   This link logs Jo in, for five minutes:\n   ");
    if (site->base_url != NULL)
        printf("%s/?sso=%s\n", site->base_url, token);
    else
        printf("https://%s.uservoice.com/?sso=%s\n", site->subdomain, token);

    /* UserVoice decrypts it with the same key. */
    uservoice_status status = uservoice_sso_decrypt(site->subdomain, site->sso_key, token,
                                                    &decrypted, &error);
    uservoice_string_free(token); /* the caller owns a returned `char *` */
    if (status != USERVOICE_OK)
        return failed("Cannot decrypt the token", error);
    printf("   The user in it (the library has added \"expires\"):\n   %s\n", decrypted);
    uservoice_string_free(decrypted);
    return DONE;
}

/* A collection loads a list page by page while it is read, and prefetches the next pages.
 * Without a token (NULL), requests act as the API key. */
static enum outcome list_users(struct tour *tour)
{
    uservoice_collection *users = NULL;
    uservoice_error *error = NULL;
    /* At most five records; -1 for all. */
    if (uservoice_collection_new(tour->client, NULL, "/api/v1/users", NULL, 5, &users, &error)
        != USERVOICE_OK)
        return failed("Cannot create the collection", error);

    enum outcome outcome = DONE;
    char *record = NULL;
    for (;;) {
        if (uservoice_collection_next(users, &record, &error) != USERVOICE_OK) {
            outcome = failed("Cannot read the next user", error);
            break;
        }
        if (record == NULL) /* the end */
            break;
        char *email = value(record, "/email");
        print_value("   %s", record, "/name");
        printf(" <%s>\n", email != NULL ? email : "?");
        if (email != NULL && strchr(email, '@') != NULL) /* for act_as_user() */
            snprintf(tour->email, sizeof tour->email, "%s", email);
        uservoice_string_free(email);
        uservoice_string_free(record);
    }

    /* The paging object of the response, "response_data" in API v1. */
    char *info = NULL;
    if (outcome == DONE && uservoice_collection_info(users, &info, &error) != USERVOICE_OK)
        outcome = failed("Cannot read the paging object", error);
    if (outcome == DONE)
        print_value("   ... of %s users.\n", info, "/total_records");
    uservoice_string_free(info); /* every _free() function accepts NULL */
    uservoice_collection_free(users);
    return outcome;
}

/* Requests with an access token act as its user. A trusted API key can get one for any user. */
static enum outcome act_as_user(struct tour *tour)
{
    if (tour->email[0] == '\0')
        return skipped("no user with an e-mail address was found.");
    uservoice_token *token = NULL;
    char *response = NULL;
    uservoice_error *error = NULL;
    if (uservoice_login_as(tour->client, NULL, tour->email, &token, &error) != USERVOICE_OK)
        return failed("Cannot act as that user", error);
    uservoice_status status = uservoice_get(tour->client, token, "/api/v1/users/current", NULL,
                                            &response, &error);
    uservoice_token_free(token);
    if (status != USERVOICE_OK)
        return failed("Cannot read the user", error);
    printf("   Acting as %s, ", tour->email);
    print_value("whose name is %s.\n", response, "/user/name");
    uservoice_string_free(response);
    return DONE;
}

static enum outcome post_suggestion(struct tour *tour, const uservoice_token *owner,
                                    const char *forum)
{
    char path[128];
    char *response = NULL;
    uservoice_error *error = NULL;
    snprintf(path, sizeof path, "/api/v1/forums/%s/suggestions", forum);
    if (uservoice_post(tour->client, owner, path,
                       "{\"suggestion\":{\"title\":\"Tea in the afternoon\",\"votes\":1}}",
                       &response, &error)
        != USERVOICE_OK)
        return failed("Cannot post the suggestion", error);
    print_value("   Posted the suggestion \"%s\" there.\n", response, "/suggestion/title");
    uservoice_string_free(response);
    return DONE;
}

static enum outcome use_forum(struct tour *tour, const uservoice_token *owner)
{
    char *response = NULL;
    uservoice_error *error = NULL;
    if (uservoice_post(tour->client, owner, "/api/v1/forums",
                       "{\"forum\":{\"name\":\"Tour of libuservoice\",\"private\":true,"
                       "\"allow_by_email_domain\":true,"
                       "\"allowed_email_domains\":[{\"domain\":\"example.com\"}]}}",
                       &response, &error)
        != USERVOICE_OK)
        return failed("Cannot create the forum", error);
    char *id = value(response, "/forum/id");
    uservoice_string_free(response);
    if (id == NULL) {
        fprintf(stderr, "The response has no forum with an id.\n");
        return FAILED;
    }
    printf("   Created forum %s, for users of example.com only.\n", id);

    /* The forum is deleted even if the suggestion was not posted. */
    char path[128];
    enum outcome outcome = post_suggestion(tour, owner, id);
    snprintf(path, sizeof path, "/api/v1/forums/%s", id);
    uservoice_string_free(id);
    if (uservoice_delete(tour->client, owner, path, NULL, &response, &error) != USERVOICE_OK)
        return failed("Cannot delete the forum", error);
    uservoice_string_free(response);
    printf("   Deleted the forum.\n");
    return outcome;
}

static enum outcome act_as_owner(struct tour *tour)
{
    if (!may_change(tour, "Create a private forum and delete it again"))
        return skipped("nothing was changed.");
    uservoice_token *owner = NULL;
    uservoice_error *error = NULL;
    if (uservoice_login_as_owner(tour->client, NULL, &owner, &error) != USERVOICE_OK)
        return failed("Cannot act as the owner", error);
    enum outcome outcome = use_forum(tour, owner);
    uservoice_token_free(owner);
    return outcome;
}

/* A program decides by the status; the error object has the details: the message, the HTTP
 * status, UserVoice's error type, the response body. */
static enum outcome handle_not_found(struct tour *tour)
{
    char *response = NULL;
    uservoice_error *error = NULL;
    uservoice_status status = uservoice_get(tour->client, NULL, "/api/v1/forums/999999999", NULL,
                                            &response, &error);
    if (status == USERVOICE_OK) {
        uservoice_string_free(response);
        fprintf(stderr, "Forum 999999999 exists unexpectedly.\n");
        return FAILED;
    }
    if (status != USERVOICE_NOT_FOUND)
        return failed("Unexpected error", error);
    printf("   Forum 999999999 does not exist. %s: \"%s\".\n", uservoice_status_name(status),
           uservoice_error_message(error));
    uservoice_error_free(error);
    return DONE;
}

static enum outcome handle_unauthorized(struct tour *tour)
{
    /* A client with a wrong API secret. */
    struct site wrong = tour->site;
    wrong.api_secret = "not-the-secret";
    uservoice_client *unauthorized = site_client(&wrong);
    if (unauthorized == NULL)
        return FAILED;
    char *response = NULL;
    uservoice_error *error = NULL;
    uservoice_status status = uservoice_get(unauthorized, NULL, "/api/v1/users/current", NULL,
                                            &response, &error);
    uservoice_client_free(unauthorized);
    if (status == USERVOICE_OK) {
        uservoice_string_free(response);
        fprintf(stderr, "A wrong secret was accepted.\n");
        return FAILED;
    }
    if (status != USERVOICE_UNAUTHORIZED)
        return failed("Unexpected error", error);
    printf("   A wrong API secret is rejected. %s: \"%s\".\n", uservoice_status_name(status),
           uservoice_error_message(error));
    uservoice_error_free(error);
    return DONE;
}

/* Exchanges the verifier for an access token and prints its user. */
static enum outcome finish_login(struct tour *tour, const uservoice_token *request_token,
                                 const char *verifier)
{
    uservoice_token *token = NULL;
    char *response = NULL;
    uservoice_error *error = NULL;
    if (uservoice_login_with_verifier(tour->client, request_token, verifier, &token, &error)
        != USERVOICE_OK)
        return failed("The login failed", error);
    /* uservoice_token_json() returns the token as JSON, to store it for the next time. */
    uservoice_status status = uservoice_get(tour->client, token, "/api/v1/users/current", NULL,
                                            &response, &error);
    uservoice_token_free(token);
    if (status != USERVOICE_OK)
        return failed("Cannot read the user", error);
    print_value("   Logged in: requests now act as %s.\n", response, "/user/email");
    uservoice_string_free(response);
    return DONE;
}

/* The three-legged login: the user allows access on a page of UserVoice, and the program never
 * sees the password. */
static enum outcome log_in(struct tour *tour)
{
    uservoice_token *request_token = NULL;
    char *url = NULL;
    uservoice_error *error = NULL;
    if (uservoice_request_token(tour->client, &request_token, &error) != USERVOICE_OK)
        return failed("Cannot start the login", error);
    if (uservoice_authorize_url(tour->client, request_token, &url, &error) != USERVOICE_OK) {
        uservoice_token_free(request_token);
        return failed("Cannot create the URL", error);
    }
    printf("   Open this page, click \"Allow\", and enter the verifier that it shows\n"
           "   (an empty line skips this step):\n   %s\n",
           url);
    uservoice_string_free(url);

    /* A web application sets the option "callback" instead and finds "oauth_verifier" in the
     * query of the redirect. */
    char verifier[256];
    enum outcome outcome = *read_line(verifier, sizeof verifier) != '\0'
                               ? finish_login(tour, request_token, verifier)
                               : skipped("no verifier was entered.");
    uservoice_token_free(request_token);
    return outcome;
}

int main(void)
{
    static const struct {
        const char *title;
        enum outcome (*run)(struct tour *tour);
    } steps[] = {
        {"Single sign-on: a link that logs a user in", single_sign_on},
        {"A collection: the users of the site", list_users},
        {"Acting as a user", act_as_user},
        {"Acting as the owner: a private forum", act_as_owner},
        {"Error handling: the record does not exist", handle_not_found},
        {"Error handling: not authorized", handle_unauthorized},
        {"Three-legged login: the user allows access", log_in},
    };
    struct tour tour = {site_from_environment(), NULL, ""};
    tour.client = site_client(&tour.site); /* sends nothing */
    if (tour.client == NULL)
        return 2;
    printf("libuservoice %s and %s\n", uservoice_version(),
           tour.site.sandbox ? "the sandbox" : tour.site.subdomain);

    int counts[3] = {0, 0, 0};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        printf("\n%d. %s\n", (int)i + 1, steps[i].title);
        counts[steps[i].run(&tour)]++;
    }
    uservoice_client_free(tour.client);
    printf("\n%d steps done, %d skipped, %d failed.\n", counts[DONE], counts[SKIPPED],
           counts[FAILED]);
    return counts[FAILED] == 0 ? 0 : 1;
}
