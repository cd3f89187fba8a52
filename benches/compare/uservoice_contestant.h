/* Helpers of the contestants that use the library. */
#ifndef USERVOICE_CONTESTANT_H
#define USERVOICE_CONTESTANT_H

#include <uservoice.h>

#include "contestant.h"

static inline void must(uservoice_status status, uservoice_error *error)
{
    if (status != USERVOICE_OK)
        fail(uservoice_error_message(error));
}

/* Creates a client for `base_url`. `more_options` continues the options, such as ",\"prefetch_pages\":0". */
static inline uservoice_client *new_client(const char *base_url, const char *more_options)
{
    char options[512];
    uservoice_client *client;
    uservoice_error *error;
    snprintf(options, sizeof options, "{\"base_url\":\"%s\"%s}", base_url, more_options);
    must(uservoice_client_new("acme", "oQt2BaunWNuainc8BvZpAm",
                              "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2", options, &client, &error),
         error);
    return client;
}

static inline uservoice_token *user_token(void)
{
    uservoice_token *token;
    uservoice_error *error;
    must(uservoice_token_new("FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA",
                             &token, &error),
         error);
    return token;
}

#endif
