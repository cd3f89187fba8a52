/* Which UserVoice the examples talk to: what the environment says, see README.md. */
#ifndef EXAMPLES_SITE_H
#define EXAMPLES_SITE_H

#include <stdbool.h>
#include <uservoice.h>

struct site {
    bool sandbox; /* no USERVOICE_SUBDOMAIN was given */
    const char *subdomain;
    const char *api_key;
    const char *api_secret;
    const char *sso_key;  /* NULL: not given */
    const char *base_url; /* NULL: https://SUBDOMAIN.uservoice.com */
    const char *ca_file;  /* NULL: the system's authorities */
};

struct site site_from_environment(void);

/* Whether there is a site to talk to; says on standard error how to name one. */
bool site_given(const struct site *site);

/* A client of the site, or NULL after saying on standard error what is missing. */
uservoice_client *site_client(const struct site *site);

/* Says on standard error what went wrong, frees the error, and returns false. */
bool site_failed(const char *what, uservoice_error *error);

#endif
