"""Threads, fork and multiprocessing."""
import multiprocessing
import os
import subprocess
import sys
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

import sandbox
import uservoice

PATH = "/api/v1/suggestions?sort=oldest"


def suggestion_id(client, number):
    return client.get(f"/api/v1/suggestions/{number}")["suggestion"]["id"]


def get_missing_user(client):
    client.get("/api/v1/users/999999")


class Threads(unittest.TestCase):
    def test_threads_share_client_and_collection(self):
        sandbox.reset()
        client = sandbox.client()
        users = client.get_collection("/api/v1/users")

        def work(number):
            ids = [user["id"] for user in users]
            return suggestion_id(client, number), users[number - 1]["id"], ids

        with ThreadPoolExecutor(8) as pool:
            for number, result in enumerate(pool.map(work, range(1, 17)), 1):
                self.assertEqual(result, (number, number, list(range(1, 251))))

    def test_requests_of_threads_run_in_parallel(self):
        # No response is sent before all requests have arrived.
        number = 6
        sandbox.reset({"path": "/api/v1/forums", "times": number, "delay_ms": 600000})
        client = sandbox.client(timeout=600)

        def work(_):
            with self.assertRaises(uservoice.Cancelled):
                client.get("/api/v1/forums")
            return True

        with ThreadPoolExecutor(number) as pool:
            results = pool.map(work, range(number))
            sandbox.wait_for_faults()
            client.cancel()
            self.assertEqual(list(results), [True] * number)

    def test_get_at_interpreter_exit(self):
        program = ("import atexit, sandbox\nclient = sandbox.client()\n"
                   "atexit.register(lambda: print(client.get('/api/v1/forums/1')['forum']['id']))")
        process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((process.returncode, process.stdout, process.stderr), (0, "1\n", ""))

    def test_get_in_a_finalizer_at_interpreter_exit(self):
        program = """
import sandbox
class Report:
    client = sandbox.client()
    def __del__(self):
        print(self.client.get("/api/v1/forums/1")["forum"]["id"])
report = Report()
"""
        process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((process.returncode, process.stdout, process.stderr), (0, "1\n", ""))

    def test_exit_amid_waiting_calls_of_daemon_threads(self):
        sandbox.reset(*({"path": path, "after": 1, "times": 1000, "delay_ms": 600000}
                        for path in ("/api/v1/users", "/api/v1/suggestions")))
        program = """
import threading, time, sandbox
class Slow:
    def __del__(self):
        time.sleep(0.2)  # the library calls back every 50 ms
slow = Slow()
client = sandbox.client(timeout=600, prefetch_pages=0)
users = client.get_collection("/api/v1/users")
len(users)
begun_here = iter(client.get_collection("/api/v1/suggestions"))
next(begun_here)
started = threading.Semaphore(0)
def work(act):
    started.release()
    act()
for act in [lambda: client.get("/api/v1/users"), lambda: len(users), lambda: list(begun_here)]:
    threading.Thread(target=work, args=[act], daemon=True).start()
    started.acquire()
time.sleep(0.1)
"""
        process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((process.returncode, process.stderr), (0, ""))

    def test_exit_amid_calls_of_daemon_threads(self):
        program = """
import threading, sandbox
client = sandbox.client()
started = threading.Semaphore(0)
def work():
    while True:
        client.get("/api/v1/forums/1")
        started.release()
for _ in range(16):
    threading.Thread(target=work, daemon=True).start()
for _ in range(50):
    started.acquire()
"""
        for _ in range(10):
            process = subprocess.run([sys.executable, "-c", program], capture_output=True,
                                     text=True)
            self.assertEqual((process.returncode, process.stderr), (0, ""))


class Processes(unittest.TestCase):
    def in_child(self, work):
        """Runs a function in a forked child and returns the repr() of its result."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.write(writer, repr(work()).encode())
            except BaseException as error:
                os.write(writer, repr(error).encode())
            os._exit(0)
        os.close(writer)
        with open(reader, encoding="utf-8") as pipe:
            result = pipe.read()
        os.waitpid(pid, 0)
        return result

    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def test_parent_and_child_use_the_same_handles(self):
        owner = self.client.login_as_owner()
        suggestions = self.client.get_collection(PATH)
        records = iter(suggestions)
        self.assertEqual([next(records)["id"] for _ in range(150)], list(range(1, 151)))

        def work():
            return (suggestion_id(self.client, 5),
                    owner.get("/api/v1/users/current")["user"]["email"],
                    [record["id"] for record in records] == list(range(151, 1502)))

        expected = (5, sandbox.OWNER, True)
        self.assertEqual(self.in_child(work), repr(expected))
        self.assertEqual(work(), expected)

    def test_fork_while_other_threads_send_requests(self):
        stop = threading.Event()
        users = self.client.get_collection("/api/v1/users")

        def busy():
            while not stop.is_set():
                suggestion_id(self.client, 1)
                next(iter(users))

        threads = [threading.Thread(target=busy) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(1, 11):
                result = self.in_child(lambda: (suggestion_id(self.client, number),
                                                users[number]["id"]))
                self.assertEqual(result, repr((number, number + 1)))
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def test_multiprocessing_passes_clients_and_exceptions(self):
        for method in ("fork", "spawn", "forkserver"):
            context = multiprocessing.get_context(method)
            with context.Pool(2) as pool:
                ids = pool.starmap(suggestion_id, [(self.client, number) for number in range(1, 9)])
                self.assertEqual(ids, list(range(1, 9)))
                with self.assertRaises(uservoice.NotFound) as raised:
                    pool.apply(get_missing_user, (self.client,))
            self.assertEqual(raised.exception.status_code, 404)


if __name__ == "__main__":
    unittest.main()
