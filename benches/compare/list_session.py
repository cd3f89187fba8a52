"""Reads a whole list without a client library, page by page over one requests.Session.
Usage: list_session.py BASE-URL PATH RECORDS"""
import sys

import requests
from contestant import contest

session = requests.Session()
session.headers["Accept"] = "application/json"


def records():
    page = 1
    while True:
        response = session.get(sys.argv[1] + sys.argv[2], params={"per_page": 100, "page": page})
        response.raise_for_status()
        body = response.json()
        yield from body["users"]
        if page * 100 >= body["response_data"]["total_records"]:
            return
        page += 1


def work():
    count = sum(1 for _ in records())
    if count != int(sys.argv[3]):
        sys.exit("unexpected length of the list: %d" % count)


contest(work)
