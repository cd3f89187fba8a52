/* Calls, logins, tokens and errors against the sandbox. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

static uservoice_client *client;

static uservoice_token *log_in_as(const char *email)
{
    uservoice_token *token;
    OK(uservoice_login_as(client, NULL, email, &token, &error));
    return token;
}

static uservoice_token *log_in_as_owner(void)
{
    uservoice_token *token;
    OK(uservoice_login_as_owner(client, NULL, &token, &error));
    return token;
}

/* The token acts for the user with that address, with any client of the key. */
static void acts_for(const uservoice_client *c, const uservoice_token *token, const char *email)
{
    char *json = get(c, token, "/api/v1/users/current");
    char member[128];
    snprintf(member, sizeof member, "\"email\":\"%s\"", email);
    CONTAINS(json, member);
    uservoice_string_free(json);
}

static void fault(const char *path, const char *what)
{
    char json[512];
    snprintf(json, sizeof json, "{\"path\":\"%s\",%s}", path, what);
    control("/_sandbox/faults", json);
}

/* Create, read, change, delete: POST, GET, PUT, DELETE. */
static void a_record_lives(void)
{
    uservoice_token *owner = log_in_as_owner();
    char *json, path[128];
    OK(uservoice_post(client, owner, "/api/v1/forums",
                      "{\"forum\":{\"name\":\"Caf\xc3\xa9\",\"private\":true,"
                      "\"allow_by_email_domain\":true,"
                      "\"allowed_email_domains\":[{\"domain\":\"example.com\"}]}}", &json, &error));
    CONTAINS(json, "Caf\xc3\xa9");
    const long forum = first_id(json);
    uservoice_string_free(json);

    snprintf(path, sizeof path, "/api/v1/forums/%ld/suggestions", forum);
    OK(uservoice_post(client, owner, path, "{\"suggestion\":{\"title\":\"Tea\",\"votes\":1}}", &json,
                      &error));
    CONTAINS(json, "\"title\":\"Tea\"");
    const long suggestion = first_id(json);
    uservoice_string_free(json);

    snprintf(path, sizeof path, "/api/v1/forums/%ld/suggestions/%ld.json", forum, suggestion);
    OK(uservoice_put(client, owner, path, "{\"suggestion\":{\"title\":\"Coffee\"}}", &json, &error));
    uservoice_string_free(json);
    json = get(client, owner, path);
    CONTAINS(json, "\"title\":\"Coffee\"");
    uservoice_string_free(json);
    OK(uservoice_delete(client, owner, path, NULL, &json, &error));
    uservoice_string_free(json);
    REFUSES(USERVOICE_NOT_FOUND, uservoice_get(client, owner, path, NULL, &json, &error));

    snprintf(path, sizeof path, "/api/v1/forums/%ld", forum);
    OK(uservoice_delete(client, owner, path, NULL, &json, &error));
    uservoice_string_free(json);
    REFUSES(USERVOICE_NOT_FOUND, uservoice_get(client, owner, path, NULL, &json, &error));
    uservoice_token_free(owner);
}

/* The parameters of a GET go into the query, beside what the path has. */
static void parameters(void)
{
    char *json;
    OK(uservoice_get(client, NULL, "/api/v1/suggestions?page=2",
                     "{\"per_page\":3,\"filter\":\"public\",\"nothing\":null}", &json, &error));
    CHECK(count_of(json, "\"title\":") >= 3);
    CONTAINS(json, "\"page\":2");
    CONTAINS(json, "\"per_page\":3");
    uservoice_string_free(json);
    json = get(client, NULL, "/_sandbox/requests");
    CONTAINS(json, "page=2&per_page=3&filter=public");
    CHECK(strstr(json, "nothing") == NULL);
    uservoice_string_free(json);
}

