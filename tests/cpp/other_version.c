/* Replaces uservoice_version() (LD_PRELOAD). */
#include <stdlib.h>

const char *uservoice_version(void);

const char *uservoice_version(void)
{
    const char *version = getenv("USERVOICE_TEST_VERSION");
    return version != NULL ? version : "";
}
