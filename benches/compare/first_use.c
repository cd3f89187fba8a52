/* Measures the first use of the library in a process. Prints a JSON object: the microseconds of the first
   uservoice_client_new and the median of later ones, of the first GET over TLS and of the first GET of another
   client, and how often the CA file was opened until then.
   Usage: first_use BASE-URL PATH CA-FILE; SSL_CERT_FILE must name the same file. */
#include <sys/inotify.h>
#include <unistd.h>

#include "uservoice_contestant.h"

#define REPETITIONS 2001

static int watch;

/* Returns how often the CA file has been opened. */
static int opened(void)
{
    static int count;
    char events[64 * sizeof(struct inotify_event)]; /* events of a watched file have no name */
    ssize_t length;
    while ((length = read(watch, events, sizeof events)) > 0)
        count += (int)(length / (ssize_t)sizeof(struct inotify_event));
    return count;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double time_new_client(const char *base_url)
{
    double start = seconds();
    uservoice_client *client = new_client(base_url, "");
    double elapsed = seconds() - start;
    uservoice_client_free(client);
    return elapsed * 1e6;
}

static double time_first_get(const char *base_url, const char *path)
{
    char *json;
    uservoice_error *error;
    uservoice_client *client = new_client(base_url, "");
    double start = seconds();
    must(uservoice_get(client, NULL, path, NULL, &json, &error), error);
    double elapsed = seconds() - start;
    uservoice_string_free(json);
    uservoice_client_free(client);
    return elapsed * 1e6;
}

int main(int argc, char **argv)
{
    static double warm[REPETITIONS];
    if (argc < 4)
        fail("first_use BASE-URL PATH CA-FILE");
    watch = inotify_init1(IN_NONBLOCK);
    if (watch < 0 || inotify_add_watch(watch, argv[3], IN_OPEN) < 0)
        fail("cannot watch the CA file");

    double first = time_new_client(argv[1]);
    for (int i = 0; i < REPETITIONS; i++)
        warm[i] = time_new_client(argv[1]);
    qsort(warm, REPETITIONS, sizeof *warm, compare_doubles);
    int after_new = opened();
    double tls = time_first_get(argv[1], argv[2]);
    int after_tls = opened();
    double again = time_first_get(argv[1], argv[2]);
    printf("{\"new_first\":%.1f,\"new_warm\":%.2f,\"tls_first\":%.0f,\"tls_again\":%.0f,"
           "\"opened\":[%d,%d,%d]}\n",
           first, warm[REPETITIONS / 2], tls, again, after_new, after_tls, opened());
    return 0;
}
