/*
 * Single sign-on: prints a link that logs a user in at UserVoice.
 *
 *     sso [--token] [USER-JSON]      prints the link, or with --token the token
 *     sso --decrypt [TOKEN]          prints the user of a token
 *
 * USER-JSON or TOKEN is read from standard input by default. Needs the SSO key only; sends
 * nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "site.h"

/* Reads standard input, without the last line end. Free the result with free(). */
static char *read_input(void)
{
    size_t size = 0, capacity = 4096;
    char *text = malloc(capacity);
    while (text != NULL) {
        size += fread(text + size, 1, capacity - size - 1, stdin);
        if (size < capacity - 1)
            break;
        char *larger = realloc(text, capacity *= 2);
        if (larger == NULL)
            free(text);
        text = larger;
    }
    if (text == NULL || ferror(stdin)) {
        perror("standard input");
        free(text);
        return NULL;
    }
    while (size > 0 && strchr("\r\n", text[size - 1]) != NULL)
        size--;
    text[size] = '\0';
    return text;
}

static bool decrypt(const struct site *site, const char *token)
{
    char *user = NULL;
    uservoice_error *error = NULL;
    if (uservoice_sso_decrypt(site->subdomain, site->sso_key, token, &user, &error) != USERVOICE_OK)
        return print_error("Cannot decrypt the token", error);
    puts(user);
    uservoice_string_free(user);
    return true;
}

static bool encrypt(const struct site *site, const char *user, bool token_only)
{
    if (!token_only && !site_is_configured(site))
        return false;
    char *token = NULL;
    uservoice_error *error = NULL;
    /* 0: the token is valid for five minutes, unless the user has "expires". */
    if (uservoice_sso_token(site->subdomain, site->sso_key, user, 0, &token, &error) != USERVOICE_OK)
        return print_error("Cannot create the token", error);
    if (token_only)
        puts(token);
    else if (site->base_url != NULL)
        printf("%s/?sso=%s\n", site->base_url, token);
    else
        printf("https://%s.uservoice.com/?sso=%s\n", site->subdomain, token);
    uservoice_string_free(token);
    return true;
}

int main(int argc, char **argv)
{
    const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[1] : "";
    const int first = *option != '\0' ? 2 : 1;
    const bool decrypts = strcmp(option, "--decrypt") == 0;
    const bool token_only = strcmp(option, "--token") == 0;
    if ((*option != '\0' && !decrypts && !token_only) || argc > first + 1) {
        fputs("usage: sso [--token] [USER-JSON]\n       sso --decrypt [TOKEN]\n", stderr);
        return 2;
    }
    const struct site site = site_from_environment();
    if (site.sso_key == NULL) {
        fputs("USERVOICE_SSO_KEY must be set too.\n", stderr);
        return 2;
    }
    char *input = argc > first ? NULL : read_input();
    const char *text = argc > first ? argv[first] : input;
    bool done = text != NULL
                && (decrypts ? decrypt(&site, text) : encrypt(&site, text, token_only));
    free(input);
    if (fflush(stdout) != 0) {
        perror("standard output");
        done = false;
    }
    return done ? 0 : 1;
}
