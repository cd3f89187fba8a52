"""Runs an example of the documentation against the sandbox, clicks "Allow" where it shows a
login's page and types what the page answers, and compares what the example prints.

Usage: play.py EXPECTED COMMAND [ARGUMENT...], with USERVOICE_BASE_URL set. In the file
EXPECTED "…" stands for any text within a line.
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
PATIENCE = 120  # seconds, after which what does not come is taken for never coming


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)


def post(path, fields):
    """The answer's body, and where it redirects to."""
    try:
        answer = OPENER.open(SANDBOX + path, urlencode(fields).encode(), timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code not in (302, 303):
            raise
        answer = error
    with answer:
        return answer.read().decode(), answer.headers["Location"] or ""


def allow(oauth_token):
    """The verifier, from the page or from where the page leads to."""
    page, back = post("/oauth/authorize", {"oauth_token": oauth_token, "decision": "allow",
                                           "email": "user1@sandbox.example"})
    shown = re.search(r'<code id="verifier">([^<]*)</code>', page)
    return [shown[1] if shown else parse_qs(urlsplit(back).query)["oauth_verifier"][0]]


def sign_in(url):
    """The code and the state that come back."""
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    _, back = post("/api/v2/oauth/auth", {
        **asked, "decision": "allow", "email": "owner@sandbox.example",
        "password": "sandbox-password"})
    query = parse_qs(urlsplit(back).query)
    return [query["code"][0], query["state"][0]]


def answers_to(line):
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
        for answer in answers_to(line):
            program.stdin.write(answer + "\n")
            program.stdin.flush()
    program.stdin.close()
    return lines, program.wait(PATIENCE)


def is_like(line, expected):
    return re.fullmatch(re.escape(expected).replace("…", ".*"), line) is not None


def main(expected_file, *command):
    post("/_sandbox/reset", {})
    lines, status = play(command)
    expected = Path(expected_file).read_text(encoding="utf-8").splitlines()
    same = len(lines) == len(expected) and all(map(is_like, lines, expected))
    if same and status == 0:
        return 0
    for number, line in enumerate(lines):
        wanted = expected[number] if number < len(expected) else None
        mark = " " if wanted is not None and is_like(line, wanted) else ">"
        print(mark, line, file=sys.stderr)
    print(f"{' '.join(command)}: status {status}; its output (above; > marks the lines that "
          f"differ) is not that of {expected_file}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
