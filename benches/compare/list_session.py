"""Reads a whole list as a good Python program does without a client library: one requests.Session,
whose connection is kept, page after page. Usage: list_session.py BASE-URL PATH RECORDS"""
import sys

import requests
from contestant import contest

session = requests.Session()
session.headers["Accept"] = "application/json"


def records():
    page = 1
    while True:
        answer = session.get(sys.argv[1] + sys.argv[2], params={"per_page": 100, "page": page})
        answer.raise_for_status()
        body = answer.json()
        yield from body["users"]
        if page * 100 >= body["response_data"]["total_records"]:
            return
        page += 1


def work():
    count = sum(1 for _ in records())
    if count != int(sys.argv[3]):
        sys.exit("the list has another length: %d" % count)


contest(work)
