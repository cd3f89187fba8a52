"""Prints the users of the site as CSV."""
import csv
import sys

import environment
import uservoice


def main():
    writer = csv.DictWriter(sys.stdout, ["id", "name", "email"], extrasaction="ignore",
                            lineterminator="\n")
    writer.writeheader()
    with environment.client() as client:
        # The collection loads its pages while they are read.
        writer.writerows(client.get_collection("/api/v1/users"))


if __name__ == "__main__":
    try:
        main()
    except uservoice.APIError as error:
        sys.exit(str(error))
