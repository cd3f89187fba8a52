#include "example.h"

/* [recipe-users] */
/* Prints two values of a record. */
static bool print_record(const char *json, const char *first, const char *second)
{
    return print_value(json, first) && print_value(json, second);
}

static bool users_and_forum(uservoice_client *client)
{
    static const char forum[] = "{\"forum\":{\"name\":\"Private feedback\",\"private\":true,"
                                "\"allow_by_email_domain\":true,"
                                "\"allowed_email_domains\":[{\"domain\":\"example.com\"}]}}";
    uservoice_collection *users = NULL; /* needs a trusted key, but no user */
    uservoice_token *jo = NULL;         /* a regular user */
    uservoice_token *owner = NULL;
    uservoice_error *error = NULL;
    char *json = NULL;
    size_t length = 0;
    if (uservoice_collection_new(client, NULL, "/api/v1/users", NULL, -1, &users, &error)
            != USERVOICE_OK
        || uservoice_collection_len(users, &length, &error) != USERVOICE_OK)
        return failed(error); /* UNAUTHORIZED: a wrong key, or one that is not trusted */
    printf("The site has %lu users.\n", (unsigned long)length);
    for (size_t index = 0; index < length && index < 3; index++) {
        if (uservoice_collection_get(users, index, &json, &error) != USERVOICE_OK)
            return failed(error);
        print_record(json, "/name", "/url");
        uservoice_string_free(json);
    }
    uservoice_collection_free(users);

    if (uservoice_login_as(client, NULL, "jo@example.com", &jo, &error) != USERVOICE_OK
        || uservoice_get(client, jo, "/api/v1/users/current", NULL, &json, &error) != USERVOICE_OK)
        return failed(error);
    print_record(json, "/user/name", "/user/url");
    uservoice_string_free(json);
    uservoice_token_free(jo);

    if (uservoice_login_as_owner(client, NULL, &owner, &error) != USERVOICE_OK
        || uservoice_post(client, owner, "/api/v1/forums", forum, &json, &error) != USERVOICE_OK)
        return failed(error);
    print_record(json, "/forum/name", "/forum/url");
    uservoice_string_free(json);
    uservoice_token_free(owner);
    return true;
}
/* [end] */

static bool verify_user(const char *options)
{
    char verifier[256];
    /* [recipe-verify] */
    /* The options have "callback": "http://localhost:3000/", your site. */
    uservoice_client *client = NULL;
    uservoice_token *request_token = NULL;
    uservoice_token *user = NULL;
    uservoice_error *error = NULL;
    char *url = NULL;
    char *json = NULL;
    if (uservoice_client_new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options,
                             &client, &error) != USERVOICE_OK
        || uservoice_request_token(client, &request_token, &error) != USERVOICE_OK
        || uservoice_authorize_url(client, request_token, &url, &error) != USERVOICE_OK)
        return failed(error);
    printf("1. Go to %s and allow access.\n", url);
    printf("2. Type the oauth_verifier that UserVoice passed to your site:\n");
    uservoice_string_free(url);
    read_line(verifier, sizeof verifier);
    if (uservoice_login_with_verifier(client, request_token, verifier, &user, &error)
            != USERVOICE_OK
        || uservoice_get(client, user, "/api/v1/users/current", NULL, &json, &error)
               != USERVOICE_OK)
        return failed(error);
    print_value(json, "/user/name");
    print_value(json, "/user/email"); /* the verified address */
    uservoice_string_free(json);
    uservoice_token_free(user);
    uservoice_token_free(request_token);
    uservoice_client_free(client);
    /* [end] */
    return true;
}

static bool attachment(uservoice_client *client)
{
    static const char data[] = "...";
    const size_t data_len = strlen(data);
    /* [recipe-attachment] */
    uservoice_token *admin = NULL;
    uservoice_error *error = NULL;
    char *json = NULL;
    /* Or uservoice_login_with_password(). */
    if (uservoice_login_with_client_credentials(client, &admin, &error) != USERVOICE_OK)
        return failed(error);
    switch (uservoice_upload(client, admin, "/api/v2/admin/attachments", "screen.png", NULL, data,
                             data_len, &json, &error)) {
    case USERVOICE_OK:
        print_value(json, "/attachments/0/file_name");
        break;
    case USERVOICE_RATE_LIMITED: /* after a wait of max_retry_wait_ms */
        printf("The rate limit is reset in %ld ms.\n",
               (long)uservoice_error_retry_after_ms(error));
        break;
    default:
        printf("%s\n", uservoice_error_message(error));
    }
    uservoice_error_free(error);
    uservoice_string_free(json);
    uservoice_token_free(admin);
    /* [end] */
    return true;
}

bool recipes(uservoice_client *client, const char *options)
{
    return users_and_forum(client) && verify_user(options) && attachment(client);
}
