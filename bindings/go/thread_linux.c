#define _GNU_SOURCE
#include "thread_linux.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct uservoice_go_thread {
    sem_t has_call;
    struct uservoice_go_call call;
    atomic_int has_returned;
    int eventfd;
};

static void *make_calls(void *argument)
{
    struct uservoice_go_thread *thread = argument;
    const uint64_t one = 1;

    for (;;) {
        if (sem_wait(&thread->has_call) != 0)
            continue; /* interrupted */
        uservoice_go_make_call(&thread->call);
        atomic_store(&thread->has_returned, 1);
        while (write(thread->eventfd, &one, sizeof one) < 0 && errno == EINTR) {
        }
    }
    return NULL;
}

/* Starts a thread without signals: those of the process are for the threads of Go. */
static int start(struct uservoice_go_thread *thread)
{
    sigset_t all, previous;
    pthread_t id;
    int failure;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    failure = pthread_create(&id, NULL, make_calls, thread);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    if (failure)
        return failure;
    pthread_setname_np(id, "uservoice-calls");
    return pthread_detach(id);
}

struct uservoice_go_thread *uservoice_go_thread_new(int eventfd)
{
    struct uservoice_go_thread *thread = calloc(1, sizeof *thread);

    if (thread == NULL)
        return NULL;
    thread->eventfd = eventfd;
    if (sem_init(&thread->has_call, 0, 0) != 0 || start(thread) != 0) {
        free(thread);
        return NULL;
    }
    return thread;
}

void uservoice_go_thread_begin(struct uservoice_go_thread *thread, const struct uservoice_go_call *call)
{
    thread->call = *call;
    sem_post(&thread->has_call);
}

int uservoice_go_thread_end(struct uservoice_go_thread *thread, struct uservoice_go_call *call)
{
    if (!atomic_exchange(&thread->has_returned, 0))
        return 0;
    *call = thread->call;
    return 1;
}
