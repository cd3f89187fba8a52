"""The contestant protocol (contestant.h) for Python."""
import sys
import time


def peak_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def contest(work):
    for line in sys.stdin:
        repetitions = int(line)
        cpu = time.process_time()
        start = time.monotonic()
        for _ in range(repetitions):
            work()
        elapsed = time.monotonic() - start
        print("%.9f %.6f %d" % (elapsed, time.process_time() - cpu, peak_kib()), flush=True)
