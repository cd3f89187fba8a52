#include <stdio.h>
#include <string.h>
#include <uservoice.h>

int main(void)
{
    char *token = NULL;
    if (strcmp(uservoice_version(), USERVOICE_VERSION) != 0
        || uservoice_sso_token("acme", "key", "{}", 0, &token, NULL) != USERVOICE_OK)
        return 1;
    uservoice_string_free(token);
    puts("linked with libuservoice " USERVOICE_VERSION);
    return 0;
}
