"""Threads, fork and multiprocessing."""
import multiprocessing
import os
import subprocess
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import sandbox
import uservoice

PATH = "/api/v1/suggestions?sort=oldest"


def title_of(client, number):
    return client.get(f"/api/v1/suggestions/{number}")["suggestion"]["id"]


def fail_with(client):
    client.get("/api/v1/users/999999")


class Threads(unittest.TestCase):
    def test_one_client_and_one_collection_in_many_threads(self):
        sandbox.reset()
        client = sandbox.client()
        users = client.get_collection("/api/v1/users")

        def work(number):
            ids = [user["id"] for user in users]
            return title_of(client, number), users[number - 1]["id"], ids

        with ThreadPoolExecutor(8) as pool:
            for number, got in enumerate(pool.map(work, range(1, 17)), 1):
                self.assertEqual(got, (number, number, list(range(1, 251))))

    def test_calls_are_in_flight_at_once(self):
        # None is answered before all have come.
        number = 6
        sandbox.reset({"path": "/api/v1/forums", "times": number, "delay_ms": 600000})
        client = sandbox.client(timeout=600)

        def work(_):
            with self.assertRaises(uservoice.Cancelled):
                client.get("/api/v1/forums")
            return True

        with ThreadPoolExecutor(number) as pool:
            results = pool.map(work, range(number))
            while sandbox.control("GET", "faults"):
                time.sleep(0.01)
            client.cancel()
            self.assertEqual(list(results), [True] * number)

    def test_calls_while_python_ends(self):
        program = ("import atexit, sandbox\nclient = sandbox.client()\n"
                   "atexit.register(lambda: print(client.get('/api/v1/forums/1')['forum']['id']))")
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "1\n", ""))


class Forks(unittest.TestCase):
    def in_child(self, work):
        """What the work gives in a forked child."""
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
            said = pipe.read()
        os.waitpid(pid, 0)
        return said

    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def test_handles_are_used_on_both_sides(self):
        owner = self.client.login_as_owner()
        suggestions = self.client.get_collection(PATH)
        records = iter(suggestions)
        self.assertEqual([next(records)["id"] for _ in range(150)], list(range(1, 151)))

        def work():
            return (title_of(self.client, 5), owner.get("/api/v1/users/current")["user"]["email"],
                    [record["id"] for record in records] == list(range(151, 1502)))

        expected = (5, sandbox.OWNER, True)
        self.assertEqual(self.in_child(work), repr(expected))
        self.assertEqual(work(), expected)

    def test_a_fork_while_other_threads_are_in_calls(self):
        stop = threading.Event()
        users = self.client.get_collection("/api/v1/users")

        def busy():
            while not stop.is_set():
                title_of(self.client, 1)
                next(iter(users))

        threads = [threading.Thread(target=busy) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(1, 11):
                got = self.in_child(lambda: (title_of(self.client, number),
                                             users[number]["id"]))
                self.assertEqual(got, repr((number, number + 1)))
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def test_multiprocessing(self):
        for method in ("fork", "spawn", "forkserver"):
            context = multiprocessing.get_context(method)
            with context.Pool(2) as pool:
                got = pool.starmap(title_of, [(self.client, number) for number in range(1, 9)])
                self.assertEqual(got, list(range(1, 9)))
                with self.assertRaises(uservoice.NotFound) as raised:
                    pool.apply(fail_with, (self.client,))
            self.assertEqual(raised.exception.status_code, 404)


if __name__ == "__main__":
    unittest.main()
