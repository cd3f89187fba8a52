#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BODY = 1024 * 1024 };

struct server {
    handler *handle;
    const void *argument;
};

/* Appends a part of the body, unless it becomes too large. */
static void append(struct request *request, const char *part, size_t size)
{
    char *larger = NULL;
    if (size <= MAX_BODY - request->body_len)
        larger = realloc(request->body, request->body_len + size);
    if (larger == NULL) {
        request->too_large = true;
        return;
    }
    memcpy(larger + request->body_len, part, size);
    request->body = larger;
    request->body_len += size;
}

/* libmicrohttpd calls this at the head of a request, for each part of its body, and at its end. */
static enum MHD_Result on_request(void *server, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *part,
                                  size_t *size, void **state)
{
    (void)method, (void)version;
    struct request *request = *state;
    if (request == NULL) {
        *state = request = calloc(1, sizeof *request);
        return request != NULL ? MHD_YES : MHD_NO; /* MHD_NO closes the connection */
    }
    if (*size > 0) {
        append(request, part, *size);
        *size = 0;
        return MHD_YES;
    }
    request->connection = connection;
    request->path = path;
    if (request->too_large)
        return respond(request, MHD_HTTP_CONTENT_TOO_LARGE, "Too large.\n");
    const struct server *to = server;
    return to->handle(request, to->argument);
}

static void on_end(void *server, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)server, (void)connection, (void)code;
    struct request *request = *state;
    if (request != NULL)
        free(request->body);
    free(request);
}

static enum MHD_Result queue(const struct request *request, unsigned status,
                             struct MHD_Response *response)
{
    const enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result respond(const struct request *request, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    return queue(request, status, response);
}

enum MHD_Result redirect(const struct request *request, const char *url, const char *cookie)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Location", url);
    MHD_add_response_header(response, "Set-Cookie", cookie);
    return queue(request, MHD_HTTP_SEE_OTHER, response);
}

int serve(long port, handler *handle, const void *argument)
{
    struct server server = {handle, argument};
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK); /* a proxy in front of it serves https */

    sigset_t signals; /* blocked in the server's thread too, so that sigwait() receives them */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, &server, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
        MHD_OPTION_CONNECTION_TIMEOUT, 30u /* seconds */, MHD_OPTION_END);
    if (daemon == NULL) {
        fprintf(stderr, "Port %ld cannot be used.\n", port);
        return 1;
    }
    printf("Listening on http://127.0.0.1:%ld/\n", port);
    fflush(stdout);
    int received;
    sigwait(&signals, &received);
    MHD_stop_daemon(daemon);
    return 0;
}
