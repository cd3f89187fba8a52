import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import uservoice


def errors(client):
    # [errors]
    try:
        print(client.get("/api/v1/suggestions/999999")["suggestion"]["title"])
    except uservoice.NotFound:
        print("The suggestion does not exist.")
    except uservoice.APIError as error:
        print(error.message, file=sys.stderr)
        raise
    # [end]
    post_safely(client, "nowhere", None)


# [outcome]
def post_safely(client, path, body):
    """Sends a POST request and shows what to do if it fails."""
    try:
        client.post(path, body)
    except uservoice.APIError as error:
        if error.outcome == "not sent":
            pass  # can be retried
        elif error.outcome == "unknown":
            pass  # may have been processed: check before you retry
        elif error.outcome == "answered":
            pass  # there is a response: see error.status_code
        print(error.outcome, error.message)
# [end]


def options(client):
    # [options]
    quick = client.with_options(timeout=2, connect_timeout=0.5, max_retries=0, max_retry_wait=0)
    # [end]

    # [clone]
    patient = client.with_options(timeout=120, max_retries=5)
    # [end]
    patient.get("/api/v1/forums/1")

    # [rate-limit]
    try:
        quick.get("/api/v1/forums/1")
    except uservoice.RateLimitExceeded as error:
        print("retry in", error.retry_after, "s")
    # [end]


def logs(client):
    # [log]
    logging.basicConfig(stream=sys.stdout)
    logging.getLogger("uservoice").setLevel(logging.DEBUG)
    # [end]
    client.get("/api/v1/users", {"per_page": 1})
    logging.getLogger("uservoice").setLevel(logging.ERROR)


def threads(client):
    # [threads]
    users = client.get_collection("/api/v1/users")

    def count(_):  # each iteration reads the whole list
        return sum(1 for user in users)

    with ThreadPoolExecutor(4) as threads:
        print(list(threads.map(count, range(4))))
    # [end]

    # [fork]
    child = os.fork()
    if child == 0:
        client.get("/api/v1/forums")  # the child opens new connections
        os._exit(0)
    print(os.waitpid(child, 0)[1] == 0)
    # [end]

    cancelled = client.with_options()
    # [cancel]
    thread = threading.Thread(target=cancelled.cancel)  # returns at once
    thread.start()
    try:
        while True:
            cancelled.get("/api/v1/suggestions")
    except uservoice.Cancelled:
        print("cancelled")
    thread.join()
    # [end]
