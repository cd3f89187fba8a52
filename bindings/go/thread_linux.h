#ifndef USERVOICE_GO_THREAD_H
#define USERVOICE_GO_THREAD_H

#include "call.h"

/* A thread that makes calls, one at a time. It never ends. */
struct uservoice_go_thread;

/* Starts a thread, which writes to the eventfd when a call has returned. Returns NULL if it cannot
   be started. */
struct uservoice_go_thread *uservoice_go_thread_new(int eventfd);

/* Passes a copy of the call to the thread, which must be idle. Does not block. */
void uservoice_go_thread_begin(struct uservoice_go_thread *thread, const struct uservoice_go_call *call);

/* Copies the call with its results if it has returned, after which the thread is idle. Returns
   whether it has. */
int uservoice_go_thread_end(struct uservoice_go_thread *thread, struct uservoice_go_call *call);

#endif
