// Sends the same requests as get_uservoice.cpp with libcurl, signed with liboauth, over a persistent connection.
// Usage: get_liboauth BASE-URL PATH BYTES
#include <curl/curl.h>
#include <memory>
#include <string>

#include "../contestant.h"

#include <oauth.h> // does not include stddef.h for size_t

namespace {

struct Work {
    CURL *curl;
    std::string url;
    std::size_t length;
};

std::size_t append(char *data, std::size_t size, std::size_t count, void *body)
{
    static_cast<std::string *>(body)->append(data, size * count);
    return size * count;
}

std::string get(CURL *curl, const std::string &url)
{
    const std::unique_ptr<char, decltype(&std::free)> signed_url(
        oauth_sign_url2(url.c_str(), nullptr, OA_HMAC, "GET", "oQt2BaunWNuainc8BvZpAm",
                        "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2", "FjBKPJZHtRIqeAPHVIaw",
                        "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA"),
        &std::free);
    std::string body;
    curl_easy_setopt(curl, CURLOPT_URL, signed_url.get());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    const CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        fail(curl_easy_strerror(code));
    return body;
}

void work(void *data, long repetitions)
{
    const auto &work = *static_cast<Work *>(data);
    while (repetitions-- > 0)
        if (get(work.curl, work.url).size() != work.length)
            fail("unexpected response");
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 4)
        fail("get_liboauth BASE-URL PATH BYTES");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    curl_slist *headers = curl_slist_append(nullptr, "Accept: application/json");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    Work signed_requests{curl, std::string(argv[1]) + argv[2], std::stoul(argv[3])};
    contest(work, &signed_requests);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return 0;
}
