"""Runs contestants, which are programs (contestant.h), in turns, and compares their turns."""
import os
import statistics
import subprocess
import sys

QUICK = os.environ.get("BENCH_QUICK", "") not in ("", "0")
# The number of turns of each contestant, and the length of a turn.
ROUNDS, TURN_SECONDS = (5, 0.1) if QUICK else (45, 0.2)
LIST_ROUNDS = 1 if QUICK else 3

# The environment of all programs, which main() of compare.py sets.
ENVIRONMENT = {}


class Turn:
    """The time that one repetition took in a turn, and the peak memory."""

    def __init__(self, repetitions, line):
        seconds, cpu, peak = line.split()
        self.seconds = float(seconds) / repetitions
        self.cpu = float(cpu) / repetitions
        self.peak_kib = int(peak)


class Contestant:
    """A program that repeats its work on request (contestant.h).

    A turn has `at_least` repetitions, which are one for each of the program's threads.
    """

    def __init__(self, *command, prints_token=False, at_least=1):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, env=ENVIRONMENT)
        self.token = self.line().strip() if prints_token else None
        self.at_least = self.repetitions = at_least

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("failed: " + " ".join(self.command))
        return line

    def turn(self, repetitions=None):
        repetitions = repetitions or self.repetitions
        self.process.stdin.write("%d\n" % repetitions)
        self.process.stdin.flush()
        return Turn(repetitions, self.line())

    def warm_up(self, seconds):
        """Determines how many repetitions take `seconds`."""
        self.turn(1)  # connects
        elapsed = self.turn().seconds * self.repetitions
        while elapsed < seconds / 4:
            self.repetitions *= 16 if elapsed < seconds / 64 else 2
            elapsed = self.turn().seconds * self.repetitions
        self.repetitions = max(self.at_least, round(seconds / elapsed * self.repetitions))

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit("failed: " + " ".join(self.command))


def race(contestants, rounds=ROUNDS, turn_seconds=TURN_SECONDS):
    """Runs the contestants in turns, A B C A B C...; returns their turns by name."""
    for contestant in contestants.values():
        contestant.warm_up(turn_seconds)
    turns = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            turns[name].append(contestant.turn())
    for contestant in contestants.values():
        contestant.end()
    return turns


def race_once(contestants, rounds):
    """Like race(), for work that takes a whole turn: one repetition per turn, no warm-up."""
    turns = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            turns[name].append(contestant.turn(1))
    for contestant in contestants.values():
        contestant.end()
    return turns


def median(turns, field="seconds"):
    return statistics.median(getattr(turn, field) for turn in turns)


def ratio(turns, other, field="seconds"):
    """Returns how many times as much `other` took, as the median over the rounds."""
    pairs = zip(turns, other)
    return statistics.median(getattr(b, field) / getattr(a, field) for a, b in pairs)


def by_request(turns, ours="uservoice"):
    """Compares requests by the clock (times as many per second) and by CPU time (times as much)."""
    return {
        "rates": {name: 1 / median(turns[name]) for name in turns},
        "ratios": {name: ratio(turns[ours], turns[name]) for name in turns},
        "cpu_us": {name: median(turns[name], "cpu") * 1e6 for name in turns},
        "cpu_ratios": {name: 1 / ratio(turns[ours], turns[name], "cpu") for name in turns},
    }


def by_list(turns):
    """Compares how long a whole list takes."""
    return {
        "seconds": {name: median(turns[name]) for name in turns},
        "ratios": {name: ratio(turns["uservoice"], turns[name]) for name in turns},
    }


def report_progress(message):
    print("  " + message, file=sys.stderr, flush=True)
