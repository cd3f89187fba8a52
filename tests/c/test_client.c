/* Requests, logins, tokens and errors. */
#include "check.h"

static uservoice_client *client;

static uservoice_token *login_as(const char *email)
{
    uservoice_token *token;
    CHECK_OK(uservoice_login_as(client, NULL, email, &token, &error));
    return token;
}

static uservoice_token *login_as_owner(void)
{
    uservoice_token *token;
    CHECK_OK(uservoice_login_as_owner(client, NULL, &token, &error));
    return token;
}

/* Asserts that requests with the token act as the user with that address. */
static void check_acts_as(const uservoice_client *c, const uservoice_token *token,
                          const char *email)
{
    char *json = get(c, token, "/api/v1/users/current");
    char member[128];
    snprintf(member, sizeof member, "\"email\":\"%s\"", email);
    CHECK_CONTAINS(json, member);
    uservoice_string_free(json);
}

/* Makes the sandbox fail requests to a path. `members` describe the fault. */
static void fault(const char *path, const char *members)
{
    char json[512];
    snprintf(json, sizeof json, "{\"path\":\"%s\",%s}", path, members);
    control("/_sandbox/faults", json);
}

static void creates_reads_updates_and_deletes_record(void)
{
    uservoice_token *owner = login_as_owner();
    char *json, path[128];
    CHECK_OK(uservoice_post(client, owner, "/api/v1/forums",
                            "{\"forum\":{\"name\":\"Caf\xc3\xa9\",\"private\":true,"
                            "\"allow_by_email_domain\":true,"
                            "\"allowed_email_domains\":[{\"domain\":\"example.com\"}]}}",
                            &json, &error));
    CHECK_CONTAINS(json, "Caf\xc3\xa9");
    const long forum = first_id(json);
    uservoice_string_free(json);

    snprintf(path, sizeof path, "/api/v1/forums/%ld/suggestions", forum);
    CHECK_OK(uservoice_post(client, owner, path, "{\"suggestion\":{\"title\":\"Tea\",\"votes\":1}}",
                            &json, &error));
    CHECK_CONTAINS(json, "\"title\":\"Tea\"");
    const long suggestion = first_id(json);
    uservoice_string_free(json);

    snprintf(path, sizeof path, "/api/v1/forums/%ld/suggestions/%ld.json", forum, suggestion);
    CHECK_OK(uservoice_put(client, owner, path, "{\"suggestion\":{\"title\":\"Coffee\"}}", &json,
                           &error));
    uservoice_string_free(json);
    json = get(client, owner, path);
    CHECK_CONTAINS(json, "\"title\":\"Coffee\"");
    uservoice_string_free(json);
    CHECK_OK(uservoice_delete(client, owner, path, NULL, &json, &error));
    uservoice_string_free(json);
    CHECK_STATUS(USERVOICE_NOT_FOUND, uservoice_get(client, owner, path, NULL, &json, &error));

    snprintf(path, sizeof path, "/api/v1/forums/%ld", forum);
    CHECK_OK(uservoice_delete(client, owner, path, NULL, &json, &error));
    uservoice_string_free(json);
    CHECK_STATUS(USERVOICE_NOT_FOUND, uservoice_get(client, owner, path, NULL, &json, &error));
    uservoice_token_free(owner);
}

static void get_appends_params_to_query(void)
{
    char *json;
    CHECK_OK(uservoice_get(client, NULL, "/api/v1/suggestions?page=2",
                           "{\"per_page\":3,\"filter\":\"public\",\"nothing\":null}", &json,
                           &error));
    CHECK(count_occurrences(json, "\"title\":") >= 3);
    CHECK_CONTAINS(json, "\"page\":2");
    CHECK_CONTAINS(json, "\"per_page\":3");
    uservoice_string_free(json);
    json = get(client, NULL, "/_sandbox/requests");
    CHECK_CONTAINS(json, "page=2&per_page=3&filter=public");
    CHECK(strstr(json, "nothing") == NULL);
    uservoice_string_free(json);
}

