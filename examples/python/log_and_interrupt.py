"""Counts the suggestions, and logs each request. Ctrl-C ends a request at once."""
import logging
import sys

import environment
import uservoice


def main():
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("uservoice").setLevel(logging.DEBUG)  # WARNING: only failed attempts
    count = 0
    try:
        with environment.client() as client:
            for _ in client.get_collection("/api/v1/suggestions"):
                count += 1
    except KeyboardInterrupt:
        print(f"Interrupted after {count} suggestions", file=sys.stderr)
        sys.exit(130)
    print(count, "suggestions")


if __name__ == "__main__":
    try:
        main()
    except uservoice.APIError as error:
        sys.exit(str(error))
