/* Signs a GET with three parameters with liboauth, which generates nonce and timestamp. */
#include "contestant.h"

#include <oauth.h> /* does not include stddef.h for size_t */

static void work(void *url_to_sign, long repetitions)
{
    while (repetitions-- > 0) {
        char *query = NULL;
        char *url = oauth_sign_url2(url_to_sign, &query, OA_HMAC, "GET", "oQt2BaunWNuainc8BvZpAm",
                                    "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2",
                                    "FjBKPJZHtRIqeAPHVIaw",
                                    "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA");
        if (url == NULL || query == NULL || strstr(query, "oauth_signature=") == NULL)
            fail("not signed");
        free(query);
        free(url);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2)
        fail("sign_liboauth URL");
    return contest(work, argv[1]);
}
