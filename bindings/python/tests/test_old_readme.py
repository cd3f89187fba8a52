"""The programs of the old module's README, in Python 3 syntax, against the sandbox.

They name a site by its subdomain alone, so the sandbox stands in for uservoice.com, and
a dict for the Django models of the last one.
"""
import contextlib
import functools
import io
import re
import types
import unittest
import urllib.parse
from pathlib import Path
from unittest import mock

import sandbox
import uservoice

PROGRAMS = Path(__file__).parent / "old_readme"


class Records:
    """As much of Django's manager as the program uses."""

    def __init__(self, **first):
        self.kept = types.SimpleNamespace(**first)

    def create(self, **fields):
        self.kept = types.SimpleNamespace(**fields)

    def get(self, **_):
        return self.kept


class OldReadme(unittest.TestCase):
    def run_program(self, name, **more):
        """What the program prints, and the names that it leaves."""
        names = {"USERVOICE_SUBDOMAIN": "sandbox", "SSO_KEY": sandbox.SSO_KEY,
                 "API_KEY": sandbox.KEY, "API_SECRET": sandbox.SECRET, **more}
        here = functools.partial(uservoice.Client, base_url=sandbox.URL)
        sandbox.reset()
        printed = more.get("printed") or io.StringIO()
        with mock.patch("uservoice.Client", here), contextlib.redirect_stdout(printed):
            exec(compile((PROGRAMS / name).read_text(encoding="utf-8"), name, "exec"), names)
        return printed.getvalue(), names

    def test_sso(self):
        printed, _ = self.run_program("sso.py")
        token = re.fullmatch(r"https://sandbox\.uservoice\.com/\?sso=(\S+)\n", printed).group(1)
        self.assertIn("mailaddress@example.com", sandbox.fetch("/?sso=" + token))

    def test_calls(self):
        lines = self.run_program("calls.py")[0].splitlines()
        self.assertEqual(lines[0], 'Subdomain "sandbox" has 250 users')
        self.assertEqual(len(lines), 1 + 250 + 2)
        self.assertRegex(lines[-2], '^User: "mailaddress.*", Profile URL: http')
        self.assertRegex(lines[-1], '^Forum "Python Client Private Feedback" created! URL: http')

    def test_three_legged(self):
        printed = io.StringIO()

        def person():
            url = re.search(r"Go to (\S+) and", printed.getvalue()).group(1)
            token = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["oauth_token"][0]
            back = sandbox.redirect_of("/oauth/authorize", {
                "oauth_token": token, "decision": "allow", "email": "user3@sandbox.example"})
            self.assertTrue(back.startswith("http://localhost:3000/?"), back)
            return urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["oauth_verifier"][0]

        user_model = types.SimpleNamespace(objects=Records(access_tokens=Records()))
        _, names = self.run_program("three_legged.py", printed=printed, input=person,
                                    User=user_model)
        self.assertRegex(printed.getvalue(), "logged in, Name: .*, email: user3@sandbox.example")
        again = names["access_token"].get("/api/v1/users/current")["user"]
        self.assertEqual(again["email"], "user3@sandbox.example")


if __name__ == "__main__":
    unittest.main()
