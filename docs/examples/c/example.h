/* Shared by the examples of the documentation. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <uservoice.h>

/* Prints the error, frees it, and returns false. */
bool failed(uservoice_error *error);

/* Prints the value at a JSON pointer, such as "/user/email". */
bool print_value(const char *json, const char *pointer);

/* Reads a line of standard input, without its line end. */
char *read_line(char *line, int size);

bool library(void);
bool clients(const char *options);
bool requests(uservoice_client *client, const uservoice_token *owner);
bool collections(uservoice_client *client);
bool single_sign_on(uservoice_client *client);
bool webhooks(void);
bool json(void);
bool tokens(uservoice_client *client);
bool logins(uservoice_client *client);
bool admin(uservoice_client *client);
bool errors(uservoice_client *client);
bool recipes(uservoice_client *client, const char *options);
bool retries(uservoice_client *client);
bool logging(uservoice_client *client);
bool exports(uservoice_client *client);
bool threads(uservoice_client *client);

#endif