/* uservoice_request() gives error answers as answers, with their headers. */
static void whole_answers(void)
{
    char *json;
    OK(uservoice_request(client, NULL, "GET", "/api/v1/suggestions", "{\"per_page\":1}",
                         "{\"X-Asked-By\":\"test_client\"}", &json, &error));
    CHECK(strncmp(json, "{\"status\":200,\"headers\":{", 25) == 0);
    CONTAINS(json, "\"content-type\":\"application/json");
    CONTAINS(json, "\"body\":{");
    uservoice_string_free(json);
    json = get(client, NULL, "/_sandbox/requests");
    CONTAINS(json, "test_client");
    char user_agent[64];
    snprintf(user_agent, sizeof user_agent, "my-program/1.0 uservoice-rust/%s", uservoice_version());
    CONTAINS(json, user_agent);
    uservoice_string_free(json);

    OK(uservoice_request(client, NULL, "GET", "/api/v1/forums/999999999", NULL, NULL, &json, &error));
    CHECK(strncmp(json, "{\"status\":404,", 14) == 0);
    CONTAINS(json, "record_not_found");
    uservoice_string_free(json);
    /* An unknown route answers a page, which is a JSON text in the body. */
    OK(uservoice_request(client, NULL, "GET", "/no/such/route", NULL, NULL, &json, &error));
    CHECK(strncmp(json, "{\"status\":404,", 14) == 0);
    CONTAINS(json, "\"body\":\"<");
    uservoice_string_free(json);
    OK(uservoice_request(client, NULL, "HEAD", "/api/v1/suggestions", NULL, NULL, &json, &error));
    CONTAINS(json, "\"body\":null");
    uservoice_string_free(json);
}

static void logins(void)
{
    uservoice_token *owner = log_in_as_owner();
    acts_for(client, owner, sandbox("USERVOICE_SANDBOX_OWNER_EMAIL"));
    uservoice_token *user = log_in_as("user1@sandbox.example");
    acts_for(client, user, "user1@sandbox.example");

    /* Signed with a token, and for somebody who is new to the service. */
    uservoice_token *as;
    OK(uservoice_login_as(client, owner, "new+one@sandbox.example", &as, &error));
    acts_for(client, as, "new+one@sandbox.example");
    uservoice_token_free(as);
    OK(uservoice_login_as_owner(client, owner, &as, &error));
    acts_for(client, as, sandbox("USERVOICE_SANDBOX_OWNER_EMAIL"));
    uservoice_token_free(as);

    /* A key that is not trusted may act for nobody. */
    uservoice_client *untrusted =
        sandbox_client_of(sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
                          sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"), "");
    REFUSES(USERVOICE_UNAUTHORIZED, uservoice_login_as_owner(untrusted, NULL, &as, &error));
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_login_as(untrusted, NULL, "user1@sandbox.example", &as, &error));
    CHECK(as == NULL);
    uservoice_client_free(untrusted);

    /* Without a secret, calls are not signed and see what is public. */
    uservoice_client *public = sandbox_client_of(sandbox("USERVOICE_SANDBOX_API_KEY"), NULL, "");
    char *json = get(public, NULL, "/api/v1/forums");
    CONTAINS(json, "\"forums\":[");
    uservoice_string_free(json);
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_get(public, NULL, "/api/v1/users/current", NULL, &json, &error));
    uservoice_client_free(public);

    uservoice_token_free(user);
    uservoice_token_free(owner);
}

/* Tokens are values: what one client got, another one with the same key uses,
 * restored from its JSON or from its parts, after the first is gone. */
static void tokens_are_kept(void)
{
    uservoice_client *first = sandbox_client(""), *second = sandbox_client("");
    uservoice_token *token, *restored;
    char *json;
    OK(uservoice_login_as(first, NULL, "user2@sandbox.example", &token, &error));
    uservoice_client_free(first);
    acts_for(second, token, "user2@sandbox.example");
    OK(uservoice_token_json(token, &json, &error));
    OK(uservoice_token_from_json(json, &restored, &error));
    CHECK(strcmp(uservoice_token_value(restored), uservoice_token_value(token)) == 0);
    CHECK(strcmp(uservoice_token_secret(restored), uservoice_token_secret(token)) == 0);
    acts_for(second, restored, "user2@sandbox.example");
    uservoice_token_free(restored);
    uservoice_string_free(json);
    OK(uservoice_token_new(uservoice_token_value(token), uservoice_token_secret(token), &restored,
                           &error));
    acts_for(second, restored, "user2@sandbox.example");
    uservoice_token_free(restored);

    /* A token that the service never gave is refused. */
    OK(uservoice_token_new(uservoice_token_value(token), "wrong", &restored, &error));
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_get(second, restored, "/api/v1/users/current", NULL, &json, &error));
    uservoice_token_free(restored);
    uservoice_token_free(token);
    uservoice_client_free(second);
}

/* The person's click, which is no business of the library: the page's form is
 * posted by curl. Gives what the page or the redirect says after `before`. */
