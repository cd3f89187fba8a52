/* Creates single sign-on tokens with the library. With an argument, decrypts that token instead. */
#include "sso.h"
#include "uservoice_contestant.h"

static char *sso_token(void)
{
    char *token;
    uservoice_error *error;
    must(uservoice_sso_token(SSO_SUBDOMAIN, SSO_KEY, SSO_USER, 300, &token, &error), error);
    return token;
}

static void work(void *data, long repetitions)
{
    (void)data;
    while (repetitions-- > 0)
        uservoice_string_free(sso_token());
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        char *user;
        uservoice_error *error;
        must(uservoice_sso_decrypt(SSO_SUBDOMAIN, SSO_KEY, argv[1], &user, &error), error);
        puts(user);
        uservoice_string_free(user);
        return 0;
    }
    char *token = sso_token();
    puts(token);
    fflush(stdout);
    uservoice_string_free(token);
    return contest(work, NULL);
}
