#define _POSIX_C_SOURCE 200809L

#include "example.h"

#include <pthread.h>
#include <signal.h>

static bool create(const char *options)
{
    uservoice_error *error = NULL;
    char *json = NULL;
    /* [uservoice_client_new client] */
    uservoice_client *client = NULL;
    if (uservoice_client_new("acme", "API-KEY", "API-SECRET",
                             "{\"timeout_ms\":5000,\"user_agent\":\"MyApp/1.0\"}", &client, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    uservoice_client_free(client);

    /* [public] */
    /* Without an API secret, requests are unsigned and read public data only. */
    uservoice_client *visitor = NULL;
    if (uservoice_client_new("sandbox", "sandbox-trusted-key", NULL, options, &visitor, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    bool read = uservoice_get(visitor, NULL, "/api/v1/forums/1", NULL, &json, &error)
                == USERVOICE_OK;
    uservoice_string_free(json);
    /* [uservoice_client_free] */
    uservoice_client_free(visitor); /* no thread may be using it */
    /* [end] */
    return read || failed(error);
}

static bool clone(uservoice_client *client)
{
    uservoice_error *error = NULL;
    char *json = NULL;
    /* [uservoice_client_clone clone] */
    uservoice_client *patient = NULL;
    if (uservoice_client_clone(client, "{\"timeout_ms\":120000,\"max_retries\":5}", &patient,
                               &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    bool read = uservoice_get(patient, NULL, "/api/v1/forums/1", NULL, &json, &error)
                == USERVOICE_OK;
    uservoice_string_free(json);
    uservoice_client_free(patient);
    return read || failed(error);
}

/* [uservoice_client_cancel cancel] */
static void *cancel_client(void *client)
{
    uservoice_client_cancel(client); /* returns at once */
    return NULL;
}

static uservoice_status run_until_cancelled(uservoice_client *client)
{
    pthread_t canceller;
    pthread_create(&canceller, NULL, cancel_client, client);
    uservoice_status status = USERVOICE_OK;
    while (status == USERVOICE_OK) {
        char *json = NULL;
        status = uservoice_get(client, NULL, "/api/v1/suggestions", NULL, &json, NULL);
        uservoice_string_free(json);
    }
    pthread_join(canceller, NULL);
    return status; /* USERVOICE_CANCELLED */
}
/* [end] */

/* [uservoice_client_set_interrupt interrupt] */
static volatile sig_atomic_t interrupted;

static void on_ctrl_c(int number) { (void)number; interrupted = 1; }

static int32_t is_interrupted(void *user_data) { (void)user_data; return interrupted; }

static uservoice_status run_until_ctrl_c(uservoice_client *client)
{
    signal(SIGINT, on_ctrl_c);
    uservoice_status status = uservoice_client_set_interrupt(client, is_interrupted, NULL, NULL);
    while (status == USERVOICE_OK) {
        char *json = NULL;
        status = uservoice_get(client, NULL, "/api/v1/suggestions", NULL, &json, NULL);
        uservoice_string_free(json);
    }
    return status; /* USERVOICE_CANCELLED */
}
/* [end] */

static void *press_ctrl_c(void *thread)
{
    struct sigaction action;
    do /* until the handler is set */
        sigaction(SIGINT, NULL, &action);
    while (action.sa_handler == SIG_DFL);
    pthread_kill(*(pthread_t *)thread, SIGINT);
    return NULL;
}

static void interrupt_client(uservoice_client *client)
{
    pthread_t keyboard, this_thread = pthread_self();
    pthread_create(&keyboard, NULL, press_ctrl_c, &this_thread);
    printf("%s\n", uservoice_status_name(run_until_ctrl_c(client)));
    pthread_join(keyboard, NULL);
}

bool clients(const char *options)
{
    if (!create(options))
        return false;
    uservoice_client *client = NULL;
    uservoice_error *error = NULL;
    if (uservoice_client_new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options,
                             &client, &error) != USERVOICE_OK)
        return failed(error);
    bool cloned = clone(client);
    interrupt_client(client);
    printf("%s\n", uservoice_status_name(run_until_cancelled(client)));
    uservoice_client_free(client);
    return cloned;
}
