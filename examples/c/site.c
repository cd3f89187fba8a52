#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A variable that is set to nothing counts as not set. */
static const char *variable(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
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

/* Appends `"key":"value"` to the inside of a JSON object, where there is a value. */
static char *append(char *at, const char *key, const char *value)
{
    if (value == NULL)
        return at;
    at += sprintf(at, "%s\"%s\":\"", at[-1] == '{' ? "" : ",", key);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\') /* a path on Windows has backslashes */
            *at++ = '\\';
        *at++ = *value;
    }
    *at++ = '"';
    return at;
}

/* The options of uservoice_client_new() as JSON, to be freed by free(). */
static char *options(const struct site *site)
{
    size_t room = 64;
    room += 2 * strlen(site->base_url != NULL ? site->base_url : "");
    room += 2 * strlen(site->ca_file != NULL ? site->ca_file : "");
    char *json = malloc(room);
    if (json == NULL)
        return NULL;
    char *at = json;
    *at++ = '{';
    at = append(at, "base_url", site->base_url);
    at = append(at, "ca_file", site->ca_file);
    strcpy(at, "}");
    return json;
}

bool site_given(const struct site *site)
{
    if (!site->sandbox || site->base_url != NULL)
        return true;
    fputs("No site to talk to. Either start a sandbox and set USERVOICE_BASE_URL to the URL\n"
          "that it prints:\n"
          "    cargo run -p uservoice-sandbox\n"
          "    export USERVOICE_BASE_URL=http://127.0.0.1:...\n"
          "or name a site of yours: USERVOICE_SUBDOMAIN, USERVOICE_API_KEY, "
          "USERVOICE_API_SECRET.\n", stderr);
    return false;
}

uservoice_client *site_client(const struct site *site)
{
    if (!site_given(site))
        return NULL;
    if (site->api_key == NULL || site->api_secret == NULL) {
        fputs("USERVOICE_SUBDOMAIN is set: USERVOICE_API_KEY and USERVOICE_API_SECRET are needed "
              "too.\n", stderr);
        return NULL;
    }
    char *json = options(site);
    if (json == NULL) {
        perror("options");
        return NULL;
    }
    uservoice_client *client = NULL;
    uservoice_error *error = NULL;
    if (uservoice_client_new(site->subdomain, site->api_key, site->api_secret, json, &client,
                             &error) != USERVOICE_OK)
        site_failed("The client cannot be made", error);
    free(json);
    return client;
}

bool site_failed(const char *what, uservoice_error *error)
{
    fprintf(stderr, "%s: %s (%s)\n", what, uservoice_error_message(error),
            uservoice_status_name(uservoice_error_status(error)));
    uservoice_error_free(error);
    return false;
}