static void click(const uservoice_token *request_token, const char *decision, const char *before,
                  char *verifier, size_t size)
{
    char command[1024], answer[8192];
    snprintf(command, sizeof command,
             "curl --silent --show-error --noproxy '*' --include --data oauth_token=%s "
             "--data decision=%s --data email=user3@sandbox.example %s/oauth/authorize",
             uservoice_token_value(request_token), decision, sandbox("USERVOICE_SANDBOX_URL"));
    FILE *curl = popen(command, "r");
    CHECK(curl != NULL);
    answer[fread(answer, 1, sizeof answer - 1, curl)] = '\0';
    CHECK(pclose(curl) == 0);
    CONTAINS(answer, before);
    const char *start = strstr(answer, before) + strlen(before);
    snprintf(verifier, size, "%.*s", (int)strcspn(start, "<&\r\n"), start);
}

/* The request token is kept between the two steps, by whoever does the second. */
static void three_legs(void)
{
    uservoice_client *second = sandbox_client("");
    uservoice_token *request_token, *restored, *token;
    char *json, *url, verifier[256];
    OK(uservoice_request_token(client, &request_token, &error));
    OK(uservoice_authorize_url(client, request_token, &url, &error));
    const char *base = sandbox("USERVOICE_SANDBOX_URL");
    CHECK(strncmp(url, base, strlen(base)) == 0);
    CONTAINS(url, "/oauth/authorize?oauth_token=");
    CONTAINS(url, uservoice_token_value(request_token));
    uservoice_string_free(url);
    OK(uservoice_token_json(request_token, &json, &error));

    /* Not before the person said yes. */
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_login_with_verifier(client, request_token, "guessed", &token, &error));
    click(request_token, "allow", "<code id=\"verifier\">", verifier, sizeof verifier);
    uservoice_token_free(request_token);

    OK(uservoice_token_from_json(json, &restored, &error));
    uservoice_string_free(json);
    OK(uservoice_login_with_verifier(second, restored, verifier, &token, &error));
    acts_for(second, token, "user3@sandbox.example");
    uservoice_token_free(token);
    /* It can be traded once. */
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_login_with_verifier(second, restored, verifier, &token, &error));
    uservoice_token_free(restored);
    uservoice_client_free(second);
}

static void three_legs_with_a_callback(void)
{
    uservoice_client *site = sandbox_client("\"callback\":\"http://localhost/back?a=1\"");
    uservoice_token *request_token, *token;
    char verifier[256];
    OK(uservoice_request_token(site, &request_token, &error));
    click(request_token, "allow", "oauth_verifier=", verifier, sizeof verifier);
    OK(uservoice_login_with_verifier(site, request_token, verifier, &token, &error));
    acts_for(site, token, "user3@sandbox.example");
    uservoice_token_free(token);
    uservoice_token_free(request_token);

    OK(uservoice_request_token(site, &request_token, &error));
    click(request_token, "deny", "denied=", verifier, sizeof verifier);
    CHECK(strcmp(verifier, uservoice_token_value(request_token)) == 0);
    REFUSES(USERVOICE_UNAUTHORIZED,
            uservoice_login_with_verifier(site, request_token, "guessed", &token, &error));
    uservoice_token_free(request_token);
    uservoice_client_free(site);
}

/* No message of an error shows the key's secret. */
static void keeps_secrets(const uservoice_error *error)
{
    CHECK(strstr(uservoice_error_message(error), sandbox("USERVOICE_SANDBOX_API_SECRET")) == NULL);
}

