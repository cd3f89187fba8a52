"""Runs the lines of docs/reference/api in Python, see calls.py."""
import os

import uservoice


def check(call, result):
    if isinstance(result, uservoice.Collection):
        result = next(iter(result), None)
    if result is None:
        raise ValueError(f"{call}: nothing was read")


client = uservoice.Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                          base_url=os.environ["USERVOICE_BASE_URL"], prefetch_pages=0)
# [calls]
