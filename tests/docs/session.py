"""Runs the commands of a terminal session and prints the session as it is now. Commands are the lines that begin with
"$ "; standard output is a terminal, except for commands in front of a pipe.

Usage: session.py FILE
"""
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path


def read_all(terminal):
    """Returns what is written to a terminal until it is closed."""
    chunks = []
    try:
        while chunk := os.read(terminal, 65536):
            chunks.append(chunk)
    except OSError:  # EIO: closed
        pass
    return b"".join(chunks).decode().replace("\r\n", "\n")


def run(command):
    """Returns what a command prints: standard output, then standard error."""
    terminal, output = pty.openpty()
    process = subprocess.Popen(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=output,
                               stderr=subprocess.PIPE, text=True)
    os.close(output)
    shown = []
    reader = threading.Thread(target=lambda: shown.append(read_all(terminal)))
    reader.start()
    errors = process.stderr.read()
    process.wait()
    reader.join()
    os.close(terminal)
    return shown[0] + errors


for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    if line.startswith("$ "):
        print(line, flush=True)
        print(run(line[2:]), end="", flush=True)
