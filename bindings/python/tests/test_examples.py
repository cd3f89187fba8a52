"""Runs the programs of examples/python against the sandbox."""
import csv
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import sandbox

import uservoice

EXAMPLES = Path(__file__).parents[3] / "examples" / "python"
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith("USERVOICE_")}
ENVIRONMENT["USERVOICE_BASE_URL"] = sandbox.URL
REAL_SITE = {"USERVOICE_SUBDOMAIN": "acme", "USERVOICE_API_KEY": "key",
             "USERVOICE_API_SECRET": "secret", "USERVOICE_BASE_URL": ""}
PROGRAMS = {"sso_link": [], "list_to_csv": [], "act_as_user": ["jo@example.com", "1"],
            "three_legged_login": ["0"], "export": ["backup", "users"], "worker_threads": [],
            "webhook_receiver": ["0"], "log_and_interrupt": []}


def command(example, *arguments):
    return [sys.executable, str(EXAMPLES / f"{example}.py"), *arguments]


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def run_example(self, *arguments, status=0, **environment):
        process = subprocess.run(command(*arguments), env={**ENVIRONMENT, **environment},
                                 cwd=self.directory, text=True, capture_output=True)
        self.assertEqual(process.returncode, status, process.stdout + process.stderr)
        self.assertNotIn("Traceback", process.stderr)
        return process

    def start(self, *arguments):
        """Starts a program; returns it."""
        program = subprocess.Popen(command(*arguments), env=ENVIRONMENT, cwd=self.directory,
                                   text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(program.stderr.close)
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        return program

    def serve(self, example):
        """Starts a web server at a free port; returns the program and its host."""
        program = self.start(example, "0")
        return program, re.search("http://(.*)/", program.stdout.readline())[1]

    def interrupt(self, program, path):
        """Sends SIGINT while a request of the program waits; returns what it has printed."""
        sandbox.control("POST", "faults", {"path": path, "after": 3, "delay_ms": 600000})
        program = self.start(*program)
        sandbox.wait_for_faults()
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate()
        self.assertEqual(program.returncode, 130, errors)
        return output + errors


class Programs(ExamplesTest):
    def test_all_programs_are_tested(self):
        self.assertEqual({path.stem for path in EXAMPLES.glob("*.py")} - {"environment"},
                         set(PROGRAMS))

    def test_programs_without_a_site(self):
        for name, arguments in PROGRAMS.items():
            errors = self.run_example(name, *arguments, status=1, USERVOICE_BASE_URL="").stderr
            self.assertRegex(errors, "^Set USERVOICE_[A-Z_]+, or USERVOICE_BASE_URL alone")

    def test_real_site_never_gets_the_keys_of_the_sandbox(self):
        errors = self.run_example("sso_link", status=1, **REAL_SITE).stderr
        self.assertIn("Set USERVOICE_SSO_KEY", errors)
        errors = self.run_example("list_to_csv", status=1, USERVOICE_SUBDOMAIN="acme").stderr
        self.assertIn("Set USERVOICE_API_KEY", errors)

    def test_programs_report_errors_of_the_service(self):
        for name in ["list_to_csv", "act_as_user", "export", "worker_threads", "log_and_interrupt"]:
            errors = self.run_example(name, *PROGRAMS[name], status=1,
                                      USERVOICE_BASE_URL="http://127.0.0.1:1").stderr
            self.assertIn("127.0.0.1:1", errors)

    def test_web_servers_report_a_wrong_port(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            used = str(listener.getsockname()[1])
            for name in ["three_legged_login", "webhook_receiver"]:
                for port in ["x", "-1", "65536", ""]:
                    run = self.run_example(name, port, status=1)
                    self.assertIn(f"{port}: must be a port", run.stderr)
                run = self.run_example(name, used, status=1)
                self.assertEqual(run.stderr, f"port {used}: Address already in use\n")

    def test_sso_link(self):
        link = self.run_example("sso_link").stdout.strip()
        self.assertIn("jo@example.com", sandbox.fetch(link[len(sandbox.URL):]))
        link = self.run_example("sso_link", USERVOICE_SSO_KEY="k", **REAL_SITE).stdout
        self.assertRegex(link, r"^https://acme\.uservoice\.com/\?sso=")

    def test_list_to_csv(self):
        rows = list(csv.reader(io.StringIO(self.run_example("list_to_csv").stdout)))
        self.assertEqual(rows[0], ["id", "name", "email"])
        self.assertEqual(rows[8], ["8", 'Sam "Quote" <Tag>', "user7@sandbox.example"])
        self.assertEqual(len(rows), 251)

    def test_act_as_user(self):
        run = self.run_example("act_as_user", "user3@sandbox.example", "7")
        self.assertEqual(run.stdout, "Maria O'Neil sees: Dark mode (7)\n")
        run = self.run_example("act_as_user", "user3@sandbox.example", "99999", status=1)
        self.assertEqual(run.stderr, "Maria O'Neil sees no suggestion 99999.\n")
        self.run_example("act_as_user", "user3@sandbox.example", status=2)
        run = self.run_example("act_as_user", "user3@sandbox.example", "7", status=1,
                               USERVOICE_API_KEY="sandbox-untrusted-key",
                               USERVOICE_API_SECRET="sandbox-untrusted-secret")
        self.assertIn("Is the API key trusted?", run.stderr)

    def ids(self, name):
        text = (self.directory / "backup" / f"{name}.jsonl").read_text(encoding="utf-8")
        return sorted(json.loads(line)["id"] for line in text.splitlines())

    def test_export(self):
        run = self.run_example("export", "backup", "suggestions", "users")
        self.assertTrue(run.stderr.endswith("1751 of 1751 records\n"), run.stderr)
        self.assertEqual(self.ids("suggestions"), list(range(1, 1502)))
        self.assertEqual(self.ids("users"), list(range(1, 251)))
        self.run_example("export", "backup", status=1)
        self.assertIn("HTTP 404", self.run_example("export", "other", "nothing", status=1).stderr)

    def test_export_resumes(self):
        output = self.interrupt(["export", "backup", "suggestions"], "/api/v2/admin/suggestions")
        self.assertIn("The same command resumes the export.", output)
        self.run_example("export", "backup", "suggestions")
        self.assertEqual(self.ids("suggestions"), list(range(1, 1502)))

    def test_worker_threads(self):
        lines = self.run_example("worker_threads").stdout.splitlines()
        self.assertEqual(len(lines), 20)
        self.assertIn("Dark mode (1): +1, please!", lines)
        self.assertIn("Dark mode (7): (no comment)", lines)

    def test_log_and_interrupt(self):
        run = self.run_example("log_and_interrupt")
        self.assertEqual(run.stdout, "1501 suggestions\n")
        line = r"DEBUG method=GET path=/api/v1/suggestions\?per_page&page status=200 "
        self.assertEqual(len(re.findall(line, run.stderr)), 16)
        output = self.interrupt(["log_and_interrupt"], "/api/v1/suggestions")
        self.assertRegex(output, r"Interrupted after \d+ suggestions")


class WebhookReceiver(ExamplesTest):
    def send(self, host, body, **headers):
        connection = http.client.HTTPConnection(host)
        connection.request("POST", "/", body, headers)
        with connection.getresponse() as response:
            connection.close()
            return response.status

    def test_accepts_what_the_service_sends(self):
        receiver, host = self.serve("webhook_receiver")
        site = subprocess.Popen(
            [sandbox.PROGRAM, "--json", "--quiet", "--webhook-url", f"http://{host}/"],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(site.stdout.close)
        self.addCleanup(site.wait)
        self.addCleanup(site.kill)
        owner = sandbox.client(base_url=json.loads(site.stdout.readline())["url"]).login_as_owner()
        suggestion = {"title": "Tea & café", "votes": 1}
        owner.post("/api/v1/forums/1/suggestions", {"suggestion": suggestion})
        self.assertEqual(receiver.stdout.readline(), "Suggestion: Tea & café\n")

    def test_rejects_forged_and_oversized_bodies(self):
        receiver, host = self.serve("webhook_receiver")
        data = '{"suggestion":{"title":"Tea"}}'
        for key, status in [("another", 401), (sandbox.SSO_KEY, 204)]:
            signature = uservoice.sign_webhook(key, data)
            form = urlencode({"event": "new_suggestion", "data": data, "signature": signature})
            self.assertEqual(self.send(host, form), status)
        self.assertEqual(self.send(host, "", **{"Content-Length": "1000001"}), 413)
        self.assertEqual(self.send(host, "", **{"Content-Length": "-1"}), 411)
        receiver.send_signal(signal.SIGINT)
        output, errors = receiver.communicate()
        self.assertEqual((receiver.returncode, output), (0, "Suggestion: Tea\n"))
        self.assertNotIn("Traceback", errors)


class ThreeLeggedLogin(ExamplesTest):
    def setUp(self):
        super().setUp()
        self.program, self.host = self.serve("three_legged_login")

    def browse(self, path, cookie=""):
        """Returns the status, headers and text of a page."""
        connection = http.client.HTTPConnection(self.host)
        connection.request("GET", path, headers={"Cookie": cookie})
        with connection.getresponse() as response:
            connection.close()
            return response.status, response.headers, response.read().decode()

    def connect(self):
        """Clicks the link; returns the cookie and the request token."""
        self.assertIn('<a href="/connect">Connect to UserVoice</a>', self.browse("/")[2])
        status, headers, _ = self.browse("/connect")
        self.assertEqual(status, 303)
        self.assertIn("HttpOnly; SameSite=Lax", headers["Set-Cookie"])
        url = urlsplit(headers["Location"])
        self.assertEqual(f"{url.scheme}://{url.netloc}{url.path}", sandbox.URL + "/oauth/authorize")
        return headers["Set-Cookie"].split(";")[0], parse_qs(url.query)["oauth_token"][0]

    def decide(self, token, decision):
        """Clicks a button of UserVoice's page; returns the path and query of the callback."""
        callback = urlsplit(sandbox.redirect_of("/oauth/authorize", {
            "oauth_token": token, "decision": decision, "email": "user3@sandbox.example"}))
        self.assertEqual(f"{callback.netloc}{callback.path}", f"{self.host}/callback")
        return f"{callback.path}?{callback.query}"

    def test_greets_the_user(self):
        cookie, token = self.connect()
        callback = self.decide(token, "allow")
        status, _, page = self.browse(callback, cookie)
        self.assertEqual(status, 200)
        self.assertIn("Hello Maria O&#x27;Neil &lt;user3@sandbox.example&gt;!", page)
        self.assertEqual(self.browse(callback, cookie)[0], 403)  # the verifier was used

    def test_rejects_another_browser(self):
        cookie, token = self.connect()
        callback = self.decide(token, "allow")
        other_cookie, _ = self.connect()
        for wrong in ["", other_cookie]:
            status, _, page = self.browse(callback, wrong)
            self.assertEqual(status, 403)
            self.assertIn("This login was started in another browser.", page)
        self.assertEqual(self.browse(callback, "login=x")[0], 403)
        self.assertEqual(self.browse(callback, cookie)[0], 200)  # nothing has used the verifier

    def test_rejects_a_wrong_verifier(self):
        cookie, token = self.connect()
        self.decide(token, "allow")
        forged = f"/callback?oauth_token={token}&oauth_verifier=x"
        self.assertEqual(self.browse(forged, cookie)[0], 403)

    def test_shows_that_access_was_denied(self):
        cookie, token = self.connect()
        status, _, page = self.browse(self.decide(token, "deny"), cookie)
        self.assertEqual(status, 403)
        self.assertIn("You did not allow the access.", page)

    def test_shows_errors_of_the_service_and_logs_no_query(self):
        sandbox.control("POST", "faults", {"path": "/oauth/request_token", "status": 500,
                                           "times": 9})
        self.assertEqual(self.browse("/connect")[0], 502)
        self.browse("/callback?oauth_verifier=verifier")
        self.program.send_signal(signal.SIGINT)
        output, errors = self.program.communicate()
        self.assertEqual((self.program.returncode, output, errors), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