static void request_returns_error_status_as_response(void)
{
    char *json;
    CHECK_OK(uservoice_request(client, NULL, "GET", "/api/v1/suggestions", "{\"per_page\":1}",
                               "{\"X-Asked-By\":\"test_client\"}", &json, &error));
    CHECK(strncmp(json, "{\"status\":200,\"headers\":{", 25) == 0);
    CHECK_CONTAINS(json, "\"content-type\":\"application/json");
    CHECK_CONTAINS(json, "\"body\":{");
    uservoice_string_free(json);
    json = get(client, NULL, "/_sandbox/requests");
    CHECK_CONTAINS(json, "test_client");
    char user_agent[64];
    snprintf(user_agent, sizeof user_agent, "my-program/1.0 uservoice-rust/%s", uservoice_version());
    CHECK_CONTAINS(json, user_agent);
    uservoice_string_free(json);

    CHECK_OK(uservoice_request(client, NULL, "GET", "/api/v1/forums/999999999", NULL, NULL, &json,
                               &error));
    CHECK(strncmp(json, "{\"status\":404,", 14) == 0);
    CHECK_CONTAINS(json, "record_not_found");
    uservoice_string_free(json);
    /* The HTML page of an unknown route is a JSON string in "body". */
    CHECK_OK(uservoice_request(client, NULL, "GET", "/no/such/route", NULL, NULL, &json, &error));
    CHECK(strncmp(json, "{\"status\":404,", 14) == 0);
    CHECK_CONTAINS(json, "\"body\":\"<");
    uservoice_string_free(json);
    CHECK_OK(
        uservoice_request(client, NULL, "HEAD", "/api/v1/suggestions", NULL, NULL, &json, &error));
    CHECK_CONTAINS(json, "\"body\":null");
    uservoice_string_free(json);
}

static void login_as_returns_token_of_user(void)
{
    uservoice_token *owner = login_as_owner();
    check_acts_as(client, owner, sandbox_env("USERVOICE_SANDBOX_OWNER_EMAIL"));
    uservoice_token *user = login_as("user1@sandbox.example");
    check_acts_as(client, user, "user1@sandbox.example");

    /* Signed with a token; creates a user. */
    uservoice_token *as;
    CHECK_OK(uservoice_login_as(client, owner, "new+one@sandbox.example", &as, &error));
    check_acts_as(client, as, "new+one@sandbox.example");
    uservoice_token_free(as);
    CHECK_OK(uservoice_login_as_owner(client, owner, &as, &error));
    check_acts_as(client, as, sandbox_env("USERVOICE_SANDBOX_OWNER_EMAIL"));
    uservoice_token_free(as);

    /* An untrusted API key. */
    uservoice_client *untrusted = sandbox_client_with_key(
        sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
        sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"), "");
    CHECK_STATUS(USERVOICE_UNAUTHORIZED, uservoice_login_as_owner(untrusted, NULL, &as, &error));
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_as(untrusted, NULL, "user1@sandbox.example", &as, &error));
    CHECK(as == NULL);
    uservoice_client_free(untrusted);

    /* Without an API secret, requests are unsigned and read public data only. */
    uservoice_client *public = sandbox_client_with_key(sandbox_env("USERVOICE_SANDBOX_API_KEY"),
                                                       NULL, "");
    char *json = get(public, NULL, "/api/v1/forums");
    CHECK_CONTAINS(json, "\"forums\":[");
    uservoice_string_free(json);
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_get(public, NULL, "/api/v1/users/current", NULL, &json, &error));
    uservoice_client_free(public);

    uservoice_token_free(user);
    uservoice_token_free(owner);
}

/* Another client with the same API key uses the token after the first client is freed: the
 * token itself, restored from JSON, and created from its parts. */
static void token_outlives_client_and_can_be_restored(void)
{
    uservoice_client *first = sandbox_client(""), *second = sandbox_client("");
    uservoice_token *token, *restored;
    char *json;
    CHECK_OK(uservoice_login_as(first, NULL, "user2@sandbox.example", &token, &error));
    uservoice_client_free(first);
    check_acts_as(second, token, "user2@sandbox.example");
    CHECK_OK(uservoice_token_json(token, &json, &error));
    CHECK_OK(uservoice_token_from_json(json, &restored, &error));
    CHECK(strcmp(uservoice_token_value(restored), uservoice_token_value(token)) == 0);
    CHECK(strcmp(uservoice_token_secret(restored), uservoice_token_secret(token)) == 0);
    check_acts_as(second, restored, "user2@sandbox.example");
    uservoice_token_free(restored);
    uservoice_string_free(json);
    CHECK_OK(uservoice_token_new(uservoice_token_value(token), uservoice_token_secret(token),
                                 &restored, &error));
    check_acts_as(second, restored, "user2@sandbox.example");
    uservoice_token_free(restored);

    /* A wrong token secret. */
    CHECK_OK(uservoice_token_new(uservoice_token_value(token), "wrong", &restored, &error));
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_get(second, restored, "/api/v1/users/current", NULL, &json, &error));
    uservoice_token_free(restored);
    uservoice_token_free(token);
    uservoice_client_free(second);
}