static void error_answers(void)
{
    uservoice_client *once = sandbox_client("\"max_retries\":0");
    uservoice_error *error;
    char *json;
    FAILS(USERVOICE_NOT_FOUND,
          uservoice_get(once, NULL, "/api/v1/forums/999999999", NULL, &json, &error));
    CHECK(json == NULL);
    CHECK(uservoice_error_http_status(error) == 404 && uservoice_error_outcome(error) == 2);
    CHECK(strcmp(uservoice_error_type(error), "record_not_found") == 0);
    CONTAINS(uservoice_error_body(error), "\"type\":\"record_not_found\"");
    CHECK(uservoice_error_retry_after_ms(error) == -1);
    keeps_secrets(error);
    uservoice_error_free(error);

    /* An unknown route: a page instead of JSON. */
    FAILS(USERVOICE_NOT_FOUND, uservoice_get(once, NULL, "/api/v1/nothing", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 404 && uservoice_error_type(error) == NULL);
    CONTAINS(uservoice_error_body(error), "<");
    uservoice_error_free(error);

    FAILS(USERVOICE_UNAUTHORIZED,
          uservoice_get(once, NULL, "/api/v1/users/current", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 401);
    CHECK(strcmp(uservoice_error_type(error), "unauthorized") == 0);
    uservoice_error_free(error);

    uservoice_token *owner = log_in_as_owner();
    FAILS(USERVOICE_API_ERROR,
          uservoice_post(once, owner, "/api/v1/forums", "{\"forum\":{\"name\":\"\"}}", &json, &error));
    CHECK(uservoice_error_http_status(error) == 422);
    CHECK(strcmp(uservoice_error_type(error), "record_invalid") == 0);
    uservoice_error_free(error);
    uservoice_token_free(owner);

    /* A client of its own: one that was told to wait does so before its next call. */
    uservoice_client *limited = sandbox_client("\"max_retries\":0");
    fault("/api/v1/users", "\"status\":429,\"body\":\"Slow down\",\"retry_after\":\"7\"");
    FAILS(USERVOICE_RATE_LIMITED, uservoice_get(limited, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 429 && uservoice_error_type(error) == NULL);
    CHECK(uservoice_error_retry_after_ms(error) == 7000);
    CHECK(strcmp(uservoice_error_body(error), "Slow down") == 0);
    uservoice_error_free(error);
    uservoice_client_free(limited);

    fault("/api/v1/users", "\"status\":502,\"body\":\"<html>\",\"content_type\":\"text/html\"");
    FAILS(USERVOICE_APPLICATION_ERROR,
          uservoice_get(once, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 502 && uservoice_error_outcome(error) == 2);
    uservoice_error_free(error);
    uservoice_client_free(once);
}

static void broken_answers(void)
{
    uservoice_client *once = sandbox_client("\"max_retries\":0");
    uservoice_client *impatient = sandbox_client("\"max_retries\":0,\"timeout_ms\":2000");
    uservoice_error *error;
    char *json;
    fault("/api/v1/users", "\"not_json\":true");
    FAILS(USERVOICE_BAD_RESPONSE, uservoice_get(once, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 200);
    uservoice_error_free(error);

    fault("/api/v1/users", "\"close\":\"middle\"");
    FAILS(USERVOICE_TRANSPORT, uservoice_get(once, NULL, "/api/v1/users", NULL, &json, &error));
    keeps_secrets(error);
    uservoice_error_free(error);

    fault("/api/v1/users", "\"delay_ms\":60000");
    FAILS(USERVOICE_TIMEOUT,
          uservoice_post(impatient, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_outcome(error) == 1 && uservoice_error_http_status(error) == 0);
    CHECK(uservoice_error_body(error) == NULL);
    uservoice_error_free(error);
    control("/_sandbox/faults", NULL);

    /* Nobody listens on port 1. */
    uservoice_client *nowhere;
    OK(uservoice_client_clone(once, "{\"base_url\":\"http://127.0.0.1:1\"}", &nowhere, &error));
    FAILS(USERVOICE_TRANSPORT, uservoice_post(nowhere, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_outcome(error) == 0);
    uservoice_error_free(error);
    uservoice_client_free(nowhere);
    uservoice_client_free(impatient);
    uservoice_client_free(once);
}

/* A failure that passes is not seen by the caller; a POST is not sent twice. */
static void retries(void)
{
    control("/_sandbox/requests", NULL);
    fault("/api/v1/users", "\"times\":2,\"status\":503,\"retry_after\":\"0\"");
    char *json = get(client, NULL, "/api/v1/users");
    uservoice_string_free(json);
    json = get(client, NULL, "/_sandbox/requests");
    CHECK(count_of(json, "\"path\":\"/api/v1/users\"") == 3);
    uservoice_string_free(json);

    control("/_sandbox/requests", NULL);
    fault("/api/v1/users", "\"method\":\"POST\",\"status\":500,\"apply\":true");
    REFUSES(USERVOICE_APPLICATION_ERROR,
            uservoice_post(client, NULL, "/api/v1/users",
                           "{\"user\":{\"email\":\"once@sandbox.example\"}}", &json, &error));
    json = get(client, NULL, "/_sandbox/requests");
    CHECK(count_of(json, "\"path\":\"/api/v1/users\"") == 1);
    uservoice_string_free(json);
}

int main(void)
{
    reset_sandbox();
    client = sandbox_client("\"user_agent\":\"my-program/1.0\"");
    a_record_lives();
    parameters();
    whole_answers();
    logins();
    tokens_are_kept();
    three_legs();
    three_legs_with_a_callback();
    error_answers();
    broken_answers();
    retries();
    uservoice_client_free(client);
    reset_sandbox();
    threads_have_ended();
    puts("test_client: passed");
    return 0;
}
