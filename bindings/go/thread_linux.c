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
    sem_t has_logged;
    struct uservoice_go_log log;
    atomic_int news; /* enum uservoice_go_news */
    int eventfd;
};

static _Thread_local struct uservoice_go_thread *current; /* NULL on the threads of Go */

static void report(struct uservoice_go_thread *thread, enum uservoice_go_news news)
{
    const uint64_t one = 1;

    atomic_store(&thread->news, news);
    while (write(thread->eventfd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

static void *make_calls(void *argument)
{
    struct uservoice_go_thread *thread = argument;

    current = thread;
    for (;;) {
        if (sem_wait(&thread->has_call) != 0)
            continue; /* interrupted */
        uservoice_go_make_call(&thread->call);
        report(thread, USERVOICE_GO_RETURNED);
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
    if (sem_init(&thread->has_call, 0, 0) != 0 || sem_init(&thread->has_logged, 0, 0) != 0 || start(thread) != 0) {
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

enum uservoice_go_news uservoice_go_thread_poll(struct uservoice_go_thread *thread, struct uservoice_go_call *call, struct uservoice_go_log *log)
{
    enum uservoice_go_news news = atomic_exchange(&thread->news, USERVOICE_GO_NOTHING);

    if (news == USERVOICE_GO_LOGS)
        *log = thread->log;
    if (news == USERVOICE_GO_RETURNED)
        *call = thread->call;
    return news;
}

int uservoice_go_thread_log(int32_t level, const char *line, uintptr_t logger)
{
    if (current == NULL)
        return 0;
    current->log = (struct uservoice_go_log){level, line, logger};
    report(current, USERVOICE_GO_LOGS);
    while (sem_wait(&current->has_logged) != 0) {
    }
    return 1;
}

void uservoice_go_thread_logged(struct uservoice_go_thread *thread)
{
    sem_post(&thread->has_logged);
}
