"""The programs of examples/python, against the sandbox."""
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
        for line in [("tour",), ("export", "/api/v1/users"), ("sso", "{}"), ("three_legged", "0")]:
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

    def ids(self, text):
        return [json.loads(line)["id"] for line in text.splitlines()]

    def test_export_to_standard_output(self):
        done = self.run_typing("", "export", "/api/v1/suggestions?sort=oldest")
        self.assertEqual(self.ids(done.stdout), list(range(1, 1502)))
        self.assertEqual(done.stderr, "")
        done = self.run_typing("", "export", "--owner", "/api/v1/tickets?per_page=7")
        self.assertEqual(len(self.ids(done.stdout)),
                         len(sandbox.client().login_as_owner().get_collection("/api/v1/tickets")))
        self.run_typing("", "export", "--as", "user2@sandbox.example", "/api/v1/forums")
        self.assertIn("NotFound", self.run_typing("", "export", "/api/v1/nothing", status=1).stderr)
        self.run_typing("", "export", "suggestions", status=2)
        for wrong in [("/api/v1/users?page=2",), ("--admin", "/api/v2/admin/users?cursor=x"),
                      ("/api/v2/admin/users",), ("--admin", "/api/v1/users"),
                      ("--since", "2026-01-01T00:00:00Z", "/api/v1/users"),
                      ("--admin", "--owner", "/api/v2/admin/users")]:
            self.run_typing("", "export", *wrong, status=2)

    def test_export_of_the_admin_api(self):
        path = "/api/v2/admin/suggestions"
        self.assertEqual(self.ids(self.run_typing("", "export", "--admin", path).stdout),
                         list(range(1, 1502)))
        owner = sandbox.client().login_with_client_credentials()
        all_of_them = list(owner.get_collection(path))
        moments = sorted(suggestion["updated_at"] for suggestion in all_of_them)
        since = moments[len(moments) // 2]
        done = self.run_typing("", "export", "--admin", "--since", since, path)
        self.assertEqual(self.ids(done.stdout), [suggestion["id"] for suggestion in all_of_them
                                                 if suggestion["updated_at"] > since])
        done = self.run_typing("", "export", "--admin", "--since", moments[-1], path)
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.run_typing("", "export", "--admin", "--since", "yesterday", path, status=1)

    def test_export_to_a_reader_that_goes_away_or_a_full_disk(self):
        line = " ".join(command("export", "/api/v1/suggestions"))
        done = subprocess.run(["bash", "-c", f"{line} | head -1; exit ${{PIPESTATUS[0]}}"],
                              env=ENVIRONMENT, text=True, capture_output=True)
        self.assertEqual((done.returncode, len(self.ids(done.stdout)), done.stderr), (1, 1, ""))
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command("export", "/api/v1/users"), env=ENVIRONMENT, stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left", done.stderr)

    def test_export_shows_progress_on_a_terminal(self):
        ours, theirs = pty.openpty()
        done = subprocess.run(command("export", "/api/v1/users"), env=ENVIRONMENT, text=True,
                              stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        shown = os.read(ours, 10000).decode()
        os.close(ours)
        self.assertEqual(len(self.ids(done.stdout)), 250)
        self.assertIn("\r100 of 250\r200 of 250\r250 of 250", shown)

    def check_resume(self, path, *what):
        """Goes on after its last complete page, however it ended."""
        output, state = self.directory / "s.jsonl", self.directory / "s.jsonl.state"
        line = ("export", *what, str(output))

        def pages():
            return json.loads(state.read_text())["pages"] if state.exists() else 0

        for how, status in [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]:
            before = pages()
            sandbox.control("DELETE", "faults")
            sandbox.control("POST", "faults", {"path": path, "after": 5,
                                               "times": 99, "delay_ms": 600000})
            program = subprocess.Popen(command(*line), env=ENVIRONMENT, stderr=subprocess.DEVNULL)
            self.wait_for(lambda: pages() > before)
            program.send_signal(how)
            self.assertEqual(program.wait(), status)
        kept = json.loads(state.read_text())
        self.assertEqual(kept["records"], 100 * kept["pages"])
        with output.open("ab") as file:
            file.write(b'{"id":"half a li')

        other = self.run_typing("", "export", "/api/v1/users", str(output), status=1)
        self.assertIn("another export", other.stderr)

        sandbox.control("DELETE", "faults")
        sandbox.control("DELETE", "requests")
        done = self.run_typing("", *line)
        self.assertIn(f"Going on after {kept['records']} records.", done.stderr)
        self.assertEqual(self.ids(output.read_text(encoding="utf-8")), list(range(1, 1502)))
        self.assertEqual(len(sandbox.calls()), 16 - kept["pages"])
        self.assertEqual(os.listdir(self.directory), ["s.jsonl"])

        # It ended between the last page and the state file's removal.
        end = {**kept, "pages": 16, "records": 1501, "cursor": None,
               "bytes": output.stat().st_size}
        state.write_text(json.dumps(end))
        self.run_typing("", *line)
        self.assertEqual(os.listdir(self.directory), ["s.jsonl"])
        self.assertEqual(self.ids(output.read_text(encoding="utf-8")), list(range(1, 1502)))

        # Complete: the next run begins anew.
        self.run_typing("", *line)
        self.assertEqual(self.ids(output.read_text(encoding="utf-8")), list(range(1, 1502)))

    def test_export_resumes(self):
        self.check_resume("/api/v1/suggestions", "/api/v1/suggestions?sort=oldest")

    def test_export_of_the_admin_api_resumes_by_cursor(self):
        path = "/api/v2/admin/suggestions"
        self.check_resume(path, "--admin", path + "?sort=id")

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
