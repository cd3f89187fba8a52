"""GET calls by PyPI's uservoice 0.0.25. Usage: get_python.py BASE-URL PATH"""
import sys

from contestant import contest
from old_client import acting_for_a_user

user = acting_for_a_user(sys.argv[1])
contest(lambda: user.get(sys.argv[2])["suggestion"])
