"""Runs the programs of examples/python against the sandbox."""
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


def read_all(terminal):
    """Reads what was written to a pseudoterminal whose other end is closed."""
    output = b""
    try:
        while data := os.read(terminal, 10000):
            output += data
    except OSError:  # EIO marks the end on Linux
        pass
    os.close(terminal)
    return output.decode()


class Examples(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def run_example(self, *arguments, stdin="", status=0, **environment):
        process = subprocess.run(command(*arguments), env={**ENVIRONMENT, **environment}, text=True,
                                 capture_output=True, input=stdin)
        self.assertEqual(process.returncode, status, process.stdout + process.stderr)
        return process

    def test_missing_environment_variables(self):
        for arguments in [("tour",), ("export", "--to", "backup", "users"), ("sso", "{}"),
                          ("three_legged", "0")]:
            process = subprocess.run(
                command(*arguments), env={**ENVIRONMENT, "USERVOICE_BASE_URL": ""}, text=True,
                capture_output=True, cwd=self.directory)
            self.assertEqual(process.returncode, 2, arguments)
            self.assertIn("USERVOICE_BASE_URL", process.stderr)

    # The tour

    def number_of_forums(self):
        return len(sandbox.client().login_as_owner().get_collection("/api/v1/forums"))

    def test_tour(self):
        before = self.number_of_forums()
        process = subprocess.run(
            [str(REPOSITORY / "scripts" / "tour-unattended"), *command("tour")], env=ENVIRONMENT,
            text=True, capture_output=True)
        self.assertEqual((process.returncode, process.stderr), (0, ""), process.stdout)
        for line in ["/?sso=", "'expires': '", "<user1@sandbox.example>", "of 250 users.",
                     "As user4@sandbox.example, UserVoice calls me Łukasz Żak.",
                     'Posted a suggestion there: "Tea in the afternoon".', "Deleted the forum.",
                     "NOT_FOUND: ", "HTTP 404", "UNAUTHORIZED: ", "HTTP 401",
                     "Logged in: requests now act for user1@sandbox.example.",
                     "End: 7 steps done, 0 skipped, 0 failed."]:
            self.assertIn(line, process.stdout)
        self.assertEqual(self.number_of_forums(), before)
        link = re.search(r"http://\S*(/\?sso=\S+)", process.stdout).group(1)
        self.assertIn("jo@example.com", sandbox.fetch(link))

    def test_tour_without_input(self):
        self.assertIn("6 steps done, 1 skipped, 0 failed.", self.run_example("tour").stdout)

    def test_tour_deletes_the_forum_after_a_failure(self):
        before = self.number_of_forums()
        sandbox.control("POST", "faults", {"path": "/api/v1/forums/*", "method": "POST",
                                           "status": 500})
        process = self.run_example("tour", status=1)
        self.assertIn("Deleted the forum.", process.stdout)
        self.assertIn("1 failed", process.stdout)
        self.assertIn("ApplicationError", process.stderr)
        self.assertEqual(self.number_of_forums(), before)

    def test_tour_asks_before_it_changes_a_real_site(self):
        output = self.run_example("tour", **REAL_SITE).stdout
        for text in ["on sandbox? [y/N]", "nothing was changed", "USERVOICE_SSO_KEY is not set",
                     "3 skipped"]:
            self.assertIn(text, output)
        self.assertIn("Created forum", self.run_example("tour", stdin="y\n", **REAL_SITE).stdout)

    # Single sign-on

    def test_sso(self):
        user = {"guid": "1", "display_name": "Zoë", "expires": "2030-01-01 00:00:00"}
        text = json.dumps(user)
        token = self.run_example("sso", "--token", text).stdout.strip()
        for output in [self.run_example("sso", "--decrypt", token).stdout,
                       self.run_example("sso", "--decrypt", stdin=token).stdout]:
            self.assertEqual(json.loads(output), user)
        self.assertEqual(self.run_example("sso", stdin=text).stdout,
                         f"{sandbox.URL}/?sso={token}\n")
        acme = {"USERVOICE_SUBDOMAIN": "acme", "USERVOICE_BASE_URL": ""}
        self.assertIn("https://acme.uservoice.com/?sso=",
                      self.run_example("sso", stdin=text, USERVOICE_SSO_KEY="k", **acme).stdout)
        self.run_example("sso", stdin=text, status=2, **acme)
        self.run_example("sso", "--decrypt", stdin=token, status=1, USERVOICE_SSO_KEY="another")
        self.run_example("sso", stdin="not JSON", status=1)
        self.run_example("sso", "--unknown", status=2)

    # The export

    def ids(self, name):
        text = (self.directory / "backup" / f"{name}.jsonl").read_text(encoding="utf-8")
        return sorted(json.loads(line)["id"] for line in text.splitlines())

    def export(self, *arguments, status=0):
        return self.run_example("export", "--to", str(self.directory / "backup"), *arguments,
                                status=status)

    def test_export(self):
        self.assertEqual(self.export("suggestions", "users").stderr, "")
        self.assertEqual(self.ids("suggestions"), list(range(1, 1502)))
        self.assertEqual(self.ids("users"), list(range(1, 251)))
        self.export("/api/v1/forums?per_page=1")
        self.assertEqual(self.ids("forums"), [1, 2, 3])

    def test_export_since_as_csv(self):
        self.export("--format", "csv", "--since", "2013-06-05", "/api/v2/admin/suggestions?sort=id")
        with open(self.directory / "backup" / "suggestions.csv", encoding="utf-8",
                  newline="") as file:
            timestamps = [row["updated_at"] for row in csv.DictReader(file)]
        self.assertIn(len(timestamps), range(1, 1501))
        self.assertGreaterEqual(min(timestamps), "2013-06-05T00:00:00Z")

    def test_export_exit_statuses(self):
        self.run_example("export", "users", status=2)
        self.export("users", "/api/v1/users", status=2)
        self.export("--format", "xml", "users", status=2)
        self.export("--since", "yesterday", "users", status=2)
        for name in ("/", "\udcff"):
            self.assertNotIn("resumes", self.export(name, status=2).stderr)
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
        self.run_example("export", "--to", "/proc/nothing", "users", status=8)
        self.run_example("export", "--to", str(self.directory), "users", status=7,
                         USERVOICE_BASE_URL="http://127.0.0.1:1")

    def test_export_shows_progress_on_a_terminal(self):
        terminal, stderr = pty.openpty()
        subprocess.run(command("export", "--to", str(self.directory / "backup"), "users"),
                       env=ENVIRONMENT, stderr=stderr, check=True)
        os.close(stderr)
        output = read_all(terminal)
        self.assertRegex(output, r"\[#{12}-{18}\]  40 %  100 of 250, \d+/s, \d+s left")
        self.assertRegex(output, r"\[#{30}\] 100 %  250 of 250, \d+/s, 0s left\r\n$")

    def test_export_resumes(self):
        directory = self.directory / "backup"
        path = "/api/v2/admin/suggestions"
        for number, status in [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]:
            sandbox.control("POST", "faults", {"path": path, "after": 5, "delay_ms": 600000})
            program = subprocess.Popen(command("export", "--to", str(directory), "suggestions"),
                                       env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
            sandbox.wait_for_faults()
            program.send_signal(number)
            _, errors = program.communicate()
            self.assertEqual(program.returncode, status)
            self.assertEqual("the same command resumes" in errors, number == signal.SIGINT)
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
        """Returns the status, headers and text of a page."""
        connection = http.client.HTTPConnection(host)
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, response.headers, text

    def connect(self, host):
        """Clicks the link; returns the cookie and the request token."""
        link = re.search('href="([^"]+)">Connect to UserVoice', self.browse(host, "/")[2]).group(1)
        status, headers, _ = self.browse(host, link)
        self.assertEqual(status, 303)
        url = urlsplit(headers["Location"])
        self.assertEqual(f"{url.scheme}://{url.netloc}{url.path}", sandbox.URL + "/oauth/authorize")
        return headers["Set-Cookie"].split(";")[0], parse_qs(url.query)["oauth_token"][0]

    def decide(self, token, decision):
        """Clicks a button of UserVoice's page; returns the path and query of the callback."""
        callback = urlsplit(sandbox.redirect_of("/oauth/authorize", {
            "oauth_token": token, "decision": decision, "email": "user3@sandbox.example"}))
        self.assertEqual(callback.path, "/callback")
        return f"{callback.path}?{callback.query}"

    def test_web_application(self):
        program, host = self.start()
        cookie, token = self.connect(host)
        callback = self.decide(token, "allow")
        self.assertEqual(self.browse(host, callback)[0], 400)  # another browser
        # A restart between the two steps.
        program.terminate()
        self.assertEqual(program.wait(), 0)
        program, host = self.start(host.split(":")[1])
        status, _, page = self.browse(host, callback, cookie)
        self.assertEqual(status, 200)
        self.assertIn("<h1>Hello, Maria O&#x27;Neil</h1>", page)
        self.assertIn("user3@sandbox.example", page)
        self.assertEqual(self.browse(host, callback, cookie)[0], 400)  # once only
        self.assertEqual(os.stat(self.directory / "store").st_mode & 0o777, 0o600)

    def test_web_application_when_access_is_denied(self):
        _, host = self.start()
        cookie, token = self.connect(host)
        status, _, page = self.browse(host, self.decide(token, "deny"), cookie)
        self.assertEqual(status, 403)
        self.assertIn("You did not allow the access.", page)

    def test_web_application_with_wrong_verifier(self):
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
