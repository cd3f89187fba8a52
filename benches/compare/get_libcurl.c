/* Sends the same requests as get_uservoice.c with libcurl: one easy handle with a persistent connection and
   fixed headers.
   Usage: get_libcurl BASE-URL PATH BYTES [CA-FILE] */
#include <curl/curl.h>

#include "contestant.h"

static CURL *curl;
static size_t expected_length;

struct response {
    char *body;
    size_t length, capacity;
};

static size_t append(char *data, size_t size, size_t count, void *user_data)
{
    struct response *response = user_data;
    size_t added = size * count;
    if (response->length + added >= response->capacity) {
        response->capacity = 2 * (response->length + added) + 1;
        response->body = realloc(response->body, response->capacity);
        if (response->body == NULL)
            return 0;
    }
    memcpy(response->body + response->length, data, added);
    response->length += added;
    response->body[response->length] = '\0';
    return added;
}

static void work(void *data, long repetitions)
{
    (void)data;
    while (repetitions-- > 0) {
        struct response response = {NULL, 0, 0};
        long status;
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &response);
        CURLcode code = curl_easy_perform(curl);
        if (code != CURLE_OK)
            fail(curl_easy_strerror(code));
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 || strlen(response.body) != expected_length)
            fail("unexpected response");
        free(response.body);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4)
        fail("get_libcurl BASE-URL PATH BYTES [CA-FILE]");
    char url[512];
    snprintf(url, sizeof url, "%s%s", argv[1], argv[2]);
    expected_length = strtoul(argv[3], NULL, 10);
    const char *lines[] = {
        "Accept: application/json",
        "Content-Type: application/json",
        "API-Client: uservoice-c-0.1.0",
        "Authorization: OAuth oauth_consumer_key=\"oQt2BaunWNuainc8BvZpAm\", "
        "oauth_nonce=\"0123456789abcdef0123456789abcdef\", oauth_signature_method=\"HMAC-SHA1\", "
        "oauth_timestamp=\"1350000000\", oauth_version=\"1.0\", "
        "oauth_token=\"FjBKPJZHtRIqeAPHVIaw\", "
        "oauth_signature=\"86LiAEjEF5bi7nN5it2cCVSZVHE%3D\"",
    };
    struct curl_slist *headers = NULL;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        headers = curl_slist_append(headers, lines[i]);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    if (argc > 4)
        curl_easy_setopt(curl, CURLOPT_CAINFO, argv[4]);
    contest(work, NULL);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return 0;
}
