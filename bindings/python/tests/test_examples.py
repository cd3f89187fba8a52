"""The programs of examples/python, against the sandbox."""
import csv
import http.client
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import sandbox

REPOSITORY = Path(__file__).parents[3]
EXAMPLES = REPOSITORY / "examples" / "python"
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith("USERVOICE_")}
ENVIRONMENT["USERVOICE_BASE_URL"] = sandbox.URL
REAL_SITE = {"USERVOICE_SUBDOMAIN": "sandbox", "USERVOICE_API_KEY": sandbox.KEY,
             "USERVOICE_API_SECRET": sandbox.SECRET}


def command(example, *arguments):
    return [sys.executable, str(EXAMPLES / f"{example}.py"), *arguments]


class Examples(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def run_typing(self, typed, *line, status=0, **environment):
        done = subprocess.run(command(*line), env={**ENVIRONMENT, **environment}, text=True,
                              capture_output=True, input=typed)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def wait_for(self, what):
        while not what():
            time.sleep(0.01)

    def test_without_a_site_they_say_what_to_set(self):
        for line in [("tour",), ("export", "--to", "backup", "users"), ("sso", "{}"),
                     ("three_legged", "0")]:
            done = subprocess.run(command(*line), env={**ENVIRONMENT, "USERVOICE_BASE_URL": ""},
                                  text=True, capture_output=True, cwd=self.directory)
            self.assertEqual(done.returncode, 2, line)
            self.assertIn("USERVOICE_BASE_URL", done.stderr)

    # The tour

    def forums(self):
        return len(sandbox.client().login_as_owner().get_collection("/api/v1/forums"))

    def test_tour(self):
        before = self.forums()
        done = subprocess.run([str(REPOSITORY / "scripts" / "tour-unattended"), *command("tour")],
                              env=ENVIRONMENT, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        for shown in ["/?sso=", "'expires': '", "<user1@sandbox.example>", "of 250 users.",
                      "As user4@sandbox.example, UserVoice calls me Łukasz Żak.",
                      'Posted a suggestion there: "Tea in the afternoon".', "Deleted the forum.",
                      'NOT_FOUND says: "HTTP 404', 'UNAUTHORIZED says: "HTTP 401',
                      "Logged in: the calls now act for user1@sandbox.example.",
                      "The end: 7 steps done, 0 skipped, 0 failed."]:
            self.assertIn(shown, done.stdout)
        self.assertEqual(self.forums(), before)
        link = re.search(r"http://\S*(/\?sso=\S+)", done.stdout).group(1)
        self.assertIn("jo@example.com", sandbox.fetch(link))

    def test_tour_with_nobody_there(self):
        self.assertIn("6 steps done, 1 skipped, 0 failed.", self.run_typing("", "tour").stdout)

    def test_tour_that_fails_leaves_no_forum(self):
        before = self.forums()
        sandbox.control("POST", "faults", {"path": "/api/v1/forums/*", "method": "POST",
                                           "status": 500})
        done = self.run_typing("", "tour", status=1)
        self.assertIn("Deleted the forum.", done.stdout)
        self.assertIn("1 failed", done.stdout)
        self.assertIn("ApplicationError", done.stderr)
        self.assertEqual(self.forums(), before)

    def test_tour_of_a_real_site_asks_first(self):
        shown = self.run_typing("", "tour", **REAL_SITE).stdout
        for text in ["on sandbox? [y/N]", "nothing was changed", "USERVOICE_SSO_KEY is not set",
                     "3 skipped"]:
            self.assertIn(text, shown)
        self.assertIn("Created forum", self.run_typing("y\n", "tour", **REAL_SITE).stdout)

    # Single sign-on

    def test_sso(self):
        user = {"guid": "1", "display_name": "Zoë", "expires": "2030-01-01 00:00:00"}
        text = json.dumps(user)
        token = self.run_typing("", "sso", "--token", text).stdout.strip()
        self.assertEqual(json.loads(self.run_typing("", "sso", "--decrypt", token).stdout), user)
        self.assertEqual(json.loads(self.run_typing(token, "sso", "--decrypt").stdout), user)
        self.assertEqual(self.run_typing(text, "sso").stdout, f"{sandbox.URL}/?sso={token}\n")
        acme = {"USERVOICE_SUBDOMAIN": "acme", "USERVOICE_BASE_URL": ""}
        self.assertIn("https://acme.uservoice.com/?sso=",
                      self.run_typing(text, "sso", USERVOICE_SSO_KEY="k", **acme).stdout)
        self.run_typing(text, "sso", status=2, **acme)
        self.run_typing(token, "sso", "--decrypt", status=1, USERVOICE_SSO_KEY="another")
        self.run_typing("no json", "sso", status=1)
        self.run_typing("", "sso", "--what", status=2)

    # The export

    def ids(self, name):
        text = (self.directory / "backup" / f"{name}.jsonl").read_text(encoding="utf-8")
        return sorted(json.loads(line)["id"] for line in text.splitlines())

    def export(self, *arguments, status=0):
        return self.run_typing("", "export", "--to", str(self.directory / "backup"), *arguments,
                               status=status)

    def test_export(self):
        self.assertEqual(self.export("suggestions", "users").stderr, "")
        self.assertEqual(self.ids("suggestions"), list(range(1, 1502)))
        self.assertEqual(self.ids("users"), list(range(1, 251)))
        self.export("/api/v1/forums?per_page=1")
        self.assertEqual(self.ids("forums"), [1, 2, 3])

    def test_export_of_what_is_new_as_csv(self):
        self.export("--format", "csv", "--since", "2013-06-05", "/api/v2/admin/suggestions?sort=id")
        with open(self.directory / "backup" / "suggestions.csv", encoding="utf-8",
                  newline="") as file:
            moments = [row["updated_at"] for row in csv.DictReader(file)]
        self.assertIn(len(moments), range(1, 1501))
        self.assertGreaterEqual(min(moments), "2013-06-05T00:00:00Z")

    def test_export_has_an_exit_status_for_each_kind_of_error(self):
        self.run_typing("", "export", "users", status=2)
        self.export("users", "/api/v1/users", status=2)
        self.export("--format", "xml", "users", status=2)
        self.export("--since", "yesterday", "users", status=2)
        self.assertIn("NotFound", self.export("nothing", status=4).stderr)
        for http_status, status in [(401, 3), (422, 6)]:
            sandbox.control("POST", "faults", {"path": "/api/v2/admin/users", "times": 9,
                                               "status": http_status})
            self.export("users", status=status)
            sandbox.reset()
        sandbox.control("POST", "faults", {"path": "/api/v2/admin/users", "status": 429,
                                           "times": 9, "retry_after": "3600"})
        self.export("users", status=5)
        sandbox.reset()
        self.run_typing("", "export", "--to", "/proc/nothing", "users", status=8)
        self.run_typing("", "export", "--to", str(self.directory), "users", status=7,
                        USERVOICE_BASE_URL="http://127.0.0.1:1")

    def test_export_shows_progress_on_a_terminal(self):
        ours, theirs = pty.openpty()
        subprocess.run(command("export", "--to", str(self.directory / "backup"), "users"),
                       env=ENVIRONMENT, stderr=theirs, check=True)
        os.close(theirs)
        shown = os.read(ours, 10000).decode()
        os.close(ours)
        self.assertRegex(shown, r"\[#{12}-{18}\]  40 %  100 of 250, \d+/s, \d+s left")
        self.assertRegex(shown, r"\[#{30}\] 100 %  250 of 250, \d+/s, 0s left\r\n$")

    def test_export_resumes(self):
        directory = self.directory / "backup"
        path = "/api/v2/admin/suggestions"
        for how, status in [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]:
            sandbox.control("POST", "faults", {"path": path, "after": 5, "delay_ms": 600000})
            program = subprocess.Popen(command("export", "--to", str(directory), "suggestions"),
                                       env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
            self.wait_for(lambda: not sandbox.control("GET", "faults"))
            program.send_signal(how)
            _, said = program.communicate()
            self.assertEqual(program.returncode, status)
            self.assertEqual("the same command goes on there" in said, how == signal.SIGINT)
        self.export("suggestions")
        self.assertEqual(self.ids("suggestions"), list(range(1, 1502)))

    # The web application

    def start(self, port="0"):
        program = subprocess.Popen(
            command("three_legged", str(port), str(self.directory / "store")), env=ENVIRONMENT,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        url = re.search(r"http://(127\.0\.0\.1:\d+)/", program.stdout.readline()).group(1)
        return program, url

    def browse(self, host, path, cookie=""):
        """Status, headers and text of a page."""
        connection = http.client.HTTPConnection(host)
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def connect(self, host):
        """Clicks the link: gives the cookie and the request token."""
        link = re.search('href="([^"]+)">Connect to UserVoice', self.browse(host, "/")[2]).group(1)
        status, headers, _ = self.browse(host, link)
        self.assertEqual(status, 303)
        url = urlsplit(headers["Location"])
        self.assertEqual(f"{url.scheme}://{url.netloc}{url.path}", sandbox.URL + "/oauth/authorize")
        return headers["Set-Cookie"].split(";")[0], parse_qs(url.query)["oauth_token"][0]

    def decide(self, token, decision):
        """Clicks a button of UserVoice's page: gives the path that leads back."""
        back = urlsplit(sandbox.redirect_of("/oauth/authorize", {
            "oauth_token": token, "decision": decision, "email": "user3@sandbox.example"}))
        self.assertEqual(back.path, "/callback")
        return f"{back.path}?{back.query}"

    def test_web_application(self):
        program, host = self.start()
        cookie, token = self.connect(host)
        back = self.decide(token, "allow")
        self.assertEqual(self.browse(host, back)[0], 400)  # another browser
        # A restart between the two steps.
        program.terminate()
        self.assertEqual(program.wait(), 0)
        program, host = self.start(host.split(":")[1])
        status, _, page = self.browse(host, back, cookie)
        self.assertEqual(status, 200)
        self.assertIn("<h1>Hello, Maria O&#x27;Neil</h1>", page)
        self.assertIn("user3@sandbox.example", page)
        self.assertEqual(self.browse(host, back, cookie)[0], 400)  # once only
        self.assertEqual(os.stat(self.directory / "store").st_mode & 0o777, 0o600)

    def test_web_application_when_the_person_denies(self):
        _, host = self.start()
        cookie, token = self.connect(host)
        status, _, page = self.browse(host, self.decide(token, "deny"), cookie)
        self.assertEqual(status, 403)
        self.assertIn("You did not allow it.", page)

    def test_web_application_with_a_verifier_that_is_wrong(self):
        _, host = self.start()
        cookie, token = self.connect(host)
        self.decide(token, "allow")
        self.assertEqual(self.browse(host, f"/callback?oauth_token={token}&oauth_verifier=x",
                                     cookie)[0], 401)
        self.assertEqual(self.browse(host, "/other")[0], 404)
        sandbox.control("POST", "faults", {"path": "/oauth/request_token", "status": 500,
                                           "times": 9})
        self.assertEqual(self.browse(host, "/connect")[0], 502)


if __name__ == "__main__":
    unittest.main()
