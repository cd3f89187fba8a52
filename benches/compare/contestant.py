"""The protocol of contestant.h for contestants in Python."""
import sys
import time


def peak_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def contest(work):
    for line in sys.stdin:
        times = int(line)
        cpu = time.process_time()
        begun = time.monotonic()
        for _ in range(times):
            work()
        took = time.monotonic() - begun
        print("%.9f %.6f %d" % (took, time.process_time() - cpu, peak_kib()), flush=True)
