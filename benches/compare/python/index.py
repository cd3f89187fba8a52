"""Reads the loaded records of a collection by index, in turn. Usage: index.py BASE-URL PATH"""
import itertools
import sys

from clients import uservoice
from contestant import contest

collection = uservoice(sys.argv[1]).get_collection(sys.argv[2])
indexes = itertools.cycle(range(100))
contest(lambda: collection[next(indexes)])
