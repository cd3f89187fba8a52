/* Creates the same tokens as sso_uservoice.c with OpenSSL's libcrypto. Fetches the algorithms once and reuses
   contexts. Does not check that its input is a JSON object. */
#include <openssl/evp.h>
#include <stdbool.h>

#include "contestant.h"
#include "sso.h"

static EVP_MD *sha1;
static EVP_MD_CTX *hashing;
static EVP_CIPHER *aes;
static EVP_CIPHER_CTX *encrypting;

static void check(bool success)
{
    if (!success)
        fail("libcrypto failed");
}

/* Percent-encodes the characters of base64 that are reserved in URLs. */
static char *percent_encode(const unsigned char *base64, size_t length)
{
    char *token = malloc(3 * length + 1);
    char *to = token;
    check(token != NULL);
    for (size_t i = 0; i < length; i++) {
        const char *code = base64[i] == '+' ? "%2B" : base64[i] == '/' ? "%2F" : "%3D";
        if (strchr("+/=", base64[i]) == NULL) {
            *to++ = (char)base64[i];
        } else {
            memcpy(to, code, 3);
            to += 3;
        }
    }
    *to = '\0';
    return token;
}

static char *sso_token(const char *subdomain, const char *sso_key, const char *user, int valid_for)
{
    unsigned char key[EVP_MAX_MD_SIZE];
    check(EVP_DigestInit_ex2(hashing, sha1, NULL) &&
          EVP_DigestUpdate(hashing, sso_key, strlen(sso_key)) &&
          EVP_DigestUpdate(hashing, subdomain, strlen(subdomain)) &&
          EVP_DigestFinal_ex(hashing, key, NULL));

    size_t length = strlen(user) - 1; /* without the closing brace */
    char *text = malloc(length + 64);
    check(text != NULL);
    memcpy(text, user, length);
    struct tm gmt;
    time_t expires = time(NULL) + valid_for;
    gmtime_r(&expires, &gmt);
    length += strftime(text + length, 64, ",\"expires\":\"%Y-%m-%d %H:%M:%S\"}", &gmt);

    static const unsigned char iv[16];
    unsigned char *encrypted = malloc(length + 16);
    int written, last;
    check(encrypted != NULL && EVP_EncryptInit_ex2(encrypting, aes, key, iv, NULL) &&
          EVP_EncryptUpdate(encrypting, encrypted, &written, (unsigned char *)text, (int)length) &&
          EVP_EncryptFinal_ex(encrypting, encrypted + written, &last));

    unsigned char *base64 = malloc((size_t)(written + last + 2) / 3 * 4 + 1);
    check(base64 != NULL);
    int encoded = EVP_EncodeBlock(base64, encrypted, written + last);
    char *token = percent_encode(base64, (size_t)encoded);
    free(base64);
    free(encrypted);
    free(text);
    return token;
}

static void work(void *data, long repetitions)
{
    (void)data;
    while (repetitions-- > 0)
        free(sso_token(SSO_SUBDOMAIN, SSO_KEY, SSO_USER, 300));
}

int main(void)
{
    sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    hashing = EVP_MD_CTX_new();
    aes = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    encrypting = EVP_CIPHER_CTX_new();
    check(sha1 != NULL && hashing != NULL && aes != NULL && encrypting != NULL);
    char *token = sso_token(SSO_SUBDOMAIN, SSO_KEY, SSO_USER, 300);
    puts(token);
    fflush(stdout);
    free(token);
    return contest(work, NULL);
}
