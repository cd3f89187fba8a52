"""Ctrl-C, other signals and cancel() end a call that waits."""
import signal
import subprocess
import sys
import threading
import time
import unittest

import sandbox
import uservoice

# Much longer than any test may take.
FOREVER = {"delay_ms": 600000}

PROGRAM = """
import sys
import sandbox
client = sandbox.client(timeout=600)
suggestions = client.get_collection("/api/v1/suggestions?sort=oldest", limit=250)
user = client.login_as_owner()
def first(items):
    return next(iter(items))
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", flush=True)
assert client.get("/api/v1/forums/1")["forum"]["id"] == 1
assert suggestions[0]["id"] == 1
assert [record["id"] for record in suggestions] == list(range(1, 251))
print("goes on")
"""


def wait_until_taken():
    """Until the fault has met its call."""
    while sandbox.control("GET", "faults"):
        time.sleep(0.01)


class Interrupts(unittest.TestCase):
    def check(self, call, path):
        """Ctrl-C ends the call, and the program can go on with the same objects."""
        sandbox.reset({"path": path, **FOREVER})
        program = subprocess.Popen([sys.executable, "-c", PROGRAM.format(call=call)],
                                   stdout=subprocess.PIPE, text=True)
        wait_until_taken()
        program.send_signal(signal.SIGINT)
        said, _ = program.communicate(timeout=60)
        self.assertEqual((said, program.returncode), ("interrupted\ngoes on\n", 0))

    def test_get(self):
        self.check('client.get("/api/v1/users")', "/api/v1/users")

    def test_post_as_owner(self):
        self.check('user.post("/api/v1/forums", {"forum": {"name": "x"}})', "/api/v1/forums")

    def test_login(self):
        self.check('client.login_as("user2@sandbox.example")', "/api/v1/users/login_as")

    def test_iteration(self):
        self.check("list(suggestions)", "/api/v1/suggestions")

    def test_length(self):
        self.check("len(suggestions)", "/api/v1/suggestions")

    def test_index(self):
        self.check("suggestions[0]", "/api/v1/suggestions")

    def test_wait_before_a_retry(self):
        sandbox.reset({"path": "/api/v1/users", "status": 429, "retry_after": "50"})
        self.interrupt_with_alarm(lambda: sandbox.client().get("/api/v1/users"))

    def test_an_exception_of_any_signal_handler(self):
        sandbox.reset({"path": "/api/v1/users", **FOREVER})
        self.interrupt_with_alarm(lambda: sandbox.client(timeout=600).get("/api/v1/users"))

    def interrupt_with_alarm(self, call):
        class Alarm(Exception):
            pass

        def ring(*_):
            raise Alarm

        before = signal.signal(signal.SIGALRM, ring)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        waiter = threading.Thread(target=lambda: (wait_until_taken(), time.sleep(0.2),
                                                  signal.raise_signal(signal.SIGALRM)))
        waiter.start()
        with self.assertRaises(Alarm):
            call()
        waiter.join()
        for thread in threading.enumerate():
            if thread.name == "uservoice":  # the call itself ends too
                thread.join()

    def test_a_handler_that_returns_lets_the_call_go_on(self):
        rung = []
        before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        sandbox.reset({"path": "/api/v1/forums/1", "delay_ms": 1000})
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        self.assertEqual(sandbox.client().get("/api/v1/forums/1")["forum"]["id"], 1)
        self.assertEqual(rung, [1])


class Cancels(unittest.TestCase):
    def check(self, act, path, thread):
        """cancel() from elsewhere ends the call, and another client goes on meanwhile."""
        sandbox.reset({"path": path, **FOREVER})
        client = sandbox.client(timeout=600)
        other = client.with_options(max_retries=0)
        raised = []

        def waiting():
            try:
                act(client)
            except uservoice.Cancelled as error:
                raised.append(error.status)

        def cancelling():
            wait_until_taken()
            # The one that waits does not hold up this thread.
            self.assertEqual(other.get("/api/v1/forums/1")["forum"]["id"], 1)
            client.cancel()

        here, there = (cancelling, waiting) if thread else (waiting, cancelling)
        worker = threading.Thread(target=there)
        worker.start()
        here()
        worker.join()
        self.assertEqual(raised, ["CANCELLED"])
        self.assertRaises(uservoice.Cancelled, client.get, "/api/v1/forums/1")
        self.assertIn("forum", other.get("/api/v1/forums/1"))

    def test_a_call(self):
        for thread in (True, False):
            self.check(lambda client: client.get("/api/v1/users"), "/api/v1/users", thread)

    def test_a_collection(self):
        for thread in (True, False):
            self.check(lambda client: list(client.get_collection("/api/v1/users")),
                       "/api/v1/users", thread)

    def test_collections_of_a_cancelled_client(self):
        client = sandbox.client()
        users = client.get_collection("/api/v1/users")
        client.cancel()
        self.assertRaises(uservoice.Cancelled, len, users)
        self.assertRaises(uservoice.Cancelled, len, client.get_collection("/api/v1/users"))

    def test_close_waits_for_nobody(self):
        sandbox.reset({"path": "/api/v1/users", "delay_ms": 500})
        client = sandbox.client()
        got = []
        worker = threading.Thread(target=lambda: got.append(client.get("/api/v1/users")))
        worker.start()
        wait_until_taken()
        client.close()
        worker.join()
        self.assertEqual(len(got[0]["users"]), 10)


if __name__ == "__main__":
    unittest.main()
