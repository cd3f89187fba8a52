/*
 * A tour of libuservoice: what the library does, in the order in which you
 * are likely to need it. Read main() first, then the steps from the top.
 *
 * It runs against the sandbox, or against a site of yours: see README.md. On a
 * real site it asks before it changes anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "site.h"

enum outcome { DONE, SKIPPED, FAILED };

struct tour {
    struct site site;
    uservoice_client *client;
    char email[256]; /* a user who exists, found by the second step */
};

/* Every function that can fail returns a status, and gives an error object as
 * its last argument. The object is yours: read it, then free it. */
static enum outcome failed(const char *what, uservoice_error *error)
{
    fflush(stdout);
    site_failed(what, error);
    return FAILED;
}

static enum outcome skipped(const char *why)
{
    printf("   Skipped: %s\n", why);
    return SKIPPED;
}

/* One line of standard input without its end; "" at the end of the input. */
static const char *read_line(char *line, int size)
{
    fflush(stdout);
    if (fgets(line, size, stdin) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

/* The sandbox may be changed at will. A real site only after a "y". */
static bool may_change(const struct tour *tour, const char *what)
{
    if (tour->site.sandbox)
        return true;
    char line[16];
    printf("   %s on %s? [y/N]\n", what, tour->site.subdomain);
    return strcmp(read_line(line, sizeof line), "y") == 0;
}

/*
 * Answers are JSON text, exactly as the service sent it: use the JSON library
 * that you like (cJSON, Jansson, yyjson). So that the tour needs none, these
 * two find a member of an object in text that is known to be JSON.
 */
struct text {
    const char *start; /* not ended by NUL; "" where there is nothing */
    int length;
};

/* From a string's first quote to its last. */
static const char *last_quote(const char *at)
{
    for (at++; *at != '"' && *at != '\0'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return at;
}

/* Where the value of `key` begins in the object at `json`; "" where it has none. */
static const char *member(const char *json, const char *key)
{
    json += strspn(json, " \t\r\n");
    if (*json != '{')
        return "";
    int depth = 0;
    for (const char *at = json; *at != '\0'; at++) {
        if (*at == '{' || *at == '[')
            depth++;
        if ((*at == '}' || *at == ']') && --depth == 0)
            break;
        if (*at != '"')
            continue;
        const char *name = at + 1;
        at = last_quote(at);
        if (*at == '\0')
            break;
        const char *colon = at + 1 + strspn(at + 1, " \t\r\n");
        if (depth == 1 && *colon == ':' && (size_t)(at - name) == strlen(key)
            && strncmp(name, key, strlen(key)) == 0)
            return colon + 1 + strspn(colon + 1, " \t\r\n");
    }
    return "";
}

/* A member that is a text (without its quotes) or a number. */
static struct text value(const char *json, const char *key)
{
    struct text text = {member(json, key), 0};
    if (*text.start == '"') {
        text.length = (int)(last_quote(text.start) - text.start - 1);
        text.start++;
    } else {
        text.length = (int)strcspn(text.start, ",}] \t\r\n");
    }
    return text;
}

/* A single sign-on token: a link with it logs a user of yours in. It is made
 * from the SSO key alone, nothing is sent. */
static enum outcome single_sign_on(struct tour *tour)
{
    const struct site *site = &tour->site;
    if (site->sso_key == NULL)
        return skipped("USERVOICE_SSO_KEY is not set.");
    const char *user = "{\"guid\":\"1001\",\"email\":\"jo@example.com\",\"display_name\":\"Jo\"}";
    char *token = NULL, *back = NULL;
    uservoice_error *error = NULL;
    /* 0 seconds means the usual five minutes. */
    if (uservoice_sso_token(site->subdomain, site->sso_key, user, 0, &token, &error) != USERVOICE_OK)
        return failed("No token can be made", error);
    printf("   This link logs Jo in during the next five minutes:\n   ");
    if (site->base_url != NULL)
        printf("%s/?sso=%s\n", site->base_url, token);
    else
        printf("https://%s.uservoice.com/?sso=%s\n", site->subdomain, token);

    /* And back, which is what UserVoice does with it. */
    uservoice_status status =
        uservoice_sso_decrypt(site->subdomain, site->sso_key, token, &back, &error);
    uservoice_string_free(token); /* a `char *` that you receive is yours */
    if (status != USERVOICE_OK)
        return failed("The token cannot be read", error);
    printf("   What UserVoice reads in it (\"expires\" was added for you):\n   %s\n", back);
    uservoice_string_free(back);
    return DONE;
}

/* A collection is a list that is loaded page by page while you read it, the
 * next pages ahead of you. Here the API key itself asks: no token. */
static enum outcome list_users(struct tour *tour)
{
    uservoice_collection *users = NULL;
    uservoice_error *error = NULL;
    /* The first five; -1 would be all of them, however many there are. */
    if (uservoice_collection_new(tour->client, NULL, "/api/v1/users", NULL, 5, &users, &error)
        != USERVOICE_OK)
        return failed("The list cannot be made", error);

    enum outcome outcome = DONE;
    char *record = NULL;
    for (;;) {
        if (uservoice_collection_next(users, &record, &error) != USERVOICE_OK) {
            outcome = failed("The next user cannot be read", error);
            break;
        }
        if (record == NULL) /* the end */
            break;
        struct text name = value(record, "name"), email = value(record, "email");
        printf("   %.*s <%.*s>\n", name.length, name.start, email.length, email.start);
        /* The tour will act as one of them. An address with an escape in it is
         * left alone, since it would be another address as it stands. */
        if (memchr(email.start, '@', email.length) != NULL
            && memchr(email.start, '\\', email.length) == NULL)
            snprintf(tour->email, sizeof tour->email, "%.*s", email.length, email.start);
        uservoice_string_free(record);
    }

    /* "response_data", what the service says about the page and the whole. */
    char *info = NULL;
    if (outcome == DONE && uservoice_collection_info(users, &info, &error) != USERVOICE_OK)
        outcome = failed("Nothing is known of the list", error);
    if (outcome == DONE) {
        struct text total = value(info, "total_records");
        printf("   ... of %.*s users.\n", total.length, total.start);
    }
    uservoice_string_free(info); /* every free function accepts NULL */
    uservoice_collection_free(users);
    return outcome;
}

/* A token says whom a call acts for. A trusted API key gets one for anybody. */
static enum outcome act_as_user(struct tour *tour)
{
    if (tour->email[0] == '\0')
        return skipped("the list shows no user with an e-mail address.");
    uservoice_token *token = NULL;
    char *answer = NULL;
    uservoice_error *error = NULL;
    if (uservoice_login_as(tour->client, NULL, tour->email, &token, &error) != USERVOICE_OK)
        return failed("Cannot act as that user", error);
    uservoice_status status =
        uservoice_get(tour->client, token, "/api/v1/users/current", NULL, &answer, &error);
    uservoice_token_free(token);
    if (status != USERVOICE_OK)
        return failed("The user cannot be read", error);
    struct text name = value(member(answer, "user"), "name");
    printf("   As %s, UserVoice calls me %.*s.\n", tour->email, name.length, name.start);
    uservoice_string_free(answer);
    return DONE;
}

static enum outcome post_suggestion(struct tour *tour, const uservoice_token *owner,
                                    const char *forum)
{
    char path[128];
    char *answer = NULL;
    uservoice_error *error = NULL;
    snprintf(path, sizeof path, "/api/v1/forums/%s/suggestions", forum);
    if (uservoice_post(tour->client, owner, path,
                       "{\"suggestion\":{\"title\":\"Tea in the afternoon\",\"votes\":1}}",
                       &answer, &error) != USERVOICE_OK)
        return failed("The suggestion cannot be posted", error);
    struct text title = value(member(answer, "suggestion"), "title");
    printf("   Posted a suggestion there: \"%.*s\".\n", title.length, title.start);
    uservoice_string_free(answer);
    return DONE;
}

static enum outcome use_forum(struct tour *tour, const uservoice_token *owner)
{
    char *answer = NULL;
    uservoice_error *error = NULL;
    if (uservoice_post(tour->client, owner, "/api/v1/forums",
                       "{\"forum\":{\"name\":\"Tour of libuservoice\",\"private\":true,"
                       "\"allow_by_email_domain\":true,"
                       "\"allowed_email_domains\":[{\"domain\":\"example.com\"}]}}",
                       &answer, &error) != USERVOICE_OK)
        return failed("The forum cannot be created", error);
    char forum[64], path[128];
    struct text id = value(member(answer, "forum"), "id");
    snprintf(forum, sizeof forum, "%.*s", id.length, id.start);
    uservoice_string_free(answer);
    if (forum[0] == '\0') {
        fprintf(stderr, "The answer has no forum with an id.\n");
        return FAILED;
    }
    printf("   Created forum %s, for people of example.com only.\n", forum);

    /* The forum goes whether or not the suggestion could be posted. */
    enum outcome outcome = post_suggestion(tour, owner, forum);
    snprintf(path, sizeof path, "/api/v1/forums/%s", forum);
    if (uservoice_delete(tour->client, owner, path, NULL, &answer, &error) != USERVOICE_OK) {
        fprintf(stderr, "Forum %s is still there. ", forum);
        return failed("It cannot be deleted", error);
    }
    uservoice_string_free(answer);
    printf("   Deleted the forum.\n");
    return outcome;
}

static enum outcome act_as_owner(struct tour *tour)
{
    if (!may_change(tour, "Create a private forum, and delete it again,"))
        return skipped("nothing was changed.");
    uservoice_token *owner = NULL;
    uservoice_error *error = NULL;
    if (uservoice_login_as_owner(tour->client, NULL, &owner, &error) != USERVOICE_OK)
        return failed("Cannot act as the owner", error);
    enum outcome outcome = use_forum(tour, owner);
    uservoice_token_free(owner);
    return outcome;
}

/* The status says what kind of failure it was, so that a program can decide; the
 * error object has the rest: uservoice_error_http_status(), _type(), _body(). */
static enum outcome handle_not_found(struct tour *tour)
{
    char *answer = NULL;
    uservoice_error *error = NULL;
    uservoice_status status = uservoice_get(tour->client, NULL, "/api/v1/forums/999999999", NULL,
                                            &answer, &error);
    if (status == USERVOICE_OK) {
        uservoice_string_free(answer);
        fprintf(stderr, "Forum 999999999 exists, against all expectation.\n");
        return FAILED;
    }
    if (status != USERVOICE_NOT_FOUND)
        return failed("Not what was expected", error);
    printf("   There is no forum 999999999. %s says: \"%s\".\n",
           uservoice_status_name(status), uservoice_error_message(error));
    uservoice_error_free(error);
    return DONE;
}

static enum outcome handle_unauthorized(struct tour *tour)
{
    /* A client with the same key and a wrong secret, so that nothing is allowed. */
    struct site wrong = tour->site;
    wrong.api_secret = "not-the-secret";
    uservoice_client *stranger = site_client(&wrong);
    if (stranger == NULL)
        return FAILED;
    char *answer = NULL;
    uservoice_error *error = NULL;
    uservoice_status status =
        uservoice_get(stranger, NULL, "/api/v1/users/current", NULL, &answer, &error);
    uservoice_client_free(stranger);
    if (status == USERVOICE_OK) {
        uservoice_string_free(answer);
        fprintf(stderr, "A wrong secret was accepted.\n");
        return FAILED;
    }
    if (status != USERVOICE_UNAUTHORIZED)
        return failed("Not what was expected", error);
    printf("   A wrong secret opens nothing. %s says: \"%s\".\n",
           uservoice_status_name(status), uservoice_error_message(error));
    uservoice_error_free(error);
    return DONE;
}

/* Trades the verifier for a token, and shows whom the token acts for. */
static enum outcome finish_login(struct tour *tour, const uservoice_token *request_token,
                                 const char *verifier)
{
    uservoice_token *token = NULL;
    char *answer = NULL;
    uservoice_error *error = NULL;
    if (uservoice_login_with_verifier(tour->client, request_token, verifier, &token, &error)
        != USERVOICE_OK)
        return failed("The login failed", error);
    /* uservoice_token_json() would give what to keep, for the next time. */
    uservoice_status status =
        uservoice_get(tour->client, token, "/api/v1/users/current", NULL, &answer, &error);
    uservoice_token_free(token);
    if (status != USERVOICE_OK)
        return failed("The user cannot be read", error);
    struct text email = value(member(answer, "user"), "email");
    printf("   Logged in: the calls now act for %.*s.\n", email.length, email.start);
    uservoice_string_free(answer);
    return DONE;
}

/* The three-legged login, for when a person shall decide: the program never
 * sees a password, the person clicks "Allow" at UserVoice. */
static enum outcome log_in(struct tour *tour)
{
    uservoice_token *request_token = NULL;
    char *url = NULL;
    uservoice_error *error = NULL;
    if (uservoice_request_token(tour->client, &request_token, &error) != USERVOICE_OK)
        return failed("No login can be begun", error);
    if (uservoice_authorize_url(tour->client, request_token, &url, &error) != USERVOICE_OK) {
        uservoice_token_free(request_token);
        return failed("There is no URL to go to", error);
    }
    printf("   Open this page, click \"Allow\", and type the verifier that it shows\n"
           "   (an empty line skips this step):\n   %s\n", url);
    uservoice_string_free(url);

    /* A web application gives the option "callback" instead, and finds
     * "oauth_verifier" in the query when the person comes back there. */
    char verifier[256];
    enum outcome outcome = *read_line(verifier, sizeof verifier) != '\0'
                               ? finish_login(tour, request_token, verifier)
                               : skipped("no verifier was typed.");
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
        {"An error handled: there is no such record", handle_not_found},
        {"An error handled: not authorized", handle_unauthorized},
        {"A three-legged login: a person decides", log_in},
    };
    struct tour tour = {site_from_environment(), NULL, ""};
    tour.client = site_client(&tour.site); /* sends nothing yet */
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
    printf("\nThe end: %d steps done, %d skipped, %d failed.\n", counts[DONE], counts[SKIPPED],
           counts[FAILED]);
    return counts[FAILED] == 0 ? 0 : 1;
}
