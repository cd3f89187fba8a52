"""Writes every record of a list, one line of JSON each.

    export.py [--as EMAIL | --owner] PATH [OUTPUT_FILE]
    export.py --admin [--since MOMENT] PATH [OUTPUT_FILE]

    export.py /api/v1/suggestions suggestions.jsonl
    export.py --admin --since 2026-01-31T00:00:00Z /api/v2/admin/suggestions new.jsonl

--admin reads lists of the Admin API as the owner, by the API key alone; --since only what
was changed after a moment.

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

    def __init__(self):
        self.shows = sys.stderr.isatty()

    def show(self, written, total):
        if self.shows:
            print(f"\r{written} of {total}", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shows:
            print(file=sys.stderr)


class OutputFile:
    """A file that grows by whole pages, and a state file that says which."""

    def __init__(self, name, export):
        self.state_name = name + ".state"
        self.export = export  # the list and whom it is read for
        self.pages = self.records = 0
        self.cursor = None  # of the next page, in a list that is read by cursor
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
        self.cursor = state["cursor"]
        return state["bytes"]

    def write(self, lines, count, cursor):
        self.file.write(lines)
        self.file.flush()
        os.fsync(self.file.fileno())
        self.pages += 1
        self.records += count
        self.cursor = cursor
        # Another name first: the state file is always a whole one.
        with open(self.state_name + ".new", "w", encoding="utf-8") as file:
            json.dump({"export": self.export, "pages": self.pages, "records": self.records,
                       "cursor": self.cursor, "bytes": self.file.tell()}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.state_name + ".new", self.state_name)

    def end(self):
        self.file.close()
        if os.path.exists(self.state_name):
            os.remove(self.state_name)


class StandardOutput:
    pages = records = 0
    cursor = None

    def write(self, lines, count, _):
        sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()
        self.records += count

    def end(self):
        pass


def export(records, output):
    progress = Progress()
    expected = 0
    try:
        for page in records.iter_pages():
            about = records.response_data
            expected = expected or about["total_records"]
            lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in page]
            output.write("".join(lines).encode(), len(lines), about.get("cursor"))
            progress.show(output.records, expected)
    finally:
        progress.end()
    if output.records < expected:
        print(f"The list became shorter while it was read: {output.records} of {expected} "
              "records.", file=sys.stderr)


def rest_of_list(client, arguments, output):
    """The records that are not in the output yet; None where all are."""
    if not arguments.admin:
        return client.get_collection(arguments.path, params={"page": output.pages + 1})
    if output.pages and output.cursor is None:
        return None
    # With no page loaded ahead, response_data is of the page that was read last.
    return client.with_options(prefetch_pages=0).get_collection(
        arguments.path, params={"cursor": output.cursor, "updated_after": arguments.since})


def logged_in(arguments):
    client = environment.client()
    if arguments.admin:
        return client.login_with_client_credentials()
    if arguments.owner:
        return client.login_as_owner()
    return client if arguments.email is None else client.login_as(arguments.email)


def run(arguments):
    client = logged_in(arguments)
    output = StandardOutput()
    if arguments.output is not None:
        whom = "owner" if arguments.owner or arguments.admin else arguments.email
        output = OutputFile(arguments.output, {"path": arguments.path, "as": whom,
                                               "since": arguments.since})
    if output.records:
        print(f"Going on after {output.records} records.", file=sys.stderr)
    try:
        records = rest_of_list(client, arguments, output)
        if records is not None:
            export(records, output)
        output.end()
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
    whom.add_argument("--admin", action="store_true")
    parser.add_argument("--since", metavar="MOMENT")
    parser.add_argument("path")
    parser.add_argument("output", nargs="?")
    arguments = parser.parse_args()
    url = urlsplit(arguments.path)
    if not arguments.path.startswith("/") or parse_qs(url.query).keys() & {"page", "cursor"}:
        parser.error("PATH is a whole list such as /api/v1/suggestions or /api/v1/users")
    if arguments.admin != url.path.startswith("/api/v2/"):
        parser.error("--admin is for the lists of the Admin API, such as /api/v2/admin/users")
    if arguments.since is not None and not arguments.admin:
        parser.error("--since needs --admin")
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
