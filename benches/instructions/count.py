"""Counts the instructions of what the library does most, by valgrind, in the library as it is
released: unlike time, they are the same on every run.

Usage: count.py check|record LIBRARY-DIRECTORY

`check` fails when something takes over a tenth more than counts.txt records, or prints the counts
where they cannot be compared: another compiler makes other instructions of the same source.
"""
import json
import os
import pathlib
import platform
import re
import socketserver
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COUNTS = HERE / "counts.txt"
TOLERANCE = 0.10
TIMES = int(re.search(r"#define TIMES (\d+)", (HERE / "count.c").read_text()).group(1))

HEADING = """\
# Instructions that a piece of work takes, written by `make instructions`. They are compared where
# what follows is the same.
"""


class Site(socketserver.StreamRequestHandler):
    """Answers every request, each in one piece: more or fewer reads would be more or fewer
    instructions."""

    users = (HERE.parent / "page.json").read_bytes()
    # About 2 KB of the same.
    suggestions = json.dumps({"suggestions": json.loads(users)["users"][:5]}).encode()

    def handle(self):
        while request := self.rfile.readline():
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            body = self.users if b"/users" in request else self.suggestions
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def said(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def conditions():
    """What decides which instructions run, besides the source."""
    flags = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    chosen_by = [flag for flag in ("avx2", "aes") if flags and flag in flags.group(1).split()]
    return [said("rustc", "--version"), said("valgrind", "--version"),
            os.confstr("CS_GNU_LIBC_VERSION"), " ".join([platform.machine()] + chosen_by)]


def counted(library):
    """How many instructions each mark of count.c counts, by its name."""
    with tempfile.TemporaryDirectory() as work, Server(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        program = work + "/count"
        subprocess.run(["gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", HERE / "count.c",
                        "-I", ROOT / "include", "-o", program, "-L", library,
                        "-Wl,-rpath," + str(library), "-luservoice"], check=True)
        valgrind = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no",
             "--callgrind-out-file=%s/out" % work, program,
             "http://127.0.0.1:%d" % server.server_address[1]],
            stderr=subprocess.PIPE, text=True)
        if valgrind.returncode != 0:
            sys.exit(valgrind.stderr)
        server.shutdown()
        counts = {}
        for out in pathlib.Path(work).glob("out.*"):
            text = out.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (\w+)$", text, re.MULTILINE)
            total = re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)
            if name and total:
                counts[name.group(1)] = int(total.group(1)) // TIMES
        return counts


def measured(library):
    counts = counted(library)
    return {
        "single sign-on token": counts["sso"],
        "GET of 2 KB, signed": counts["signed_get"],
        "signing it": counts["signed_get"] - counts["unsigned_get"],
        "page of 100 records, each read": counts["page"],
    }


def record(library):
    lines = conditions() + [""] + ["%9d  %s" % (count, name)
                                   for name, count in measured(library).items()]
    COUNTS.write_text(HEADING + "\n".join(lines) + "\n")
    print(COUNTS.read_text(), end="")


def check(library):
    kept = COUNTS.read_text().removeprefix(HEADING)
    kept_conditions, kept_counts = kept.split("\n\n")
    recorded = {}
    for line in kept_counts.strip().splitlines():
        count, name = line.strip().split("  ", 1)
        recorded[name] = int(count)
    comparable = kept_conditions.splitlines() == conditions()
    worse, better = [], []
    for name, count in measured(library).items():
        change = count / recorded[name] - 1
        print("%9d  %s, recorded %d (%+.1f %%)" % (count, name, recorded[name], 100 * change))
        if change > TOLERANCE:
            worse.append(name)
        elif change < -TOLERANCE:
            better.append(name)
    if not comparable:
        print("instructions: not compared, since the record is of\n  %s\nand this is\n  %s" % (
            ", ".join(kept_conditions.splitlines()), ", ".join(conditions())))
    elif worse:
        sys.exit("instructions: more than %d %% over the record: %s. If that is worth it, `make "
                 "instructions` records them anew" % (100 * TOLERANCE, ", ".join(worse)))
    elif better:
        print("instructions: `make instructions` records what has become less: " + ", ".join(better))
    else:
        print("instructions: none more than %d %% over the record" % (100 * TOLERANCE))


if __name__ == "__main__":
    {"check": check, "record": record}[sys.argv[1]](pathlib.Path(sys.argv[2]).resolve())
