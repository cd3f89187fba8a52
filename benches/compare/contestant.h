/* The protocol of a contestant: it reads a number of repetitions from a line of standard input, repeats its
   work that often, and prints a line: seconds, CPU seconds, and the peak memory of the process in KiB. */
#ifndef CONTESTANT_H
#define CONTESTANT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static void fail(const char *message)
{
    fprintf(stderr, "%s\n", message);
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

/* Not ru_maxrss, which includes the memory of the parent before exec. */
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

static inline int contest(void (*work)(void *data, long repetitions), void *data)
{
    char line[32];
    while (fgets(line, sizeof line, stdin) != NULL) {
        long repetitions = strtol(line, NULL, 10);
        double cpu = cpu_seconds();
        double start = seconds();
        work(data, repetitions);
        double elapsed = seconds() - start;
        printf("%.9f %.6f %ld\n", elapsed, cpu_seconds() - cpu, peak_kib());
        fflush(stdout);
    }
    return 0;
}

#endif
