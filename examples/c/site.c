#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns an environment variable, or a default if it is not set or empty. */
static const char *variable(const char *name, const char *default_value)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : default_value;
}

struct site site_from_environment(void)
{
    struct site site;
    site.subdomain = variable("USERVOICE_SUBDOMAIN", NULL);
    site.sandbox = site.subdomain == NULL;
    site.api_key = variable("USERVOICE_API_KEY", site.sandbox ? "sandbox-trusted-key" : NULL);
    site.api_secret = variable("USERVOICE_API_SECRET", site.sandbox ? "sandbox-trusted-secret" : NULL);
    site.sso_key = variable("USERVOICE_SSO_KEY", site.sandbox ? "sandbox-sso-key" : NULL);
    site.base_url = variable("USERVOICE_BASE_URL", NULL);
    site.ca_file = variable("USERVOICE_CA_FILE", NULL);
    if (site.sandbox)
        site.subdomain = "sandbox";
    return site;
}

bool site_is_configured(const struct site *site)
{
    if (!site->sandbox || site->base_url != NULL)
        return true;
    fputs(
        "No site is configured. Start the sandbox and set USERVOICE_BASE_URL to the URL that\n"
        "it prints:\n"
        "    cargo run -p uservoice-sandbox\n"
        "    export USERVOICE_BASE_URL=http://127.0.0.1:...\n"
        "or set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET for a real site.\n",
        stderr);
    return false;
}

/* Returns a clone with one more option and frees `client`; NULL on failure. Returns `client` itself
 * if `value` is NULL. */
static uservoice_client *with_option(uservoice_client *client, const char *key, const char *value)
{
    if (client == NULL || value == NULL)
        return client;
    uservoice_client *clone = NULL;
    uservoice_error *error = NULL;
    char *quoted = NULL;
    char *options = NULL;
    if (uservoice_json_quote(value, &quoted, &error) != USERVOICE_OK) {
        print_error(key, error);
    } else if ((options = malloc(strlen(key) + strlen(quoted) + sizeof "{\"\":}")) == NULL) {
        perror(key);
    } else {
        sprintf(options, "{\"%s\":%s}", key, quoted);
        if (uservoice_client_clone(client, options, &clone, &error) != USERVOICE_OK)
            print_error("Cannot create the client", error);
    }
    free(options);
    uservoice_string_free(quoted);
    uservoice_client_free(client);
    return clone;
}

uservoice_client *site_client(const struct site *site)
{
    if (!site_is_configured(site))
        return NULL;
    if (site->api_key == NULL || site->api_secret == NULL) {
        fputs("USERVOICE_API_KEY and USERVOICE_API_SECRET must be set too.\n", stderr);
        return NULL;
    }
    uservoice_client *client = NULL;
    uservoice_error *error = NULL;
    if (uservoice_client_new(site->subdomain, site->api_key, site->api_secret, NULL, &client,
                             &error)
        != USERVOICE_OK)
        print_error("Cannot create the client", error);
    client = with_option(client, "base_url", site->base_url);
    return with_option(client, "ca_file", site->ca_file);
}

bool print_error(const char *action, uservoice_error *error)
{
    fprintf(stderr, "%s: %s (%s)\n", action, uservoice_error_message(error),
            uservoice_status_name(uservoice_error_status(error)));
    uservoice_error_free(error);
    return false;
}