/* Posts the form of the authorization page, as a browser does after a click, and copies the
 * value that follows `prefix` in the response. */
static void submit_decision(const uservoice_token *request_token, const char *decision,
                            const char *prefix, char *value, size_t size)
{
    char command[1024], response[8192];
    snprintf(command, sizeof command,
             "curl --silent --show-error --noproxy '*' --include --data oauth_token=%s "
             "--data decision=%s --data email=user3@sandbox.example %s/oauth/authorize",
             uservoice_token_value(request_token), decision, sandbox_env("USERVOICE_SANDBOX_URL"));
    FILE *curl = popen(command, "r");
    CHECK(curl != NULL);
    response[fread(response, 1, sizeof response - 1, curl)] = '\0';
    CHECK(pclose(curl) == 0);
    CHECK_CONTAINS(response, prefix);
    const char *start = strstr(response, prefix) + strlen(prefix);
    snprintf(value, size, "%.*s", (int)strcspn(start, "<&\r\n"), start);
}

/* The second step uses another client and a request token restored from JSON. */
static void three_legged_login_with_verifier(void)
{
    uservoice_client *second = sandbox_client("");
    uservoice_token *request_token, *restored, *token;
    char *json, *url, verifier[256];
    CHECK_OK(uservoice_request_token(client, &request_token, &error));
    CHECK_OK(uservoice_authorize_url(client, request_token, &url, &error));
    const char *base = sandbox_env("USERVOICE_SANDBOX_URL");
    CHECK(strncmp(url, base, strlen(base)) == 0);
    CHECK_CONTAINS(url, "/oauth/authorize?oauth_token=");
    CHECK_CONTAINS(url, uservoice_token_value(request_token));
    uservoice_string_free(url);
    CHECK_OK(uservoice_token_json(request_token, &json, &error));

    /* Before the user has allowed access. */
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_with_verifier(client, request_token, "guessed", &token, &error));
    submit_decision(request_token, "allow", "<code id=\"verifier\">", verifier, sizeof verifier);
    uservoice_token_free(request_token);

    CHECK_OK(uservoice_token_from_json(json, &restored, &error));
    uservoice_string_free(json);
    CHECK_OK(uservoice_login_with_verifier(second, restored, verifier, &token, &error));
    check_acts_as(second, token, "user3@sandbox.example");
    uservoice_token_free(token);
    /* A request token is good for one login. */
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_with_verifier(second, restored, verifier, &token, &error));
    uservoice_token_free(restored);
    uservoice_client_free(second);
}

static void three_legged_login_with_callback(void)
{
    uservoice_client *site = sandbox_client("\"callback\":\"http://localhost/back?a=1\"");
    uservoice_token *request_token, *token;
    char verifier[256];
    CHECK_OK(uservoice_request_token(site, &request_token, &error));
    submit_decision(request_token, "allow", "oauth_verifier=", verifier, sizeof verifier);
    CHECK_OK(uservoice_login_with_verifier(site, request_token, verifier, &token, &error));
    check_acts_as(site, token, "user3@sandbox.example");
    uservoice_token_free(token);
    uservoice_token_free(request_token);

    CHECK_OK(uservoice_request_token(site, &request_token, &error));
    submit_decision(request_token, "deny", "denied=", verifier, sizeof verifier);
    CHECK(strcmp(verifier, uservoice_token_value(request_token)) == 0);
    CHECK_STATUS(USERVOICE_UNAUTHORIZED,
                 uservoice_login_with_verifier(site, request_token, "guessed", &token, &error));
    uservoice_token_free(request_token);
    uservoice_client_free(site);
}

/* Asserts that the message does not contain the API secret. */
static void check_contains_no_secret(const uservoice_error *error)
{
    CHECK(strstr(uservoice_error_message(error), sandbox_env("USERVOICE_SANDBOX_API_SECRET"))
          == NULL);
}

