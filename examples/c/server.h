/* What the two web servers share: libmicrohttpd on a port of this machine, until Ctrl-C. */
#ifndef EXAMPLES_SERVER_H
#define EXAMPLES_SERVER_H

#include <microhttpd.h>
#include <stdbool.h>

struct request {
    struct MHD_Connection *connection;
    const char *path;
    char *body; /* NULL if it is empty */
    size_t body_len;
    bool too_large; /* the body has more than 1 MiB: the server responds with status 413 */
};

/* Responds to a request. Called for one request at a time. */
typedef enum MHD_Result handler(const struct request *request, const void *argument);

/* Serves http://127.0.0.1:PORT/. Returns the exit status after Ctrl-C. */
int serve(long port, handler *handle, const void *argument);

/* Responds with plain text. */
enum MHD_Result respond(const struct request *request, unsigned status, const char *text);

/* Redirects the browser to a URL and sets a cookie. */
enum MHD_Result redirect(const struct request *request, const char *url, const char *cookie);

#endif
