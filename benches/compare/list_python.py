"""Reads a whole list by the collection of PyPI's uservoice 0.0.25.
Usage: list_python.py BASE-URL PATH RECORDS"""
import sys

from contestant import contest
from old_client import acting_for_a_user

user = acting_for_a_user(sys.argv[1])


def work():
    count = sum(1 for _ in user.get_collection(sys.argv[2]))
    if count != int(sys.argv[3]):
        sys.exit("the list has another length: %d" % count)


contest(work)
