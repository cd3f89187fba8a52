/* What the examples of the documentation share. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <uservoice.h>

/* Says what went wrong, frees the error, and returns false. */
bool failed(uservoice_error *error);

/* One line that somebody types, without its end. */
char *typed(char *line, int size);

bool library(void);
bool clients(const char *options);
bool calls(uservoice_client *client, const uservoice_token *owner);
bool lists(uservoice_client *client);
bool single_sign_on(uservoice_client *client);
bool web_hooks(void);
bool tokens(uservoice_client *client);
bool logins(uservoice_client *client);
bool admin(uservoice_client *client);
bool errors(uservoice_client *client);
bool waiting(uservoice_client *client);
bool logs(uservoice_client *client);
bool exports(uservoice_client *client);
bool threads(uservoice_client *client);

#endif
