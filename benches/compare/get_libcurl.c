/* The same calls by libcurl: one easy handle, whose connection is kept, and headers made once.
   Usage: get_libcurl BASE-URL PATH BYTES [CA-FILE] */
#include <curl/curl.h>

#include "contestant.h"

static CURL *curl;
static size_t wanted;

struct answer {
    char *text;
    size_t length, room;
};

static size_t take(char *data, size_t size, size_t count, void *to)
{
    struct answer *answer = to;
    size_t more = size * count;
    if (answer->length + more >= answer->room) {
        answer->room = 2 * (answer->length + more) + 1;
        answer->text = realloc(answer->text, answer->room);
        if (answer->text == NULL)
            return 0;
    }
    memcpy(answer->text + answer->length, data, more);
    answer->length += more;
    answer->text[answer->length] = '\0';
    return more;
}

static void work(void *what, long times)
{
    (void)what;
    while (times-- > 0) {
        struct answer answer = {NULL, 0, 0};
        long status;
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
        CURLcode code = curl_easy_perform(curl);
        if (code != CURLE_OK)
            fail(curl_easy_strerror(code));
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 || strlen(answer.text) != wanted)
            fail("another answer");
        free(answer.text);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4)
        fail("get_libcurl BASE-URL PATH BYTES [CA-FILE]");
    char url[512];
    snprintf(url, sizeof url, "%s%s", argv[1], argv[2]);
    wanted = strtoul(argv[3], NULL, 10);
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
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    if (argc > 4)
        curl_easy_setopt(curl, CURLOPT_CAINFO, argv[4]);
    contest(work, NULL);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return 0;
}
