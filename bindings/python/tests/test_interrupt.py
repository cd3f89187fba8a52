"""Ctrl-C, other signals and cancel() end a blocking call."""
import asyncio
import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import sandbox
import uservoice

# Longer than any test may take.
HANG = {"delay_ms": 600000}

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
print("continued")
"""


class Interrupt(unittest.TestCase):
    def check(self, call, path):
        """Checks that Ctrl-C ends a call, and that the program can use the same objects."""
        sandbox.reset({"path": path, **HANG})
        program = subprocess.Popen([sys.executable, "-c", PROGRAM.format(call=call)],
                                   stdout=subprocess.PIPE, text=True)
        sandbox.wait_for_faults()
        program.send_signal(signal.SIGINT)
        output, _ = program.communicate(timeout=60)
        self.assertEqual((output, program.returncode), ("interrupted\ncontinued\n", 0))

    def test_ctrl_c_during_get(self):
        self.check('client.get("/api/v1/users")', "/api/v1/users")

    def test_ctrl_c_during_post_as_owner(self):
        self.check('user.post("/api/v1/forums", {"forum": {"name": "x"}})', "/api/v1/forums")

    def test_ctrl_c_during_login(self):
        self.check('client.login_as("user2@sandbox.example")', "/api/v1/users/login_as")

    def test_ctrl_c_during_iteration(self):
        self.check("list(suggestions)", "/api/v1/suggestions")

    def test_ctrl_c_during_len(self):
        self.check("len(suggestions)", "/api/v1/suggestions")

    def test_ctrl_c_during_index(self):
        self.check("suggestions[0]", "/api/v1/suggestions")

    def test_signal_handler_exception_during_retry_wait(self):
        sandbox.reset({"path": "/api/v1/users", "status": 429, "retry_after": "50"})
        self.interrupt_with_alarm(lambda: sandbox.client().get("/api/v1/users"))

    def test_signal_handler_exception_during_get(self):
        sandbox.reset({"path": "/api/v1/users", **HANG})
        self.interrupt_with_alarm(lambda: sandbox.client(timeout=600).get("/api/v1/users"))

    def interrupt_with_alarm(self, call):
        class Alarm(Exception):
            pass

        def raise_alarm(*_):
            raise Alarm

        previous = signal.signal(signal.SIGALRM, raise_alarm)
        self.addCleanup(signal.signal, signal.SIGALRM, previous)
        sender = threading.Thread(target=lambda: (sandbox.wait_for_faults(), time.sleep(0.2),
                                                  signal.raise_signal(signal.SIGALRM)))
        sender.start()
        with self.assertRaises(Alarm):
            call()
        sender.join()

    def test_frequent_interrupts_are_neither_lost_nor_delayed(self):
        lost, durations = [], []
        interrupts = 0

        def interrupt(*_):
            nonlocal interrupts
            interrupts += 1
            raise KeyboardInterrupt

        sandbox.reset()
        client = sandbox.client()
        previous = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, previous)
        with mock.patch("sys.unraisablehook", lost.append):
            for number in range(200):
                start = time.monotonic()
                with contextlib.suppress(KeyboardInterrupt):
                    signal.setitimer(signal.ITIMER_REAL, random.uniform(0.001, 0.01))
                    while interrupts == number:
                        client.get("/api/v1/forums/1")
                durations.append(time.monotonic() - start)
        # Python loses those that are raised in its own finalizers.
        self.assertEqual([error for error in lost if "ffi.gc" in str(error.err_msg)], [])
        # A busy machine may delay some.
        self.assertLess(sum(duration > 0.9 for duration in durations), 6, durations)

    def test_signal_handler_that_returns_does_not_end_the_call(self):
        signals = []
        previous = signal.signal(signal.SIGALRM, lambda number, _: signals.append(number))
        self.addCleanup(signal.signal, signal.SIGALRM, previous)
        sandbox.reset({"path": "/api/v1/forums/1", "delay_ms": 1000})
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        self.assertEqual(sandbox.client().get("/api/v1/forums/1")["forum"]["id"], 1)
        self.assertEqual(signals, [signal.SIGALRM])

    def test_signal_handler_may_send_requests(self):
        sandbox.reset({"path": "/api/v1/users", **HANG})
        client = sandbox.client(timeout=600)
        names = []

        def handle(*_):
            names.append(client.get("/api/v1/forums/1")["forum"]["id"])
            raise KeyboardInterrupt

        previous = signal.signal(signal.SIGALRM, handle)
        self.addCleanup(signal.signal, signal.SIGALRM, previous)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        self.assertRaises(KeyboardInterrupt, client.get, "/api/v1/users")
        self.assertEqual(names, [1])
        self.assertEqual(client.get("/api/v1/forums/1")["forum"]["id"], 1)

    def test_main_thread_calls_start_no_thread(self):
        sandbox.reset()
        with mock.patch.object(threading.Thread, "start") as start:
            client = sandbox.client()
            users = client.login_as_owner().get_collection("/api/v1/users")
            self.assertEqual((len(users), len(list(users)), users[7]["id"]), (250, 250, 8))
        start.assert_not_called()

    def test_other_threads_are_not_called_back(self):
        # Each call is answered after more than the interval of the callback.
        sandbox.reset({"path": "/api/v1/suggestions", "times": 100, "delay_ms": 120})
        client = sandbox.client(prefetch_pages=0)
        begun_here = iter(client.get_collection("/api/v1/suggestions?sort=oldest", limit=250))
        first = [next(begun_here)["id"] for _ in range(100)]
        users = client.get_collection("/api/v1/suggestions", limit=1)
        self.assertEqual(len(users), 1)

        def work():
            ids = [record["id"] for record in begun_here]
            return ids, len(users), len(client.get("/api/v1/suggestions")["suggestions"])

        called_back = []

        def trace(frame, *_):
            if frame.f_code.co_name == "run_signal_handlers":
                called_back.append(frame)

        threading.setprofile(trace)
        self.addCleanup(threading.setprofile, None)
        with ThreadPoolExecutor(1) as pool:
            ids, length, page_length = pool.submit(work).result()
        self.assertEqual((first + ids, length, page_length), (list(range(1, 251)), 1, 10))
        self.assertEqual(called_back, [])


class Cancel(unittest.TestCase):
    def check(self, act, path, cancel_in_main_thread):
        """Checks that cancel() ends the call, and that another client is not affected."""
        sandbox.reset({"path": path, **HANG})
        client = sandbox.client(timeout=600)
        other = client.with_options(max_retries=0)
        raised = []

        def block():
            try:
                act(client)
            except uservoice.Cancelled as error:
                raised.append(error.status)

        def cancel():
            sandbox.wait_for_faults()
            # The blocking call does not block this thread.
            self.assertEqual(other.get("/api/v1/forums/1")["forum"]["id"], 1)
            client.cancel()

        in_main_thread, in_other_thread = (
            (cancel, block) if cancel_in_main_thread else (block, cancel))
        thread = threading.Thread(target=in_other_thread)
        thread.start()
        in_main_thread()
        thread.join()
        self.assertEqual(raised, ["CANCELLED"])
        self.assertRaises(uservoice.Cancelled, client.get, "/api/v1/forums/1")
        self.assertIn("forum", other.get("/api/v1/forums/1"))

    def test_ends_get(self):
        for cancel_in_main_thread in (True, False):
            self.check(lambda client: client.get("/api/v1/users"), "/api/v1/users",
                       cancel_in_main_thread)

    def test_ends_a_request_of_asyncio(self):
        sandbox.reset({"path": "/api/v1/users", **HANG})
        client = sandbox.client(timeout=600)
        copy = client.with_options()

        async def main():
            task = asyncio.create_task(asyncio.to_thread(copy.get, "/api/v1/users"))
            await asyncio.to_thread(sandbox.wait_for_faults)
            copy.cancel()
            with self.assertRaises(uservoice.Cancelled):
                await task
            return await asyncio.to_thread(client.get, "/api/v1/forums/1")

        self.assertEqual(asyncio.run(main())["forum"]["id"], 1)

    def test_ends_iteration(self):
        for cancel_in_main_thread in (True, False):
            self.check(lambda client: list(client.get_collection("/api/v1/users")),
                       "/api/v1/users", cancel_in_main_thread)

    def test_applies_to_collections_created_before_and_after(self):
        client = sandbox.client()
        users = client.get_collection("/api/v1/users")
        client.cancel()
        self.assertRaises(uservoice.Cancelled, len, users)
        self.assertRaises(uservoice.Cancelled, len, client.get_collection("/api/v1/users"))

    def test_while_other_threads_create_collections(self):
        client = sandbox.client()
        stop = threading.Event()

        def create():
            while not stop.is_set():
                for _ in [client.get_collection("/api/v1/users") for _ in range(100)]:
                    pass

        threads = [threading.Thread(target=create) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(100):
                client.cancel()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertRaises(uservoice.Cancelled, len, client.get_collection("/api/v1/users"))

    def test_close_does_not_end_a_call_of_another_thread(self):
        sandbox.reset({"path": "/api/v1/users", "delay_ms": 500})
        client = sandbox.client()
        results = []
        thread = threading.Thread(target=lambda: results.append(client.get("/api/v1/users")))
        thread.start()
        sandbox.wait_for_faults()
        client.close()
        thread.join()
        self.assertEqual(len(results[0]["users"]), 10)


if __name__ == "__main__":
    unittest.main()
