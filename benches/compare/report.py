"""Makes a table and a picture of what compare.py found, and prints the table.

Usage: report.py FOUND.JSON PAGE PICTURE; PAGE is a Markdown file whose part between the two marks
is written anew, PICTURE the SVG beside it.
"""
import json
import pathlib
import sys

import chart

BEGIN = "<!-- written by make bench -->"
END = "<!-- until here -->"


class Row:
    """One goal: `value` is to be at least, or at most, `goal`."""

    def __init__(self, work, ours, theirs, value, comparison, goal, show="%.2f ×"):
        self.work, self.ours, self.theirs = work, ours, theirs
        self.value, self.comparison, self.goal, self.show = value, comparison, goal, show

    @property
    def met(self):
        # What is shown decides: 0.996 reads as 1.00.
        value = float((self.show % self.value).split()[0])
        return value >= self.goal if self.comparison == "≥" else value <= self.goal

    def cells(self):
        goal = "%s %s" % (self.comparison, self.show % self.goal)
        value = self.show % self.value
        met = "met" if self.met else "not met"
        if not self.theirs:
            return [self.work, value, "", "", goal, met]
        return [self.work, self.ours, self.theirs, value, goal, met]


def per_second(rate):
    return "%s/s" % format(round(rate), ",")


def mib(kib):
    return "%.1f MiB" % (kib / 1024)


def rate_row(work, found, name, title, goal):
    return Row(work, per_second(found["rates"]["uservoice"]),
               "%s: %s" % (title, per_second(found["rates"][name])), found["ratios"][name], "≥", goal)


def rows(found):
    sso, signing = found["single_sign_on"], found["signing"]
    plain, tls = found["plain"], found["tls"]
    threads, first = found["threads"], found["first_use"]
    slow, nothing_ahead = found["lists"]["slow"], found["lists"]["plain"]
    peak = slow["peak_kib"]
    python = "the Python client"

    def seconds_row(work, measured, name, title, goal):
        seconds = measured["seconds"]
        return Row(work, "%.2f s" % seconds["uservoice"], "%s: %.2f s" % (title, seconds[name]),
                   measured["ratio"], "≥", goal)

    return [
        rate_row("single sign-on token", sso, "libcrypto", "C with libcrypto", 1.0),
        rate_row("signing a GET with 3 parameters", signing, "oauth1-request", "oauth1-request", 1.2),
        rate_row("signing a GET with 3 parameters", signing, "liboauth", "liboauth", 20),
        rate_row("GET of 2 KB, http", plain, "libcurl", "libcurl", 1.1),
        Row("GET of 2 KB, http, CPU a call", "%.1f µs" % plain["cpu_us"]["uservoice"],
            "libcurl: %.1f µs" % plain["cpu_us"]["libcurl"], plain["cpu_ratio"], "≤", 1.0),
        rate_row("GET of 2 KB, TLS", tls, "libcurl", "libcurl", 1.0),
        rate_row("GET of 2 KB, http", plain, "python", python, 8),
        rate_row("GET of 2 KB, TLS", tls, "python", python, 20),
        seconds_row("50,000 records, 20 ms a page, 8 pages ahead", slow, "python", python, 8),
        seconds_row("50,000 records, no latency, nothing ahead", nothing_ahead, "session",
                    "requests.Session", 3),
        Row("peak memory, 50,000 records", mib(peak["uservoice"]),
            "%s: %s" % (python, mib(peak["python"])), peak["uservoice"] / peak["python"], "≤", 0.25),
        Row("peak memory, 500,000 records", mib(peak["many"]),
            "50,000: %s" % mib(peak["uservoice"]), peak["many"] / peak["uservoice"], "≤", 1.2),
        Row("GET of 2 KB, http, 16 threads on one client", per_second(threads["rates"]["16"]),
            "1 thread: %s" % per_second(threads["rates"]["1"]), threads["ratio"], "≥", 1.6),
        Row("uservoice_client_new, once warm", "", "", first["us"]["new_warm"], "≤", 20, "%.1f µs"),
        Row("reads of the authorities by uservoice_client_new", "", "",
            max(opened[0] for opened in first["opened"]), "≤", 0, "%d"),
        Row("reads of the authorities by two clients' calls over TLS", "", "",
            max(opened[2] for opened in first["opened"]), "≤", 1, "%d"),
        Row("shared library, stripped", "", "", first["bytes"] / 2**20, "≤", 3, "%.2f MiB"),
        Row("dlopen", "", "", first["load_us"] / 1000, "≤", 5, "%.2f ms"),
    ]


def information(found):
    """What has no goal."""
    rates, ratios = found["single_sign_on"]["rates"], found["single_sign_on"]["ratios"]
    cpu = found["tls"]["cpu_us"]
    first = found["first_use"]["us"]
    return [
        "Single sign-on tokens by Ruby with its OpenSSL: %s (%.1f × as many here), by the Python client: "
        "%s (%.0f ×)." % (per_second(rates["ruby"]), ratios["ruby"], per_second(rates["python"]),
                          ratios["python"]),
        "CPU a call over TLS: %.1f µs, libcurl %.1f µs." % (cpu["uservoice"], cpu["libcurl"]),
        "The first uservoice_client_new of a process: %.0f µs. The first call over TLS, which reads the "
        "authorities: %.1f ms; another client's first: %.1f ms." % (
            first["new_first"], first["tls_first"] / 1000, first["tls_again"] / 1000),
    ]


HEADINGS = ["work", "libuservoice", "against", "ratio", "goal", ""]


def plain_table(rows):
    lines = [HEADINGS] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in lines)


def markdown(found, rows, picture):
    table = "\n".join("| %s |" % " | ".join(line) for line in
                      [HEADINGS, ["---"] * len(HEADINGS)] + [row.cells() for row in rows])
    machine = "\n".join("| %s | %s |" % pair for pair in found["machine"].items())
    notes = "\n".join("- " + line for line in information(found))
    return "\n\n".join([
        "![Each ratio beside its goal, as bars](%s)" % picture.name,
        table, notes,
        "The machine, and the versions of all that took part:",
        "| | |\n|---|---|\n" + machine,
    ])


def main(found_file, page_file, picture_file):
    found = json.loads(pathlib.Path(found_file).read_text())
    page, picture = pathlib.Path(page_file), pathlib.Path(picture_file)
    all_rows = rows(found)
    picture.write_text(chart.svg(all_rows))
    before, rest = page.read_text().split(BEGIN)
    after = rest.split(END)[1]
    written = markdown(found, all_rows, picture)
    page.write_text("%s%s\n\n%s\n\n%s%s" % (before, BEGIN, written, END, after))

    print(plain_table(all_rows))
    print()
    for line in information(found):
        print(line)
    print()
    for pair in found["machine"].items():
        print("%-14s %s" % pair)
    missed = sum(not row.met for row in all_rows)
    print("\n%d goals of %d met" % (len(all_rows) - missed, len(all_rows)))
    if found["quick"]:
        print("A quick run: whether all works, not how quick it is")


if __name__ == "__main__":
    main(*sys.argv[1:])
