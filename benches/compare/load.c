/* Prints the microseconds that dlopen() of a shared library takes. Usage: load FILE */
#include <dlfcn.h>

#include "contestant.h"

int main(int argc, char **argv)
{
    double start = seconds();
    if (argc < 2 || dlopen(argv[1], RTLD_NOW) == NULL)
        fail(dlerror());
    printf("%.0f\n", (seconds() - start) * 1e6);
    return 0;
}
