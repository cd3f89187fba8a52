"""Runs an example program of the documentation against the sandbox and compares its output. When the program
prints the URL of a login page, allows access there and types the result.

Usage: play.py EXPECTED COMMAND [ARGUMENT...], with USERVOICE_BASE_URL set. In the file EXPECTED, "…" matches any
text within a line, and one line "⋮" any number of lines.
"""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from os import environ
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

SANDBOX = environ["USERVOICE_BASE_URL"]
TIMEOUT = 120  # seconds, generous for a busy machine


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects)


def post(path, fields):
    """Returns the body of the response, and the URL that it redirects to."""
    try:
        response = OPENER.open(SANDBOX + path, urlencode(fields).encode(), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code not in (302, 303):
            raise
        response = error
    with response:
        return response.read().decode(), response.headers["Location"] or ""


def allow(oauth_token):
    """Allows access; returns the verifier from the page or from the redirect to the callback."""
    page, location = post("/oauth/authorize", {"oauth_token": oauth_token, "decision": "allow",
                                           "email": "user1@sandbox.example"})
    verifier = re.search(r'<code id="verifier">([^<]*)</code>', page)
    return [verifier[1] if verifier else parse_qs(urlsplit(location).query)["oauth_verifier"][0]]


def sign_in(url):
    """Signs in; returns the code and the state from the redirect."""
    parameters = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    _, location = post("/api/v2/oauth/auth", {
        **parameters, "decision": "allow", "email": "owner@sandbox.example",
        "password": "sandbox-password"})
    query = parse_qs(urlsplit(location).query)
    return [query["code"][0], query["state"][0]]


def input_for(line):
    """Returns the lines to type after the program has printed `line`."""
    url = re.search(r"https?://\S+", line)
    if url and "/oauth/authorize?" in url[0]:
        return allow(parse_qs(urlsplit(url[0]).query)["oauth_token"][0])
    if url and "/api/v2/oauth/auth?" in url[0]:
        return sign_in(url[0])
    return []


def play(command):
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lines = []
    for line in program.stdout:
        lines.append(line.rstrip("\n"))
        for text in input_for(line):
            program.stdin.write(text + "\n")
            program.stdin.flush()
    program.stdin.close()
    return lines, program.wait(TIMEOUT)


def matches(line, expected):
    return re.fullmatch(re.escape(expected).replace("…", ".*"), line) is not None


def fill(expected, count):
    """Replaces the line "⋮" by as many lines of any text as make `count` lines."""
    if "⋮" not in expected:
        return expected
    position = expected.index("⋮")
    before, after = expected[:position], expected[position + 1:]
    return before + ["…"] * (count - len(before) - len(after)) + after


def main(expected_file, *command):
    post("/_sandbox/reset", {})
    lines, status = play(command)
    expected = fill(Path(expected_file).read_text(encoding="utf-8").splitlines(), len(lines))
    as_expected = len(lines) == len(expected) and all(map(matches, lines, expected))
    if as_expected and status == 0:
        return 0
    for number, line in enumerate(lines):
        expected_line = expected[number] if number < len(expected) else None
        mark = " " if expected_line is not None and matches(line, expected_line) else ">"
        print(mark, line, file=sys.stderr)
    print(f"{' '.join(command)}: exit status {status}; the output above differs from {expected_file} "
          f"in the lines marked with >", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
