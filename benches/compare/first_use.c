/* What the first use costs: prints, as a JSON object, the microseconds of uservoice_client_new
   (first, and the median once warm), of the first GET over TLS in this process and of another
   client's first, and how often the authorities' file was opened until each.
   Usage: first_use BASE-URL PATH CA-FILE; SSL_CERT_FILE names the same file. */
#include <sys/inotify.h>
#include <unistd.h>

#include "uservoice_contestant.h"

#define TIMES 2001

static int watch;

static int opened(void)
{
    static int times;
    char events[64 * sizeof(struct inotify_event)]; /* a file's have no name */
    ssize_t length;
    while ((length = read(watch, events, sizeof events)) > 0)
        times += (int)(length / (ssize_t)sizeof(struct inotify_event));
    return times;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double new_client(const char *base_url)
{
    double begun = seconds();
    uservoice_client *client = client_of(base_url, "");
    double took = seconds() - begun;
    uservoice_client_free(client);
    return took * 1e6;
}

static double first_get(const char *base_url, const char *path)
{
    char *json;
    uservoice_error *error;
    uservoice_client *client = client_of(base_url, "");
    double begun = seconds();
    must(uservoice_get(client, NULL, path, NULL, &json, &error), error);
    double took = seconds() - begun;
    uservoice_string_free(json);
    uservoice_client_free(client);
    return took * 1e6;
}

int main(int argc, char **argv)
{
    static double warm[TIMES];
    if (argc < 4)
        fail("first_use BASE-URL PATH CA-FILE");
    watch = inotify_init1(IN_NONBLOCK);
    if (watch < 0 || inotify_add_watch(watch, argv[3], IN_OPEN) < 0)
        fail("cannot watch the authorities' file");

    double first = new_client(argv[1]);
    for (int i = 0; i < TIMES; i++)
        warm[i] = new_client(argv[1]);
    qsort(warm, TIMES, sizeof *warm, by_size);
    int after_new = opened();
    double tls = first_get(argv[1], argv[2]);
    int after_tls = opened();
    double again = first_get(argv[1], argv[2]);
    printf("{\"new_first\":%.1f,\"new_warm\":%.2f,\"tls_first\":%.0f,\"tls_again\":%.0f,"
           "\"opened\":[%d,%d,%d]}\n",
           first, warm[TIMES / 2], tls, again, after_new, after_tls, opened());
    return 0;
}
