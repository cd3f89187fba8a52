import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import uservoice


def failures(client):
    # [errors]
    try:
        print(client.get("/api/v1/suggestions/999999")["suggestion"]["title"])
    except uservoice.NotFound:
        print("There is no such suggestion.")
    except uservoice.APIError as error:
        print(error.message, file=sys.stderr)
        raise
    # [end]
    post_safely(client, "nowhere", None)


# [outcome]
def post_safely(client, path, body):
    """Posts once for certain, or says that somebody has to look."""
    try:
        client.post(path, body)
    except uservoice.APIError as error:
        if error.outcome == "not sent":
            pass  # put it back into your queue
        elif error.outcome == "unknown":
            pass  # look whether it was done before you send it again
        elif error.outcome == "answered":
            pass  # the service refused it, and would again
        print(error.outcome, error.message)
# [end]


def waiting(client):
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
        print("again in", error.retry_after, "s")
    # [end]


def logs(client):
    # [log]
    logging.basicConfig(stream=sys.stdout)
    logging.getLogger("uservoice").setLevel(logging.INFO)
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
        client.get("/api/v1/forums")  # the client goes on here, over connections of its own
        os._exit(0)
    print(os.waitpid(child, 0)[1] == 0)
    # [end]

    stopped = client.with_options()
    # [cancel]
    button = threading.Thread(target=stopped.cancel)  # returns at once
    button.start()
    try:
        while True:
            stopped.get("/api/v1/suggestions")
    except uservoice.Cancelled:
        print("cancelled")
    button.join()
    # [end]
