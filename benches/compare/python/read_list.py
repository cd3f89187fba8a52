"""Reads a whole list, record by record. Usage: read_list.py CLIENT BASE-URL PATH RECORDS"""
import sys

from clients import CLIENTS
from contestant import contest

name, base_url, path, expected = sys.argv[1:]
client = CLIENTS[name](base_url)


def pages():
    number, total = 0, 1
    while number * 100 < total:
        number += 1
        body = client.get("%s?per_page=100&page=%d" % (path, number))
        total = body["response_data"]["total_records"]
        yield from body["users"]


def read():
    records = client.get_collection(path) if name == "uservoice" else pages()
    count = sum(1 for record in records if record["id"])
    if count != int(expected):
        sys.exit("unexpected length of the list: %d" % count)


contest(read)
