"""Reads a whole list with the collection of PyPI's uservoice 0.0.25.
Usage: list_python.py BASE-URL PATH RECORDS"""
import sys

from contestant import contest
from old_client import user_client

user = user_client(sys.argv[1])


def work():
    count = sum(1 for _ in user.get_collection(sys.argv[2]))
    if count != int(sys.argv[3]):
        sys.exit("unexpected length of the list: %d" % count)


contest(work)
