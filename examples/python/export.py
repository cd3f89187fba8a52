"""Writes lists of a site into files of a directory: JSON Lines, or CSV.

    export.py --to DIRECTORY [--since MOMENT] [--format csv] LIST...

    export.py --to backup suggestions users
    export.py --to backup --since 2026-01-31 --format csv suggestions
    export.py --to old "/api/v1/suggestions?sort=oldest"

A LIST is a name of the Admin API, or the path of a list of either API; all are of one.
They are read as the owner of the site, which needs a trusted API key.

Interrupted, killed or stopped by an error, the same command goes on where it was. After
one that came to its end, it appends what has changed since.

Exit status: 0 all was written, 1 any other error, 2 wrong usage, 3 not authorized, 4 no
such list, 5 rate limit, 6 the service failed, 7 the service was not reached, 8 a file
cannot be written or used, 130 interrupted.
"""
import argparse
import sys
from urllib.parse import urlsplit

import environment
import uservoice

# The first that fits.
EXIT_STATUS = [
    (uservoice.InvalidArgument, 2),
    (uservoice.Unauthorized, 3),
    (uservoice.NotFound, 4),
    (uservoice.RateLimitExceeded, 5),
    ((uservoice.TransportError, uservoice.Timeout), 7),
    (uservoice.FileError, 8),
    ((uservoice.Cancelled, uservoice.InternalError), 1),
    (uservoice.APIError, 6),
]
BAR = 30


class Bar:
    """The progress on a terminal, in one line that is written over and over:

    [############------------------]  41 %  82000 of 200000, 2100/s, 56s left
    """

    def __init__(self):
        self.shown = False

    def show(self, progress):
        if sys.stderr.isatty():
            self.shown = True
            print("\r\x1b[K" + line(progress), end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shown:
            print(file=sys.stderr)


def line(progress):
    rate = f"{progress.records_per_second:.0f}/s"
    if not progress.total:
        return f"{progress.written} records, {rate}"
    part = min(progress.written / progress.total, 1)
    done = int(part * BAR)
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f}s left"
    return (f"[{'#' * done}{'-' * (BAR - done)}] {int(part * 100):3} %  "
            f"{progress.written} of {progress.total}, {rate}{left}")


def resource(name):
    """A list that is given by its path is called as the path ends."""
    if not name.startswith("/"):
        return name
    return {"name": urlsplit(name).path.rpartition("/")[2], "path": name}


def owner(of_api_v1):
    client = environment.client()
    return client.login_as_owner() if of_api_v1 else client.login_with_client_credentials()


def run(arguments, of_api_v1):
    bar, written = Bar(), 0
    try:
        export = owner(of_api_v1).export(
            arguments.to, [resource(name) for name in arguments.lists],
            since=arguments.since, format=arguments.format)
        for progress in export:
            written = progress.written
            bar.show(progress)
    except BaseException:
        bar.end()
        print(f"Stopped after {written} records; the same command goes on there.",
              file=sys.stderr)
        raise
    bar.end()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", metavar="DIRECTORY", required=True)
    parser.add_argument("--since", metavar="MOMENT")
    parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    parser.add_argument("lists", metavar="LIST", nargs="+")
    arguments = parser.parse_args()
    of_api_v1 = {name.startswith("/api/v1/") for name in arguments.lists}
    if len(of_api_v1) > 1:
        parser.error("lists of both APIs, which are logged in to in different ways, "
                     "need an export each")
    try:
        run(arguments, of_api_v1.pop())
    except KeyboardInterrupt:
        sys.exit(130)
    except uservoice.APIError as error:
        print(f"{error} ({type(error).__name__})", file=sys.stderr)
        sys.exit(next(status for kind, status in EXIT_STATUS if isinstance(error, kind)))


if __name__ == "__main__":
    main()
