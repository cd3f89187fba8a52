/* What the examples share: a client for the site that the environment names. See README.md. */
#ifndef EXAMPLES_SITE_H
#define EXAMPLES_SITE_H

#include <uservoice.h>

/* Returns an environment variable; if it is not set, NULL, or without USERVOICE_SUBDOMAIN the
 * value that every sandbox has. */
const char *setting(const char *name, const char *sandbox_value);

/* Creates the client. On failure, prints the reason and returns NULL. */
uservoice_client *site_client(void);

/* Replaces a client by a clone with one more option, a string. */
uservoice_status set_option(uservoice_client **client, const char *name, const char *value,
                            uservoice_error **error);

/* Returns an argument as a number from 1 to `max`. If it is not one, prints that and returns 0. */
long number(const char *argument, long max);

/* Returns the exit status of a program that has printed its results: 1, after printing the reason,
 * if they cannot be written, as on a full disk. */
int finish(void);

/* Prints an error, frees it, and returns 1, the exit status. */
int fail(uservoice_error *error);

#endif
