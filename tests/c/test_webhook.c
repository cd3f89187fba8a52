/* Webhooks: signing, verifying and reading. Signatures were computed with Python's hmac module. */
#include "check.h"

static const char KEY[] = "sandbox-sso-key";
static const char DATA[] = "{\"suggestion\":{\"id\":1}}";
static const char SIGNATURE[] = "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0";

static char *sign(const char *key, const char *data, size_t data_len)
{
    char *signature;
    CHECK_OK(uservoice_webhook_sign(key, data, data_len, &signature, &error));
    return signature;
}

static void sign_matches_test_vectors(void)
{
    const struct {
        const char *key, *data;
        size_t data_len;
        const char *signature;
    } vectors[] = {
        {KEY, DATA, sizeof DATA - 1, SIGNATURE},
        /* RFC 4231, test case 2. */
        {"Jefe", "what do ya want for nothing?", 28,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"key", "", 0, "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0"},
        {"key", "a\0\xff\xfe", 4,
         "e4fbea63fcac7eaf85ce57855886ff1c1b2a1f3171bab8be160a53c7e7d8b3fc"},
        {"schl\xc3\xbcssel", "Gr\xc3\xb6\xc3\x9f"
                             "e",
         7, "91a8908c9c1b897f16966686df559f618ee977a824c96fe3e0ba700ec5d7e1f6"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char *signature = sign(vectors[i].key, vectors[i].data, vectors[i].data_len);
        CHECK(strcmp(signature, vectors[i].signature) == 0);
        uservoice_string_free(signature);
    }
}

static void verify_accepts_own_signature(void)
{
    char data[300];
    for (size_t length = 0; length < sizeof data; length++) {
        data[length] = (char)length;
        char *signature = sign("a key", data, length);
        CHECK(strlen(signature) == 64 && strspn(signature, "0123456789abcdef") == 64);
        CHECK_OK(uservoice_webhook_verify("a key", data, length, signature, &error));
        CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                     uservoice_webhook_verify("a key", data, length + 1, signature, &error));
        CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                     uservoice_webhook_verify("b key", data, length, signature, &error));
        signature[length % 64] ^= 1; /* one wrong bit */
        CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                     uservoice_webhook_verify("a key", data, length, signature, &error));
        uservoice_string_free(signature);
    }
}

static void verify_accepts_hexadecimal_and_base64(void)
{
    const char *const valid[] = {
        SIGNATURE, "A1B2AE2B61E6400BF86DFCB54635B54EC4390BE048A531707F21F9E2F69483B0",
        "obKuK2HmQAv4bfy1RjW1TsQ5C+BIpTFwfyH54vaUg7A=",
        "obKuK2HmQAv4bfy1RjW1TsQ5C-BIpTFwfyH54vaUg7A="};
    const char *const invalid[] = {"", "x", "00", "not a signature", DATA};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
        CHECK_OK(uservoice_webhook_verify(KEY, DATA, strlen(DATA), valid[i], &error));
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                     uservoice_webhook_verify(KEY, DATA, strlen(DATA), invalid[i], &error));
}

static void read_returns_event_and_data(void)
{
    char body[256], *json, *value;
    snprintf(body, sizeof body,
             "event=new_suggestion&data=%%7B%%22suggestion%%22%%3A%%7B%%22id%%22%%3A1%%7D%%7D&signature=%s",
             SIGNATURE);
    CHECK_OK(uservoice_webhook_read(KEY, body, strlen(body), &json, &error));
    CHECK(strcmp(json, "{\"event\":\"new_suggestion\",\"data\":{\"suggestion\":{\"id\":1}}}") == 0);
    CHECK_OK(uservoice_json_get(json, "/event", &value, &error));
    CHECK(strcmp(value, "new_suggestion") == 0);
    uservoice_string_free(value);
    CHECK_OK(uservoice_json_get(json, "/data", &value, &error));
    CHECK(strcmp(value, DATA) == 0);
    uservoice_string_free(value);
    uservoice_string_free(json);

    /* Every truncated body is rejected. */
    for (size_t length = 0; length < strlen(body); length++)
        CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                     uservoice_webhook_read(KEY, body, length, &json, &error));
    CHECK_STATUS(USERVOICE_NOT_VERIFIED,
                 uservoice_webhook_read("another", body, strlen(body), &json, &error));
}

static void not_verified_error_has_no_argument(void)
{
    uservoice_error *error;
    char *json;
    CHECK_FAILS(USERVOICE_NOT_VERIFIED, uservoice_webhook_read(KEY, "a=b", 3, &json, &error));
    CHECK(json == NULL && uservoice_error_argument(error) == NULL);
    CHECK(uservoice_error_request(error) == NULL && uservoice_error_http_status(error) == 0);
    CHECK(uservoice_error_outcome(error) == USERVOICE_OUTCOME_NOT_SENT);
    CHECK(strcmp(uservoice_status_name(USERVOICE_NOT_VERIFIED), "NOT_VERIFIED") == 0);
    uservoice_error_free(error);
    /* An empty key is a mistake of the caller. */
    CHECK_FAILS(USERVOICE_INVALID_ARGUMENT,
                uservoice_webhook_verify("", DATA, strlen(DATA), SIGNATURE, &error));
    CHECK(strcmp(uservoice_error_argument(error), "sso_key") == 0);
    uservoice_error_free(error);
}

int main(void)
{
    sign_matches_test_vectors();
    verify_accepts_own_signature();
    verify_accepts_hexadecimal_and_base64();
    read_returns_event_and_data();
    not_verified_error_has_no_argument();
    puts("test_webhook: passed");
    return 0;
}
