"""Runs the programs of the old module's README, in Python 3 syntax, against the sandbox.

They name the site by its subdomain only, so the test passes the sandbox's URL to the
client. Simple objects replace the Django models of the last program.
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


class Manager:
    """A Django manager of one record."""

    def __init__(self, **fields):
        self.create(**fields)

    def create(self, **fields):
        self.record = types.SimpleNamespace(**fields)

    def get(self, **_):
        return self.record


class OldReadme(unittest.TestCase):
    def run_program(self, name, output=None, **variables):
        """Runs a program; returns its output and its global variables."""
        namespace = {"USERVOICE_SUBDOMAIN": "sandbox", "SSO_KEY": sandbox.SSO_KEY,
                     "API_KEY": sandbox.KEY, "API_SECRET": sandbox.SECRET, **variables}
        client = functools.partial(uservoice.Client, base_url=sandbox.URL)
        sandbox.reset()
        output = output or io.StringIO()
        with mock.patch("uservoice.Client", client), contextlib.redirect_stdout(output):
            exec(compile((PROGRAMS / name).read_text(encoding="utf-8"), name, "exec"), namespace)
        return output.getvalue(), namespace

    def test_sso(self):
        output, _ = self.run_program("sso.py")
        token = re.fullmatch(r"https://sandbox\.uservoice\.com/\?sso=(\S+)\n", output).group(1)
        self.assertIn("mailaddress@example.com", sandbox.fetch("/?sso=" + token))

    def test_calls(self):
        lines = self.run_program("calls.py")[0].splitlines()
        self.assertEqual(lines[0], 'Subdomain "sandbox" has 250 users')
        self.assertEqual(len(lines), 1 + 250 + 2)
        self.assertRegex(lines[-2], '^User: "mailaddress.*", Profile URL: http')
        self.assertRegex(lines[-1], '^Forum "Python Client Private Feedback" created! URL: http')

    def test_three_legged(self):
        output = io.StringIO()

        def allow_and_type_verifier():
            url = re.search(r"Go to (\S+) and", output.getvalue()).group(1)
            token = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["oauth_token"][0]
            redirect = sandbox.redirect_of("/oauth/authorize", {
                "oauth_token": token, "decision": "allow", "email": "user3@sandbox.example"})
            self.assertTrue(redirect.startswith("http://localhost:3000/?"), redirect)
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(redirect).query)
            return query["oauth_verifier"][0]

        user_model = types.SimpleNamespace(objects=Manager(access_tokens=Manager()))
        _, namespace = self.run_program("three_legged.py", output, input=allow_and_type_verifier,
                                        User=user_model)
        self.assertRegex(output.getvalue(), "logged in, Name: .*, email: user3@sandbox.example")
        user = namespace["access_token"].get("/api/v1/users/current")["user"]
        self.assertEqual(user["email"], "user3@sandbox.example")


if __name__ == "__main__":
    unittest.main()
