#ifndef USERVOICE_GO_CALL_H
#define USERVOICE_GO_CALL_H

#include <stddef.h>

#include <uservoice.h>

/* A call of a function of the library that may wait for the service: its arguments and results. */
struct uservoice_go_call {
    enum {
        USERVOICE_GO_GET,
        USERVOICE_GO_POST,
        USERVOICE_GO_PUT,
        USERVOICE_GO_DELETE,
        USERVOICE_GO_REQUEST,
        USERVOICE_GO_SEND,
        USERVOICE_GO_UPLOAD,
        USERVOICE_GO_NEXT_PAGE
    } function;
    const uservoice_client *client;
    const uservoice_token *token;
    uservoice_collection *collection;
    const char *method, *path, *params, *headers, *filename, *content_type;
    const void *body;
    size_t body_len;

    uservoice_status status;
    char *result;
    uservoice_error *error;
};

/* Makes the call, on the calling thread. */
void uservoice_go_make_call(struct uservoice_go_call *call);

#endif
