/* Prints how many microseconds it takes to load a shared library. Usage: load FILE */
#include <dlfcn.h>

#include "contestant.h"

int main(int argc, char **argv)
{
    double begun = seconds();
    if (argc < 2 || dlopen(argv[1], RTLD_NOW) == NULL)
        fail(dlerror());
    printf("%.0f\n", (seconds() - begun) * 1e6);
    return 0;
}
