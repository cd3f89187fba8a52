/* A contestant does its work as many times as a line on standard input says, and answers with
   a line: seconds, CPU seconds, and the process's peak memory in KiB. */
#ifndef CONTESTANT_H
#define CONTESTANT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* ru_maxrss would count what the parent had before exec. */
static long peak_kib(void)
{
    char line[256];
    long peak = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        fail("no /proc/self/status");
    while (fgets(line, sizeof line, status) != NULL)
        sscanf(line, "VmHWM: %ld", &peak);
    fclose(status);
    return peak;
}

static inline int contest(void (*work)(void *what, long times), void *what)
{
    char line[32];
    while (fgets(line, sizeof line, stdin) != NULL) {
        long times = strtol(line, NULL, 10);
        double cpu = cpu_seconds();
        double begun = seconds();
        work(what, times);
        double took = seconds() - begun;
        printf("%.9f %.6f %ld\n", took, cpu_seconds() - cpu, peak_kib());
        fflush(stdout);
    }
    return 0;
}

#endif
