#ifndef USERVOICE_GO_THREAD_H
#define USERVOICE_GO_THREAD_H

#include <stdint.h>

#include "call.h"

/* A thread that makes calls, one at a time. It never ends. */
struct uservoice_go_thread;

/* A line for the logger of a call. */
struct uservoice_go_log {
    int32_t level;
    const char *line;
    uintptr_t logger;
};

enum uservoice_go_news { USERVOICE_GO_NOTHING, USERVOICE_GO_LOGS, USERVOICE_GO_RETURNED };

/* Starts a thread, which writes to the eventfd when it has news. Returns NULL if it cannot be
   started. */
struct uservoice_go_thread *uservoice_go_thread_new(int eventfd);

/* Passes a copy of the call to the thread, which must be idle. Does not block. */
void uservoice_go_thread_begin(struct uservoice_go_thread *thread, const struct uservoice_go_call *call);

/* Returns the news since the last time. Copies the call with its results if it has returned, after
   which the thread is idle, or the line if it logs, until uservoice_go_thread_logged. */
enum uservoice_go_news uservoice_go_thread_poll(struct uservoice_go_thread *thread, struct uservoice_go_call *call, struct uservoice_go_log *log);

/* Has the goroutine that waits for the call log the line, and waits until it has. Returns 0 on a
   thread of Go, which logs itself. */
int uservoice_go_thread_log(int32_t level, const char *line, uintptr_t logger);

/* Continues a call that logs. Does not block. */
void uservoice_go_thread_logged(struct uservoice_go_thread *thread);

#endif
