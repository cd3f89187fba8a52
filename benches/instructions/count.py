"""Counts the instructions of frequent operations in the release build, with valgrind. Unlike times,
the counts are the same in every run.

Usage: count.py check|record LIBRARY-DIRECTORY

`check` fails if a count exceeds the one in counts.txt by more than 10 %. If the counts cannot be compared,
for example because of another compiler version, it only prints them.
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
REPETITIONS = int(re.search(r"#define REPETITIONS (\d+)", (HERE / "count.c").read_text()).group(1))

HEADING = """\
# Instructions per operation, written by `make instructions`. They are compared only if the following
# lines match the machine.
"""


class Handler(socketserver.StreamRequestHandler):
    """Sends each response in one piece, so that the number of reads is the same in every run."""

    users = (HERE.parent / "page.json").read_bytes()
    # About 2 KB.
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


def output(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def conditions():
    """Returns everything besides the source that influences the counts."""
    flags = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    cpu_features = [flag for flag in ("avx2", "aes") if flags and flag in flags.group(1).split()]
    return [output("rustc", "--version"), output("valgrind", "--version"),
            os.confstr("CS_GNU_LIBC_VERSION"), " ".join([platform.machine()] + cpu_features)]


def count(library):
    """Runs count.c and returns the instructions per repetition of each benchmark."""
    with tempfile.TemporaryDirectory() as work, Server(("127.0.0.1", 0), Handler) as server:
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
                counts[name.group(1)] = int(total.group(1)) // REPETITIONS
        return counts


def measure(library):
    counts = count(library)
    return {
        "single sign-on token": counts["sso"],
        "GET of 2 KB, signed": counts["signed_get"],
        "signature of a GET": counts["signed_get"] - counts["unsigned_get"],
        "page of 100 records, each read": counts["page"],
    }


def record(library):
    lines = conditions() + [""] + ["%9d  %s" % (instructions, name)
                                   for name, instructions in measure(library).items()]
    COUNTS.write_text(HEADING + "\n".join(lines) + "\n")
    print(COUNTS.read_text(), end="")


def check(library):
    recorded_conditions, recorded_counts = COUNTS.read_text().removeprefix(HEADING).split("\n\n")
    recorded = {}
    for line in recorded_counts.strip().splitlines():
        instructions, name = line.strip().split("  ", 1)
        recorded[name] = int(instructions)
    comparable = recorded_conditions.splitlines() == conditions()
    worse, better = [], []
    for name, instructions in measure(library).items():
        change = instructions / recorded[name] - 1
        print("%9d  %s, recorded %d (%+.1f %%)" % (instructions, name, recorded[name], 100 * change))
        if change > TOLERANCE:
            worse.append(name)
        elif change < -TOLERANCE:
            better.append(name)
    if not comparable:
        print("instructions: not compared, because they were recorded with\n  %s\nand this machine has\n  %s" % (
            ", ".join(recorded_conditions.splitlines()), ", ".join(conditions())))
    elif worse:
        sys.exit("instructions: more than %d %% above the recorded count: %s. If that is justified, run "
                 "`make instructions`" % (100 * TOLERANCE, ", ".join(worse)))
    elif better:
        print("instructions: fewer than recorded, run `make instructions`: " + ", ".join(better))
    else:
        print("instructions: all within %d %% of the recorded counts" % (100 * TOLERANCE))


if __name__ == "__main__":
    {"check": check, "record": record}[sys.argv[1]](pathlib.Path(sys.argv[2]).resolve())
