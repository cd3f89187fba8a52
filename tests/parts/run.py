#!/usr/bin/env python3
"""Runs the parts of the tests in parallel, each with its output in a file of its own.

Usage: tests/parts/run.py LOG_DIRECTORY JOBS PART... [--last PART] -- COMMAND...

Runs COMMAND PART for each part; the part after --last runs alone when the others have ended. The output of a part is
printed when it ends. At the end, the names of the parts that failed are printed with their last lines. A part fails,
too, if a process that it started is still running when it ends, or if it takes longer than LIMIT.
"""
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Seconds. Far longer than any part takes on a loaded machine: the guard against one that hangs.
LIMIT = 1500
# What a process that was asked to end may need to do so.
GRACE = 5
LAST_LINES = 40
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def main():
    arguments, command = split(sys.argv[1:], "--")
    if arguments[0] == "--supervise":
        sys.exit(supervise(command))
    (directory, jobs, *parts), last = split(arguments, "--last")
    runner = Runner(Path(directory), command)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: runner.stop())
    with ThreadPoolExecutor(int(jobs)) as pool:
        list(pool.map(runner.run, parts))
    for part in last:
        runner.run(part)
    sys.exit(runner.report())


def split(arguments, separator):
    position = arguments.index(separator) if separator in arguments else len(arguments)
    return arguments[:position], arguments[position + 1:]


class Runner:
    def __init__(self, directory, command):
        self.directory = directory
        self.command = command
        self.lock = threading.Lock()
        self.running = []
        self.failed = []
        self.stopped = False
        directory.mkdir(parents=True, exist_ok=True)

    def log(self, part):
        return self.directory / f"{part}.log"

    def run(self, part):
        with self.log(part).open("wb") as log, self.lock:
            if self.stopped:
                return
            supervisor = subprocess.Popen(
                [sys.executable, __file__, "--supervise", "--", *self.command, part],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
            self.running.append(supervisor)
        start = time.monotonic()
        status = supervisor.wait()
        with self.lock:
            self.running.remove(supervisor)
            if status != 0:
                self.failed.append(part)
            seconds = time.monotonic() - start
            print(f"== {part}: {'FAILED' if status else 'passed'} ({seconds:.0f} s)", flush=True)
            sys.stdout.buffer.write(self.log(part).read_bytes())
            sys.stdout.flush()

    def stop(self):
        # Without the lock, because the main thread may hold it.
        self.stopped = True
        for supervisor in list(self.running):
            supervisor.terminate()

    def report(self):
        for part in self.failed:
            print(f"\n== {part} FAILED. Its last lines (all: {self.log(part)}):")
            text = self.log(part).read_text(errors="replace")
            print("\n".join(text.splitlines()[-LAST_LINES:]))
        if self.failed:
            print(f"\nFailed: {' '.join(self.failed)}")
        return 1 if self.failed or self.stopped else 0


def supervise(command):
    """Runs a part, and ends all processes that it has started, also those that have left its session."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) or prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    # A terminal's Ctrl-C reaches this process through the runner.
    os.setpgrp()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, interrupt)
    signal.alarm(LIMIT)
    failure = None
    try:
        status = subprocess.Popen(command).wait()
    except TimeoutError as error:
        status, failure = 1, str(error)
    signal.alarm(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # A process that was asked to end may need a little longer.
    if failure is None and not wait_for_children(GRACE):
        failure = f"left running: {', '.join(map(command_line, descendants()))}"
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not wait_for_children(0):
            for pid in descendants():
                send(pid, number)
            wait_for_children(GRACE)
    if failure:
        print(failure, flush=True)
    return status or (1 if failure else 0)


def interrupt(number, _):
    raise TimeoutError("interrupted" if number == signal.SIGTERM else f"did not end within {LIMIT} seconds")


def wait_for_children(seconds):
    """Reaps children. Returns whether none is left."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)


def descendants():
    """Returns the processes below this one, parents first."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [os.getpid()]
    for pid in found:
        found += children.get(pid, [])
    return found[1:]


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    except OSError:
        return str(pid)


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    main()