static void error_describes_error_response(void)
{
    uservoice_client *no_retries = sandbox_client("\"max_retries\":0");
    uservoice_error *error;
    char *json;
    CHECK_FAILS(USERVOICE_NOT_FOUND,
                uservoice_get(no_retries, NULL, "/api/v1/forums/999999999", NULL, &json, &error));
    CHECK(json == NULL);
    CHECK(uservoice_error_http_status(error) == 404);
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_ANSWERED);
    CHECK(strcmp(uservoice_error_type(error), "record_not_found") == 0);
    CHECK(strcmp(uservoice_error_message(error),
                 "GET /api/v1/forums/999999999: HTTP 404: Forum not found")
          == 0);
    CHECK(strcmp(uservoice_error_request(error), "GET /api/v1/forums/999999999") == 0);
    CHECK(uservoice_error_argument(error) == NULL);
    const char *const names[] = {"Content-Type", "content-type", "CONTENT-TYPE"};
    for (int i = 0; i < 3; i++)
        CHECK_CONTAINS(uservoice_error_header(error, names[i]), "application/json");
    CHECK(uservoice_error_header(error, "X-No-Such-Header") == NULL);
    CHECK(uservoice_error_header(error, "") == NULL);
    CHECK(uservoice_error_header(error, NULL) == NULL);
    CHECK(uservoice_error_header(error, "\xff\xfe") == NULL);
    CHECK_CONTAINS(uservoice_error_body(error), "\"type\":\"record_not_found\"");
    CHECK(uservoice_error_retry_after_ms(error) == -1);
    check_contains_no_secret(error);
    uservoice_error_free(error);

    /* The query is not part of uservoice_error_request(), since it may have secrets. */
    CHECK_FAILS(USERVOICE_NOT_FOUND, uservoice_get(no_retries, NULL, "/api/v1/forums/9?a=secret",
                                                   "{\"b\":\"secret\"}", &json, &error));
    CHECK(strcmp(uservoice_error_request(error), "GET /api/v1/forums/9") == 0);
    CHECK(strstr(uservoice_error_message(error), "secret") == NULL);
    uservoice_error_free(error);

    /* The response of an unknown route is HTML. */
    CHECK_FAILS(USERVOICE_NOT_FOUND,
                uservoice_get(no_retries, NULL, "/api/v1/nothing", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 404 && uservoice_error_type(error) == NULL);
    CHECK_CONTAINS(uservoice_error_body(error), "<");
    uservoice_error_free(error);

    CHECK_FAILS(USERVOICE_UNAUTHORIZED,
                uservoice_get(no_retries, NULL, "/api/v1/users/current", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 401);
    CHECK(strcmp(uservoice_error_type(error), "unauthorized") == 0);
    uservoice_error_free(error);

    uservoice_token *owner = login_as_owner();
    CHECK_FAILS(USERVOICE_API_ERROR, uservoice_post(no_retries, owner, "/api/v1/forums",
                                                    "{\"forum\":{\"name\":\"\"}}", &json, &error));
    CHECK(uservoice_error_http_status(error) == 422);
    CHECK(strcmp(uservoice_error_type(error), "record_invalid") == 0);
    uservoice_error_free(error);
    uservoice_token_free(owner);

    /* A separate client, since later requests of this one wait for the rate limit. */
    uservoice_client *limited = sandbox_client("\"max_retries\":0");
    fault("/api/v1/users", "\"status\":429,\"body\":\"Slow down\",\"retry_after\":\"7\"");
    CHECK_FAILS(USERVOICE_RATE_LIMITED,
                uservoice_get(limited, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 429 && uservoice_error_type(error) == NULL);
    CHECK(uservoice_error_retry_after_ms(error) == 7000);
    CHECK(strcmp(uservoice_error_body(error), "Slow down") == 0);
    uservoice_error_free(error);
    uservoice_client_free(limited);

    fault("/api/v1/users", "\"status\":502,\"body\":\"<html>\",\"content_type\":\"text/html\"");
    CHECK_FAILS(USERVOICE_APPLICATION_ERROR,
                uservoice_get(no_retries, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 502);
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_ANSWERED);
    CHECK(strcmp(uservoice_error_header(error, "Content-Type"), "text/html") == 0);
    uservoice_error_free(error);
    uservoice_client_free(no_retries);
}

static void check_has_head_only(const uservoice_error *error)
{
    CHECK(uservoice_error_http_status(error) == 200);
    CHECK(uservoice_error_header(error, "Content-Type") != NULL);
    CHECK(uservoice_error_body(error) == NULL);
    CHECK(strcmp(uservoice_error_request(error), "GET /api/v1/users") == 0);
}

static void error_describes_failed_transport(void)
{
    uservoice_client *no_retries = sandbox_client("\"max_retries\":0");
    uservoice_client *with_timeout = sandbox_client("\"max_retries\":0,\"timeout_ms\":2000");
    uservoice_error *error;
    char *json;
    fault("/api/v1/users", "\"not_json\":true");
    CHECK_FAILS(USERVOICE_BAD_RESPONSE,
                uservoice_get(no_retries, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_http_status(error) == 200);
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_ANSWERED);
    CHECK(uservoice_error_body(error) != NULL);
    CHECK(uservoice_error_header(error, "Content-Type") != NULL);
    uservoice_error_free(error);

    /* A response that is incomplete, and one that is too large, has status code and headers only. */
    fault("/api/v1/users", "\"close\":\"middle\"");
    CHECK_FAILS(USERVOICE_TRANSPORT,
                uservoice_get(no_retries, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_UNKNOWN);
    check_has_head_only(error);
    check_contains_no_secret(error);
    uservoice_error_free(error);

    uservoice_client *with_limit;
    CHECK_OK(uservoice_client_clone(no_retries, "{\"max_response_bytes\":100000}", &with_limit,
                                    &error));
    fault("/api/v1/users", "\"oversize\":200000");
    CHECK_FAILS(USERVOICE_BAD_RESPONSE,
                uservoice_get(with_limit, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_ANSWERED);
    check_has_head_only(error);
    uservoice_error_free(error);
    uservoice_client_free(with_limit);

    fault("/api/v1/users", "\"delay_ms\":60000");
    CHECK_FAILS(USERVOICE_TIMEOUT,
                uservoice_post(with_timeout, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_UNKNOWN);
    CHECK(uservoice_error_http_status(error) == 0);
    CHECK(strcmp(uservoice_error_request(error), "POST /api/v1/users") == 0);
    CHECK(uservoice_error_header(error, "Content-Type") == NULL);
    CHECK(uservoice_error_body(error) == NULL);
    uservoice_error_free(error);
    control("/_sandbox/faults", NULL);

    /* Port 1 refuses connections. */
    uservoice_client *unreachable;
    CHECK_OK(uservoice_client_clone(no_retries, "{\"base_url\":\"http://127.0.0.1:1\"}",
                                    &unreachable, &error));
    CHECK_FAILS(USERVOICE_TRANSPORT,
                uservoice_post(unreachable, NULL, "/api/v1/users", NULL, &json, &error));
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_NOT_SENT);
    CHECK(strcmp(uservoice_error_request(error), "POST /api/v1/users") == 0);
    uservoice_error_free(error);
    uservoice_client_free(unreachable);
    uservoice_client_free(with_timeout);
    uservoice_client_free(no_retries);
}

static void retries_503_with_retry_after_but_not_post_500(void)
{
    control("/_sandbox/requests", NULL);
    fault("/api/v1/users", "\"times\":2,\"status\":503,\"retry_after\":\"0\"");
    char *json = get(client, NULL, "/api/v1/users");
    uservoice_string_free(json);
    json = get(client, NULL, "/_sandbox/requests");
    CHECK(count_occurrences(json, "\"path\":\"/api/v1/users\"") == 3);
    uservoice_string_free(json);

    control("/_sandbox/requests", NULL);
    fault("/api/v1/users", "\"method\":\"POST\",\"status\":500,\"apply\":true");
    CHECK_STATUS(USERVOICE_APPLICATION_ERROR,
                 uservoice_post(client, NULL, "/api/v1/users",
                                "{\"user\":{\"email\":\"once@sandbox.example\"}}", &json, &error));
    json = get(client, NULL, "/_sandbox/requests");
    CHECK(count_occurrences(json, "\"path\":\"/api/v1/users\"") == 1);
    uservoice_string_free(json);
}

int main(void)
{
    reset_sandbox();
    client = sandbox_client("\"user_agent\":\"my-program/1.0\"");
    creates_reads_updates_and_deletes_record();
    get_appends_params_to_query();
    request_returns_error_status_as_response();
    login_as_returns_token_of_user();
    token_outlives_client_and_can_be_restored();
    three_legged_login_with_verifier();
    three_legged_login_with_callback();
    error_describes_error_response();
    error_describes_failed_transport();
    retries_503_with_retry_after_but_not_post_500();
    uservoice_client_free(client);
    reset_sandbox();
    wait_for_library_threads();
    puts("test_client: passed");
    return 0;
}
