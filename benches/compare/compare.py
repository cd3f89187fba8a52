"""Measures the library beside others on this machine, in one go.

Usage: compare.py LIBRARY DIRECTORY INNER PYTHON; LIBRARY is the shared library, DIRECTORY has the
compiled contestants, INNER is the program of `cargo bench`, PYTHON has the old client. Writes
what it found to DIRECTORY/found.json, of which report.py makes a table and a picture.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

import machine
from nginx_site import MANY_RECORDS, RECORDS, SUGGESTION_BYTES, Site

HERE = pathlib.Path(__file__).resolve().parent
OLD_CLIENT = HERE.parent.parent / "tests/old-python-client"
QUICK = os.environ.get("BENCH_QUICK", "") not in ("", "0")
# How often each contestant has its turn, and for how long.
ROUNDS, TURN_SECONDS = (5, 0.1) if QUICK else (45, 0.2)
LIST_ROUNDS = 1 if QUICK else 3
SLOW_LIST_ROUNDS = 1 if QUICK else 3
FRESH_STARTS = 5 if QUICK else 25


class Turn:
    """What one turn took, for each time that the work was done."""

    def __init__(self, times, line):
        seconds, cpu, peak = line.split()
        self.seconds = float(seconds) / times
        self.cpu = float(cpu) / times
        self.peak_kib = int(peak)


class Contestant:
    """A program that does its work as many times as it is told (contestant.h)."""

    def __init__(self, *command, speaks_first=False):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, env=ENVIRONMENT)
        self.specimen = self.line().strip() if speaks_first else None
        self.times = 1

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("failed: " + " ".join(self.command))
        return line

    def turn(self, times=None):
        times = times or self.times
        self.process.stdin.write("%d\n" % times)
        self.process.stdin.flush()
        return Turn(times, self.line())

    def warm_up(self, seconds):
        """Finds how many times fill a turn of so many seconds."""
        self.turn(1)  # connects
        took = self.turn().seconds * self.times
        while took < seconds / 4:
            self.times *= 16 if took < seconds / 64 else 2
            took = self.turn().seconds * self.times
        self.times = max(1, round(seconds / took * self.times))

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit("failed: " + " ".join(self.command))


def race(contestants, rounds=ROUNDS, turn_seconds=TURN_SECONDS):
    """Turn by turn, A B C A B C...: what each took, by name."""
    for contestant in contestants.values():
        contestant.warm_up(turn_seconds)
    turns = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            turns[name].append(contestant.turn())
    for contestant in contestants.values():
        contestant.end()
    return turns


def once_each(contestants, rounds):
    """The same with work that fills a turn by itself."""
    turns = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            turns[name].append(contestant.turn(1))
    for contestant in contestants.values():
        contestant.end()
    return turns


def median(turns, what="seconds"):
    return statistics.median(getattr(turn, what) for turn in turns)


def ratio(turns, other, what="seconds"):
    """How many times as much `other` took: the median over the rounds."""
    pairs = zip(turns, other)
    return statistics.median(getattr(b, what) / getattr(a, what) for a, b in pairs)


def say(what):
    print("  " + what, file=sys.stderr, flush=True)


def single_sign_on(bin, python):
    say("single sign-on tokens")
    contestants = {
        "uservoice": Contestant(bin / "sso_uservoice", speaks_first=True),
        "libcrypto": Contestant(bin / "sso_libcrypto", speaks_first=True),
        "ruby": Contestant("ruby", HERE / "sso_ruby.rb", speaks_first=True),
        "python": Contestant(python, HERE / "sso_python.py", speaks_first=True),
    }
    for name, contestant in contestants.items():
        # All made a token of the same user, or else they did not do the same work.
        read = subprocess.run([bin / "sso_uservoice", contestant.specimen], check=True, text=True,
                              stdout=subprocess.PIPE, env=ENVIRONMENT)
        user = json.loads(read.stdout)
        if user.pop("expires", None) is None or user != {
                "guid": 1000000, "display_name": "User Name", "email": "mailaddress@example.com"}:
            raise SystemExit("%s made a token of %s" % (name, read.stdout))
    return by_cpu(race(contestants))


def by_cpu(turns):
    """What waits for nothing is compared by the CPU time that it takes."""
    return {
        "rates": {name: 1 / median(turns[name], "cpu") for name in turns},
        "ratios": {name: ratio(turns["uservoice"], turns[name], "cpu") for name in turns},
    }


def signing(bin, inner):
    say("signing")
    url = "https://acme.uservoice.com/api/v1/suggestions?filter=public&page=1&per_page=100"
    return by_cpu(race({
        "uservoice": Contestant(inner, "--contest", "uservoice"),
        "oauth1-request": Contestant(inner, "--contest", "oauth1-request"),
        "liboauth": Contestant(bin / "sign_liboauth", url),
    }))


def calls(bin, python, site, url, more_for_ours, more_for_libcurl):
    say("GET calls to %s" % url)
    turns = race({
        "uservoice": Contestant(bin / "get_uservoice", url, site.path, SUGGESTION_BYTES, 1,
                                more_for_ours),
        "libcurl": Contestant(bin / "get_libcurl", url, site.path, SUGGESTION_BYTES,
                              *more_for_libcurl),
        "python": Contestant(python, HERE / "get_python.py", url, site.path),
    })
    ours = turns["uservoice"]
    return {
        "rates": {name: 1 / median(turns[name]) for name in turns},
        "ratios": {name: ratio(ours, turns[name]) for name in turns},
        "cpu_us": {name: median(turns[name], "cpu") * 1e6 for name in turns},
        "cpu_ratio": 1 / ratio(ours, turns["libcurl"], "cpu"),
    }


def threads(bin, site):
    say("threads")
    arguments = [site.plain, site.path, SUGGESTION_BYTES]
    turns = race({
        "16": Contestant(bin / "get_uservoice", *arguments, 16),
        "1": Contestant(bin / "get_uservoice", *arguments, 1),
    })
    return {
        "rates": {name: 1 / median(turns[name]) for name in turns},
        "ratio": ratio(turns["16"], turns["1"]),
    }


def lists(bin, python, site):
    say("lists, 20 ms a page")
    ours = [bin / "list_uservoice", site.slow, site.list_path, RECORDS, 8]
    turns = once_each({
        "uservoice": Contestant(*ours),
        "python": Contestant(python, HERE / "list_python.py", site.slow, site.list_path, RECORDS),
    }, SLOW_LIST_ROUNDS)
    slow = {
        "seconds": {name: median(turns[name]) for name in turns},
        "ratio": ratio(turns["uservoice"], turns["python"]),
        "peak_kib": {name: turns[name][0].peak_kib for name in turns},
    }
    say("lists, nothing ahead and no latency")
    turns = once_each({
        "uservoice": Contestant(bin / "list_uservoice", site.plain, site.list_path, RECORDS, 0),
        "session": Contestant(python, HERE / "list_session.py", site.plain, site.list_path,
                              RECORDS),
    }, LIST_ROUNDS)
    plain = {
        "seconds": {name: median(turns[name]) for name in turns},
        "ratio": ratio(turns["uservoice"], turns["session"]),
    }
    say("a list of %d records, 20 ms a page" % MANY_RECORDS)
    turns = once_each({
        "uservoice": Contestant(bin / "list_uservoice", site.slow, site.long_list_path,
                                MANY_RECORDS, 8),
    }, 1)
    slow["peak_kib"]["many"] = turns["uservoice"][0].peak_kib
    return {"slow": slow, "plain": plain}


def first_use(bin, library, site):
    say("first use")
    environment = ENVIRONMENT | {"SSL_CERT_FILE": str(site.authorities)}
    starts = []
    for _ in range(FRESH_STARTS):
        program = subprocess.run(
            [bin / "first_use", site.tls, site.path, site.authorities],
            check=True, text=True, stdout=subprocess.PIPE, env=environment)
        starts.append(json.loads(program.stdout))
    loads = []
    for _ in range(FRESH_STARTS):
        program = subprocess.run([bin / "load", library], check=True, text=True,
                                 stdout=subprocess.PIPE)
        loads.append(float(program.stdout))
    opened = {tuple(start["opened"]) for start in starts}
    return {
        "us": {key: statistics.median(start[key] for start in starts)
               for key in ("new_first", "new_warm", "tls_first", "tls_again")},
        # How often the authorities' file had been opened: after uservoice_client_new, after a
        # call over TLS, and after that of another client.
        "opened": sorted(opened),
        "load_us": statistics.median(loads),
        "bytes": os.path.getsize(library),
    }


def environment(site_directory):
    """Without settings for real sites and proxies."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith("USERVOICE_") and not key.lower().endswith("_proxy")}
    return kept | {
        "REQUESTS_CA_BUNDLE": str(site_directory / "authorities.pem"),
        "PYTHONPATH": "%s:%s" % (HERE, OLD_CLIENT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def main(library, bin, inner, python):
    global ENVIRONMENT
    bin = pathlib.Path(bin).resolve()
    site = Site(bin / "site")
    ENVIRONMENT = environment(site.directory)
    found = {"quick": QUICK, "machine": machine.description(python)}
    with site:
        found["single_sign_on"] = single_sign_on(bin, python)
        found["signing"] = signing(bin, inner)
        found["plain"] = calls(bin, python, site, site.plain, "", [])
        found["tls"] = calls(bin, python, site, site.tls, ',"ca_file":"%s"' % site.authorities,
                             [site.authorities])
        found["threads"] = threads(bin, site)
        found["lists"] = lists(bin, python, site)
        found["first_use"] = first_use(bin, library, site)
    (bin / "found.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
