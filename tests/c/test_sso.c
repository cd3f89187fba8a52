/* Encrypted single sign-on tokens: test vectors of the protocol and of OpenSSL, and tokens that
 * the sandbox, an independent implementation, decrypts. JSON Web Tokens that do not verify. */
#include "check.h"

static const char SUBDOMAIN[] = "uservoice-subdomain";
static const char KEY[] = "982c88f2df7257859e8e23423eg87ed";

static void check_decrypts(const char *token, const char *user)
{
    char *json;
    CHECK_OK(uservoice_sso_decrypt(SUBDOMAIN, KEY, token, &json, &error));
    CHECK(strcmp(json, user) == 0);
    uservoice_string_free(json);
}

static void token_matches_test_vectors(void)
{
    const char user[] = "{\"guid\":1000000,\"display_name\":\"User Name\","
                        "\"email\":\"mailaddress@example.com\",\"expires\":\"2030-01-01 00:00:00\"}";
    const char token[] =
        "SRDq65WMAL9%2FZiALTxv4XnDbev7UZVOKFazS8VfbbY1dCR%2B4wHgTvHJrkpWVBey0aZMtM4VckWHc7MtlRDRqaAO"
        "%2FEnmMs0JQII6jkAtCbqA4ZwARCESNBmHfFK4ZE5FPahhS%2BuSFZFValmmNsh5CaA%3D%3D";
    char *made;
    CHECK_OK(uservoice_sso_token(SUBDOMAIN, KEY, user, 0, &made, &error));
    CHECK(strcmp(made, token) == 0);
    uservoice_string_free(made);
    check_decrypts(token, user);
    check_decrypts("LrHBkcxSaurq8dNPfk6HvaBhLD9XU/hjwjfI88+Cy1w=",
                   "{\"guid\":\"1\",\"n\":\"\xc3\xa9\"}");
    check_decrypts("LrHBkcxSaurq8dNPfk6HvaBhLD9XU%2FhjwjfI88%2BCy1w%3D",
                   "{\"guid\":\"1\",\"n\":\"\xc3\xa9\"}");
}

/* Lengths around the AES block size of 16 bytes, where padding is easy to get wrong. */
static void pads_every_length(void)
{
    check_decrypts("/o+t8LiXZrXNmoNDESlVkw==", "{}");
    check_decrypts("QwMRac59B3eLLkMjkhmD5EetSBO0HOwrnWVCNabl+Oo=", "{\"guid\":\"12345\"}");
    check_decrypts("bkMxcv5ubOdT8lbxF5AsOgIdImFg/7IBRAF++KAN490=", "{\"guid\":\"abcdef\"}");
    for (int length = 0; length < 40; length++) {
        char user[64], *token, *json;
        snprintf(user, sizeof user, "{\"expires\":\"%.*s\"}", length,
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        CHECK_OK(uservoice_sso_token(SUBDOMAIN, KEY, user, 0, &token, &error));
        CHECK_OK(uservoice_sso_decrypt(SUBDOMAIN, KEY, token, &json, &error));
        CHECK(strcmp(json, user) == 0);
        CHECK(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%")
              == strlen(token));
        uservoice_string_free(json);
        uservoice_string_free(token);
    }
}

/* The JSON is unchanged, except that "expires" is added if absent. */
static void adds_only_missing_expires(void)
{
    const char *const kept[] = {
        "{\"guid\":\"1\",\"expires\":\"2030-01-01 00:00:00\"}",
        "{\"guid\":\"1\",\"expires\":\"2030-01-01 00:00:00 UTC\"}",
        "{\"expires\":\"2030-01-01 00:00:00Z\",\"guid\":\"1\"}",
        "{\"n\":1.10,\"n\":2,\"expires\":\"2030-01-01 00:00:00\",\"a\":[ ]}",
    };
    char *token, *json;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        CHECK_OK(uservoice_sso_token(SUBDOMAIN, KEY, kept[i], 60, &token, &error));
        check_decrypts(token, kept[i]);
        uservoice_string_free(token);
    }

    const char start[] = "{\"z\":1.10,\"a\":\"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\",\"expires\":\"";
    CHECK_OK(uservoice_sso_token(SUBDOMAIN, KEY,
                                 "{\"z\":1.10,\"a\":\"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\"}", 0,
                                 &token, &error));
    CHECK_OK(uservoice_sso_decrypt(SUBDOMAIN, KEY, token, &json, &error));
    CHECK(strncmp(json, start, strlen(start)) == 0);
    /* A timestamp such as 2030-01-01 00:00:00, and the end of the object. */
    const char *expires = json + strlen(start);
    CHECK(strlen(expires) == 21 && strcmp(expires + 19, "\"}") == 0);
    CHECK(strncmp(expires, "20", 2) == 0 && expires[4] == '-' && expires[7] == '-');
    CHECK(expires[10] == ' ' && expires[13] == ':' && expires[16] == ':');
    uservoice_string_free(json);
    uservoice_string_free(token);
}

