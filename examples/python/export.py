"""Exports lists of a site into the files of a directory, as JSON Lines or CSV.

    export.py --to DIRECTORY [--since TIME] [--format csv] LIST...

    export.py --to backup suggestions users
    export.py --to backup --since 2026-01-31 --format csv suggestions
    export.py --to old "/api/v1/suggestions?sort=oldest"

A LIST is the name of an Admin API list or the path of a list of either API; all lists must
be of the same API. They are read as the owner of the site, which requires a trusted API
key.

If the export was interrupted, killed or ended by an error, the same command resumes it. If
it was completed, the same command appends what has changed since.

Exit status: 0 success, 1 other error, 2 invalid usage, 3 unauthorized, 4 list not found,
5 rate limited, 6 service error, 7 service unreachable, 8 file error, 130 interrupted.
"""
import argparse
import sys
from urllib.parse import urlsplit

import environment
import uservoice

# The first match counts.
EXIT_STATUS = [
    (ValueError, 2),
    (uservoice.Unauthorized, 3),
    (uservoice.NotFound, 4),
    (uservoice.RateLimitExceeded, 5),
    ((uservoice.TransportError, uservoice.Timeout), 7),
    (uservoice.FileError, 8),
    ((uservoice.Cancelled, uservoice.InternalError), 1),
    (uservoice.APIError, 6),
]


class ProgressBar:
    """Shows the progress in one line of a terminal:

    [############------------------]  41 %  82000 of 200000, 2100/s, 56s left
    """

    WIDTH = 30

    def __init__(self):
        self.shown = False

    def update(self, progress):
        if sys.stderr.isatty():
            self.shown = True
            print("\r\x1b[K" + self.line(progress), end="", file=sys.stderr, flush=True)

    def finish(self):
        if self.shown:
            print(file=sys.stderr)

    def line(self, progress):
        rate = f"{progress.records_per_second:.0f}/s"
        if not progress.total:
            return f"{progress.written} records, {rate}"
        fraction = min(progress.written / progress.total, 1)
        bar = ("#" * int(fraction * self.WIDTH)).ljust(self.WIDTH, "-")
        left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f}s left"
        return (f"[{bar}] {int(fraction * 100):3} %  "
                f"{progress.written} of {progress.total}, {rate}{left}")


def resource(name):
    """Returns a list for Client.export(). A path is named after its last segment."""
    if not name.startswith("/"):
        return name
    return {"name": urlsplit(name).path.rpartition("/")[2], "path": name}


def log_in_owner(is_api_v1):
    client = environment.client()
    return client.login_as_owner() if is_api_v1 else client.login_with_client_credentials()


def run(arguments, is_api_v1):
    bar, written = ProgressBar(), 0
    try:
        export = log_in_owner(is_api_v1).export(
            arguments.to, [resource(name) for name in arguments.lists],
            since=arguments.since, format=arguments.format)
        for progress in export:
            written = progress.written
            bar.update(progress)
    except ValueError:  # an argument is invalid
        raise
    except BaseException:
        bar.finish()
        print(f"Stopped after {written} records; the same command resumes the export.",
              file=sys.stderr)
        raise
    bar.finish()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", metavar="DIRECTORY", required=True)
    parser.add_argument("--since", metavar="TIME")
    parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    parser.add_argument("lists", metavar="LIST", nargs="+")
    arguments = parser.parse_args()
    is_api_v1 = {name.startswith("/api/v1/") for name in arguments.lists}
    if len(is_api_v1) > 1:
        parser.error("lists of API v1 and of the Admin API cannot be exported together")
    try:
        run(arguments, is_api_v1.pop())
    except KeyboardInterrupt:
        sys.exit(130)
    except (uservoice.APIError, ValueError) as error:
        print(f"{error} ({type(error).__name__})", file=sys.stderr)
        sys.exit(next(status for classes, status in EXIT_STATUS if isinstance(error, classes)))


if __name__ == "__main__":
    main()
