#include "site.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

const char *setting(const char *name, const char *sandbox_value)
{
    const char *value = variable(name);
    return value == NULL && variable("USERVOICE_SUBDOMAIN") == NULL ? sandbox_value : value;
}

uservoice_client *site_client(void)
{
    uservoice_client *client = NULL;
    uservoice_error *error = NULL;
    const char *base_url = setting("USERVOICE_BASE_URL", NULL);
    const char *ca_file = setting("USERVOICE_CA_FILE", NULL);
    if (base_url == NULL && variable("USERVOICE_SUBDOMAIN") == NULL) {
        fputs("Set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET,\n"
              "or USERVOICE_BASE_URL alone to the URL that the sandbox prints.\n",
              stderr);
        return NULL;
    }
    if (uservoice_client_new(setting("USERVOICE_SUBDOMAIN", "sandbox"),
                             setting("USERVOICE_API_KEY", "sandbox-trusted-key"),
                             setting("USERVOICE_API_SECRET", "sandbox-trusted-secret"), NULL,
                             &client, &error)
            == USERVOICE_OK
        && (base_url == NULL || set_option(&client, "base_url", base_url, &error) == USERVOICE_OK)
        && (ca_file == NULL || set_option(&client, "ca_file", ca_file, &error) == USERVOICE_OK))
        return client;
    uservoice_client_free(client);
    fail(error);
    return NULL;
}

uservoice_status set_option(uservoice_client **client, const char *name, const char *value,
                            uservoice_error **error)
{
    char *quoted = NULL;
    char options[4096]; /* a longer value is cut off, which makes the JSON invalid */
    uservoice_client *clone = NULL;
    uservoice_status status = uservoice_json_quote(value, &quoted, error);
    if (status != USERVOICE_OK)
        return status;
    snprintf(options, sizeof options, "{\"%s\":%s}", name, quoted);
    uservoice_string_free(quoted);
    status = uservoice_client_clone(*client, options, &clone, error);
    if (status != USERVOICE_OK)
        return status;
    uservoice_client_free(*client);
    *client = clone;
    return USERVOICE_OK;
}

long number(const char *argument, long max)
{
    char *end = NULL;
    errno = 0;
    const long value = strtol(argument, &end, 10);
    if (end != argument && *end == '\0' && errno == 0 && value >= 1 && value <= max)
        return value;
    fprintf(stderr, "%s: must be a number from 1 to %ld\n", argument, max);
    return 0;
}

int finish(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    perror("standard output");
    return 1;
}

int fail(uservoice_error *error)
{
    fflush(stdout);
    fprintf(stderr, "%s (%s)\n", uservoice_error_message(error),
            uservoice_status_name(uservoice_error_status(error)));
    uservoice_error_free(error);
    return 1;
}