static void invalid_token_is_not_verified(void)
{
    char *text;
    CHECK_STATUS(USERVOICE_INVALID_ARGUMENT,
                 uservoice_sso_token(SUBDOMAIN, KEY, "[]", 0, &text, &error));
    CHECK_STATUS(USERVOICE_INVALID_ARGUMENT,
                 uservoice_sso_token(SUBDOMAIN, KEY, "{", 0, &text, &error));
    CHECK_STATUS(USERVOICE_INVALID_ARGUMENT,
                 uservoice_sso_token(SUBDOMAIN, KEY, "{}", -1, &text, &error));
    const char *const invalid[] = {
        "",
        "?",
        "/o+t8LiXZrXNmoNDESlVk",    /* invalid base64 */
        "/o+t8LiXZrXNmoNDESk=",     /* not a multiple of the block size */
        "8jLZQpHXD1y+HrddgtriMA==", /* "not json" */
    };
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                     uservoice_sso_decrypt(SUBDOMAIN, KEY, invalid[i], &text, &error));
    CHECK_STATUS(
        USERVOICE_NOT_VERIFIED,
        uservoice_sso_decrypt(SUBDOMAIN, "another", "/o+t8LiXZrXNmoNDESlVkw==", &text, &error));
    CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                 uservoice_sso_decrypt("another", KEY, "/o+t8LiXZrXNmoNDESlVkw==", &text, &error));
}

/* Opens the page with a token of that key and returns the response. */
static char *get_page_with_token(const char *key, const char *user)
{
    uservoice_client *client = sandbox_client("");
    char *token, *page, path[2048];
    CHECK_OK(uservoice_sso_token("sandbox", key, user, 0, &token, &error));
    snprintf(path, sizeof path, "/?sso=%s", token);
    CHECK_OK(uservoice_request(client, NULL, "GET", path, NULL, NULL, &page, &error));
    uservoice_string_free(token);
    uservoice_client_free(client);
    return page;
}

static void site_accepts_token(void)
{
    char *page = get_page_with_token(
        sandbox_env("USERVOICE_SANDBOX_SSO_KEY"),
        "{\"guid\":\"1001\",\"email\":\"jo@example.com\",\"display_name\":\"Jo\"}");
    CHECK_CONTAINS(page, "\"status\":200");
    CHECK_CONTAINS(page, "jo@example.com");
    uservoice_string_free(page);
    page = get_page_with_token("another key", "{\"guid\":\"1001\",\"email\":\"jo@example.com\"}");
    CHECK_CONTAINS(page, "\"status\":401");
    uservoice_string_free(page);
    page = get_page_with_token(sandbox_env("USERVOICE_SANDBOX_SSO_KEY"),
                               "{\"guid\":\"1001\",\"expires\":\"2020-01-01 00:00:00\"}");
    CHECK_CONTAINS(page, "\"status\":401");
    uservoice_string_free(page);
}

static void check_jwt(uservoice_status expected, const char *key, const char *jwt)
{
    uservoice_error *error = NULL;
    char *claims;
    const uservoice_status status = uservoice_sso_jwt_verify(key, jwt, 0, &claims, &error);
    if (status != expected)
        fprintf(stderr, "%s: %s\n", jwt, uservoice_status_name(status));
    CHECK(status == expected && (claims != NULL) == (expected == USERVOICE_OK));
    CHECK(uservoice_error_argument(error) == NULL);
    uservoice_string_free(claims);
    uservoice_error_free(error);
}

static void invalid_jwt_is_not_verified(void)
{
    char *jwt;
    CHECK_OK(uservoice_sso_jwt("key", "{\"guid\":1,\"email\":\"e\"}", 0, &jwt, &error));
    check_jwt(USERVOICE_OK, "key", jwt);
    check_jwt(USERVOICE_NOT_VERIFIED, "another", jwt);
    jwt[strlen(jwt) - 2] ^= 1;
    check_jwt(USERVOICE_NOT_VERIFIED, "key", jwt);
    uservoice_string_free(jwt);

    CHECK_OK(uservoice_sso_jwt("key", "{\"guid\":1,\"email\":\"e\",\"exp\":1}", 0, &jwt, &error));
    check_jwt(USERVOICE_NOT_VERIFIED, "key", jwt); /* expired */
    uservoice_string_free(jwt);

    const char *const malformed[] = {"", ".", "..", "a.b.c", "not a token", "e30.e30.", "e30.e30"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        check_jwt(USERVOICE_NOT_VERIFIED, "key", malformed[i]);
}

int main(void)
{
    token_matches_test_vectors();
    pads_every_length();
    adds_only_missing_expires();
    invalid_token_is_not_verified();
    site_accepts_token();
    invalid_jwt_is_not_verified();
    puts("test_sso: passed");
    return 0;
}
