/* Stands before libuservoice (LD_PRELOAD) and tells another version. */
#include <stdlib.h>

const char *uservoice_version(void);

const char *uservoice_version(void)
{
    const char *version = getenv("USERVOICE_TEST_VERSION");
    return version != NULL ? version : "";
}
