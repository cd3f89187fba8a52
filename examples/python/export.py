"""Writes every record of a list, one line of JSON each.

    export.py [--as EMAIL | --owner] PATH [OUTPUT_FILE]
    export.py /api/v1/suggestions suggestions.jsonl

With an OUTPUT_FILE it can be interrupted at any time: OUTPUT_FILE.state says which pages
are complete, and the same command goes on after the last of them. Without one it writes
to standard output. Exit status: 0 all was written, 1 an error, 2 wrong usage, 130
interrupted.
"""
import argparse
import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

import environment
import uservoice


class Progress:
    """How far the export is, on a terminal."""

    def __init__(self, total):
        self.total = total
        self.shows = sys.stderr.isatty()

    def show(self, written):
        if self.shows:
            print(f"\r{written} of {self.total}", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shows:
            print(file=sys.stderr)


class OutputFile:
    """A file that grows by whole pages, and a state file that says which."""

    def __init__(self, name, export):
        self.state_name = name + ".state"
        self.export = export  # the list and whom it is read for
        self.pages = self.records = 0
        size = self.resume()
        self.file = open(name, "r+b" if size else "wb")
        self.file.truncate(size)
        self.file.seek(size)

    def resume(self):
        """The size of the output that the state file stands for."""
        try:
            with open(self.state_name, encoding="utf-8") as file:
                state = json.load(file)
        except FileNotFoundError:
            return 0
        if state["export"] != self.export:
            raise ValueError(f"{self.state_name} is of another export: {state['export']}")
        self.pages, self.records = state["pages"], state["records"]
        return state["bytes"]

    def write(self, lines, count):
        self.file.write(lines)
        self.file.flush()
        os.fsync(self.file.fileno())
        self.pages += 1
        self.records += count
        # Another name first: the state file is always a whole one.
        with open(self.state_name + ".new", "w", encoding="utf-8") as file:
            json.dump({"export": self.export, "pages": self.pages, "records": self.records,
                       "bytes": self.file.tell()}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.state_name + ".new", self.state_name)

    def end(self):
        self.file.close()
        if os.path.exists(self.state_name):
            os.remove(self.state_name)


class StandardOutput:
    pages = records = 0

    def write(self, lines, count):
        sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()
        self.records += count

    def end(self):
        pass


def export(client, path, output):
    # A "page" is where a list begins; its length counts from there.
    records = client.get_collection(path, params={"page": output.pages + 1})
    progress = Progress(output.records + len(records))
    try:
        for page in records.iter_pages():
            lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in page]
            output.write("".join(lines).encode(), len(lines))
            progress.show(output.records)
    finally:
        progress.end()
    output.end()
    if output.records < progress.total:
        print(f"The list became shorter while it was read: {output.records} of {progress.total} "
              "records.", file=sys.stderr)


def run(arguments):
    client = environment.client()
    if arguments.owner:
        client = client.login_as_owner()
    elif arguments.email is not None:
        client = client.login_as(arguments.email)
    output = StandardOutput()
    if arguments.output is not None:
        whom = "owner" if arguments.owner else arguments.email
        output = OutputFile(arguments.output, {"path": arguments.path, "as": whom})
    if output.records:
        print(f"Going on after {output.records} records.", file=sys.stderr)
    try:
        export(client, arguments.path, output)
    except BaseException:
        if arguments.output is not None:
            print(f"Stopped after {output.records} records; the same command goes on there.",
                  file=sys.stderr)
        raise


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--as", dest="email")
    whom.add_argument("--owner", action="store_true")
    parser.add_argument("path")
    parser.add_argument("output", nargs="?")
    arguments = parser.parse_args()
    url = urlsplit(arguments.path)
    if not arguments.path.startswith("/") or "page" in parse_qs(url.query):
        parser.error("PATH is a whole list such as /api/v1/suggestions or /api/v1/users")
    try:
        run(arguments)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe may stop when it has seen enough; Python shall not try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (uservoice.APIError, ValueError, OSError) as error:
        sys.exit(f"The list cannot be exported: {error} ({type(error).__name__})")


if __name__ == "__main__":
    main()
