#include "call.h"

void uservoice_go_make_call(struct uservoice_go_call *c)
{
    switch (c->function) {
    case USERVOICE_GO_GET:
        c->status = uservoice_get(c->client, c->token, c->path, c->params, &c->result, &c->error);
        break;
    case USERVOICE_GO_POST:
        c->status = uservoice_post(c->client, c->token, c->path, c->params, &c->result, &c->error);
        break;
    case USERVOICE_GO_PUT:
        c->status = uservoice_put(c->client, c->token, c->path, c->params, &c->result, &c->error);
        break;
    case USERVOICE_GO_DELETE:
        c->status = uservoice_delete(c->client, c->token, c->path, c->params, &c->result, &c->error);
        break;
    case USERVOICE_GO_REQUEST:
        c->status = uservoice_request(c->client, c->token, c->method, c->path, c->params, c->headers, &c->result, &c->error);
        break;
    case USERVOICE_GO_SEND:
        c->status = uservoice_send(c->client, c->token, c->method, c->path, c->headers, c->body, c->body_len, &c->result, &c->error);
        break;
    case USERVOICE_GO_UPLOAD:
        c->status = uservoice_upload(c->client, c->token, c->path, c->filename, c->content_type, c->body, c->body_len, &c->result, &c->error);
        break;
    case USERVOICE_GO_NEXT_PAGE:
        c->status = uservoice_collection_next_page(c->collection, &c->result, &c->error);
        break;
    }
}
