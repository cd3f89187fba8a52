"""Sends GET requests with PyPI's uservoice 0.0.25. Usage: get_python.py BASE-URL PATH"""
import sys

from contestant import contest
from old_client import user_client

user = user_client(sys.argv[1])
contest(lambda: user.get(sys.argv[2])["suggestion"])
