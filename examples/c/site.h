/* The site that the examples connect to, configured by environment variables: see README.md. */
#ifndef EXAMPLES_SITE_H
#define EXAMPLES_SITE_H

#include <stdbool.h>
#include <uservoice.h>

struct site {
    bool sandbox; /* USERVOICE_SUBDOMAIN is not set */
    const char *subdomain;
    const char *api_key;
    const char *api_secret;
    const char *sso_key;  /* NULL: not set */
    const char *base_url; /* NULL: https://SUBDOMAIN.uservoice.com */
    const char *ca_file;  /* NULL: the system's certificate authorities */
};

/* Reads the environment. Without USERVOICE_SUBDOMAIN, returns the keys of the sandbox. */
struct site site_from_environment(void);

/* Returns whether the URL of the site is known; if not, prints how to set it. */
bool site_is_configured(const struct site *site);

/* Creates a client of the site. On failure, prints the reason and returns NULL. */
uservoice_client *site_client(const struct site *site);

/* Prints an error, frees it, and returns false. */
bool print_error(const char *action, uservoice_error *error);

#endif
