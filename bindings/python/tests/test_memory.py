"""Checks that thousands of requests, errors and records do not leak memory."""
import ctypes
import gc
import os
import unittest
from concurrent.futures import ThreadPoolExecutor

import sandbox
import uservoice

TIMES = 10_000
#: The permitted growth of allocated memory in bytes, per operation.
ALLOCATED = 26
#: The permitted growth of the resident set in bytes, Python's own memory included.
RESIDENT = 6 << 20


class MallInfo(ctypes.Structure):
    """The result of mallinfo2(3)."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
        "fordblks", "keepcost")]


mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = MallInfo


def memory():
    """Returns the bytes allocated with malloc() and the resident set size."""
    gc.collect()
    info = mallinfo()
    with open("/proc/self/statm", encoding="ascii") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return info.uordblks + info.hblkhd, resident


class Memory(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client(secret=None)  # unsigned requests are faster

    def check(self, act, times=TIMES):
        for number in range(times // 5):  # warm up
            act(number)
        before = memory()
        for number in range(times):
            act(number)
        allocated, resident = (after - before for after, before in zip(memory(), before))
        self.assertLess(allocated, ALLOCATED * max(times, TIMES))
        self.assertLess(resident, RESIDENT)

    def test_requests_and_their_errors(self):
        def call(number):
            if number % 2:
                self.client.get("/api/v1/forums/1")
            else:
                with self.assertRaises(uservoice.NotFound):
                    self.client.get("/api/v1/forums/99")

        with ThreadPoolExecutor(4) as pool:
            self.check(lambda number: list(pool.map(call, range(100))), times=TIMES // 100)

    def test_errors_without_a_request(self):
        def call(number):
            with self.assertRaises(ValueError):
                self.client.login_with_token_json("{}")

        self.check(call)

    def test_requests_of_the_main_thread(self):
        self.check(lambda number: self.client.get("/api/v1/forums/1"), times=1000)

    def test_records(self):
        # Small pages, so that the prefetched pages and the open connections (256 KiB each) at
        # the time of a measurement do not matter.
        records = iter(())

        def read(number):
            nonlocal records
            for record in records:
                return record
            records = self.client.get_collection("/api/v1/suggestions?per_page=10").iter_json()
            return next(records)

        self.check(read, times=5 * TIMES)

    def test_clients_and_tokens(self):
        signed = sandbox.client()

        def make(number):
            with signed.login_with_access_token("token", "secret") as client:
                client.token_json()
            uservoice.decrypt_sso_token("a", "k", uservoice.generate_sso_token("a", "k", {}))

        self.check(make, times=2000)

    def test_collections(self):
        def read(number):
            with self.client.get_collection("/api/v1/forums") as forums:
                self.assertEqual(len(forums), 2)

        self.check(read, times=500)


if __name__ == "__main__":
    unittest.main()
