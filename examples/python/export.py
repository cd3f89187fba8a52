"""Exports lists of the Admin API into files: export.py DIRECTORY LIST...

Interrupted, the same command resumes the export. Later it appends what has changed.
"""
import sys

import environment
import uservoice


def export(directory, lists):
    with environment.client() as client, client.login_with_client_credentials() as owner:
        for progress in owner.export(directory, lists):
            total = "?" if progress.total is None else progress.total
            print(f"{progress.written} of {total} records", end="\r", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        export(sys.argv[1], sys.argv[2:])
    except KeyboardInterrupt:
        print("\nInterrupted. The same command resumes the export.", file=sys.stderr)
        sys.exit(130)
    except uservoice.APIError as error:
        sys.exit(f"\n{error}\nThe same command resumes the export.")


if __name__ == "__main__":
    main()
