"""Sends GET requests. Usage: get.py CLIENT BASE-URL PATH [thread]

CLIENT is a name of clients.py. With "thread", the requests are sent by a thread other than the main one, in which
Python runs no signal handlers.
"""
import sys
from concurrent.futures import ThreadPoolExecutor

from clients import CLIENTS
from contestant import contest

name, base_url, path, *thread = sys.argv[1:]
client = CLIENTS[name](base_url)


def run():
    contest(lambda: client.get(path)["suggestion"])


if thread:
    with ThreadPoolExecutor(1) as executor:
        executor.submit(run).result()
else:
    run()
