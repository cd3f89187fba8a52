"""Requests, OAuth 1.0a logins, errors, logging and the lifetime of a client."""
import copy
import gc
import io
import json
import logging
import pickle
import re
import subprocess
import sys
import unittest
import urllib.parse
from unittest import mock

import sandbox
import uservoice
from uservoice._calls import fields_of
from uservoice.client import RateLimitExceeded


class Requests(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def test_request_checks_the_method_ignoring_case(self):
        self.assertEqual(self.client.request("gEt", "/api/v1/forums/1")["forum"]["id"], 1)
        with self.assertRaisesRegex(ValueError, "PATCH|send"):
            self.client.request("patch", "/api/v1/forums/1")

    def test_request_json_returns_the_body_unchanged(self):
        body = '{"forum" : {"id":1.10}}'
        sandbox.reset({"path": "/api/v1/forums/1", "status": 200, "body": body})
        self.assertEqual(self.client.request_json("get", "/api/v1/forums/1"), body)

    def test_send_returns_status_headers_and_body(self):
        response = self.client.send("get", "/api/v1/forums/999", {"page": 1}, {"X-Seen": "yes"})
        self.assertEqual(response.status_code, 404)
        self.assertIn("application/json", response.headers["content-type"])
        self.assertEqual(response.header("Content-Type"), response.headers["content-type"])
        self.assertIsNone(response.header("X-None"))
        self.assertEqual(response.body["errors"]["type"], "record_not_found")
        request = sandbox.requests()[0]
        self.assertEqual(request["query"], "page=1")
        self.assertEqual(request["headers"]["x-seen"], "yes")
        self.assertEqual(self.client.send("HEAD", "/api/v1/forums/1").body, None)

    def test_invalid_arguments_raise_type_error_or_value_error(self):
        for function in [lambda: self.client.get(7), lambda: self.client.get(None),
                         lambda: self.client.post("/x", {"a": {1, 2}}),
                         lambda: self.client.login_as(b"jo@example.com"),
                         lambda: uservoice.Client(7, "key"),
                         lambda: uservoice.Client("acme", None),
                         lambda: sandbox.client(no_such_option=1),
                         lambda: self.client.with_options(no_such_option=1)]:
            self.assertRaises(TypeError, function)
        for function in [lambda: self.client.get("/a\0b"), lambda: self.client.get("no slash"),
                         lambda: self.client.post("/x", {"a": float("nan")}),
                         lambda: uservoice.Client("ac/me", "key"),
                         lambda: uservoice.Client("acme", ""),
                         lambda: sandbox.client(timeout=0),
                         lambda: self.client.with_options(max_retries=-1)]:
            self.assertRaises(ValueError, function)
        self.assertEqual(sandbox.requests(), [])

    def test_with_options(self):
        sandbox.reset({"path": "/api/v1/forums", "times": 2, "status": 503})
        patient = self.client.with_options(max_retries=5)
        self.assertRaises(uservoice.ApplicationError,
                          self.client.with_options(max_retries=0).get, "/api/v1/forums")
        self.assertIn("forums", patient.get("/api/v1/forums"))
        self.assertEqual(len(sandbox.requests()), 3)

    def test_accepts_subdomain_of_several_labels(self):
        port = urllib.parse.urlsplit(sandbox.URL).port
        client = uservoice.Client("127.0.0", sandbox.KEY, sandbox.SECRET, protocol="http",
                                  uservoice_domain=f"1:{port}")
        self.assertEqual(client.api_url, sandbox.URL)
        self.assertIn("users", client.get("/api/v1/users"))
        uservoice.Client("forum.acme", "key")
        uservoice.Client("acme.uservoice.com", "key", uservoice_domain="example.com")

    def test_rejects_subdomain_that_contains_the_domain(self):
        for subdomain, domain in [("acme.uservoice.com", None), ("forum.Acme.UserVoice.com", None),
                                  ("uservoice.com", None), ("acme.example.com", "example.com"),
                                  ("https://acme.uservoice.com", None)]:
            with self.assertRaisesRegex(uservoice.InvalidArgument, '^subdomain: .*"acme" of'):
                uservoice.Client(subdomain, "key", uservoice_domain=domain)

    def test_headers_name_the_language(self):
        sandbox.reset()
        client = sandbox.client()
        for one in (client, client.with_options(timeout=9)):
            one.get("/api/v1/forums/1")
        client.with_options(user_agent="Test/1").get("/api/v1/forums/1")
        ours = f"uservoice-python/{uservoice.__version__}"
        requests = [request["headers"] for request in sandbox.requests()]
        self.assertEqual([headers["user-agent"] for headers in requests],
                         [ours, ours, f"Test/1 {ours}"])
        self.assertEqual({headers["api-client"] for headers in requests},
                         {f"uservoice-python-{uservoice.__version__}"})

    def test_from_environment(self):
        def client(**variables):
            with mock.patch.dict("os.environ", variables, clear=True):
                return uservoice.Client.from_environment(user_agent="Test/1")

        required = {"USERVOICE_SUBDOMAIN": "acme", "USERVOICE_API_KEY": sandbox.KEY,
                    "USERVOICE_API_SECRET": sandbox.SECRET}
        self.assertEqual(client(**required).api_url, "https://acme.uservoice.com")
        self.assertIn("users", client(USERVOICE_BASE_URL=sandbox.URL, **required)
                      .get("/api/v1/users"))
        self.assertRegex(sandbox.requests()[0]["headers"]["user-agent"],
                         rf"^Test/1 uservoice-python/{uservoice.__version__}$")
        for name in required:
            with self.assertRaisesRegex(ValueError, f"must be set: {name}$"):
                client(USERVOICE_BASE_URL=sandbox.URL, **{**required, name: ""})
        with self.assertRaisesRegex(ValueError, "ca_file"):
            client(USERVOICE_CA_FILE="/nowhere.pem", **required).get("/x")


class Logins(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def email(self, client):
        return client.get("/api/v1/users/current")["user"]["email"]

    def allow(self, url, decision="allow"):
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["oauth_token"][0]
        page = sandbox.fetch("/oauth/authorize", {
            "oauth_token": token, "decision": decision, "email": "user3@sandbox.example"})
        return re.search('<code id="verifier">([^<]*)</code>', page)

    def test_token_is_stored_and_restored(self):
        user = self.client.login_as("user3@sandbox.example")
        for restored in [self.client.login_with_access_token(user.token, user.secret),
                         self.client.login_with_token_json(user.token_json()),
                         sandbox.client(oauth_token=user.token, oauth_token_secret=user.secret)]:
            self.assertEqual((restored.token, restored.secret), (user.token, user.secret))
            self.assertEqual(self.email(restored), "user3@sandbox.example")
        for client in [self.client, sandbox.client(oauth_token=None, oauth_token_secret=None)]:
            self.assertEqual((client.token, client.secret), ("", ""))
        self.assertIsNone(self.client.token_json())
        self.assertRaises(ValueError, self.client.login_with_token_json, "{}")

    def test_login_as_with_the_token_of_another_user(self):
        with self.client.login_as_owner() as owner:
            self.assertEqual(self.email(owner), sandbox.OWNER)
            with owner.login_as("new@example.com") as new:
                self.assertEqual(self.email(new), "new@example.com")

    def test_three_legged_login(self):
        verifier = self.allow(self.client.authorize_url()).group(1)
        self.assertEqual(self.email(self.client.login_with_verifier(verifier)),
                         "user3@sandbox.example")

    def test_three_legged_login_with_stored_request_token(self):
        verifier = self.allow(self.client.authorize_url()).group(1)
        stored = self.client.request_token.token, self.client.request_token.secret
        client = sandbox.client()
        self.assertRaises(ValueError, client.login_with_verifier, verifier)
        user = client.login_with_verifier(verifier, client.login_with_access_token(*stored))
        self.assertEqual(self.email(user), "user3@sandbox.example")

    def test_simultaneous_three_legged_logins(self):
        one, other = self.client.get_request_token(), self.client.get_request_token()
        verifier = self.allow(self.client.authorize_url(one)).group(1)
        self.assertIsNone(self.client.request_token)
        self.assertRaises(uservoice.Unauthorized, self.client.login_with_verifier, verifier, other)
        self.assertEqual(self.email(self.client.login_with_verifier(verifier, one)),
                         "user3@sandbox.example")
        self.assertRaises(ValueError, self.client.authorize_url, self.client)

    def test_denied_three_legged_login(self):
        self.assertIsNone(self.allow(self.client.authorize_url(), "deny"))
        self.assertRaises(uservoice.Unauthorized, self.client.login_with_verifier, "guessed")

    def test_callback_of_get_request_token_replaces_the_option(self):
        self.client.get_request_token("http://localhost/back")
        token = sandbox.client(callback="http://localhost/other").get_request_token()
        self.assertTrue(token.token and token.secret)
        requests = sandbox.control("GET", "requests")
        sent = [request["headers"]["authorization"] for request in requests]
        self.assertIn("localhost%2Fback", sent[0])
        self.assertIn("localhost%2Fother", sent[1])


class Errors(unittest.TestCase):
    def test_args_are_those_of_the_old_module(self):
        for status, exception, name in [(401, uservoice.Unauthorized, "unauthorized"),
                                   (404, uservoice.NotFound, "record_not_found"),
                                   (429, RateLimitExceeded, "rate_limit_exceeded"),
                                   (500, uservoice.ApplicationError, "application_error")]:
            sandbox.reset({"path": "/api/v1/forums", "status": status, "times": 9})
            with self.assertRaises(exception) as raised:
                sandbox.client(max_retries=0).get("/api/v1/forums")
            self.assertIsInstance(raised.exception, RuntimeError)
            self.assertEqual(raised.exception.args[0]["errors"]["type"], name)

    def test_pickle(self):
        with self.assertRaises(uservoice.NotFound) as raised:
            sandbox.client().get("/api/v1/users/999999")
        with self.assertRaises(uservoice.TransportError) as refused:
            sandbox.client(base_url="http://127.0.0.1:1").get("/api/v1/users")
        for error in [raised.exception, refused.exception]:
            unpickled = pickle.loads(pickle.dumps(error))
            state = {name: value for name, value in vars(error).items() if name != "_native"}
            self.assertEqual((type(unpickled), str(unpickled), vars(unpickled)),
                             (type(error), str(error), state))
            self.assertIsNone(unpickled.header("Content-Type"))

    def test_request_and_header(self):
        with self.assertRaises(uservoice.NotFound) as raised:
            sandbox.client().get("/api/v1/forums/9?a=b", {"c": "d"})
        error = raised.exception
        self.assertEqual((error.request, error.argument), ("GET /api/v1/forums/9", None))
        self.assertTrue(str(error).startswith("GET /api/v1/forums/9: HTTP 404"), error)
        self.assertEqual(error.header("Content-Type"), error.header("CONTENT-type"))
        self.assertIn("application/json", error.header("content-type"))
        self.assertIsNone(error.header("X-None"))
        self.assertRaises(TypeError, error.header, None)
        self.assertIsNone(uservoice.NotFound("raised by a program").header("Content-Type"))

    def test_repr_does_not_contain_the_response(self):
        body = '{"errors":{"type":"record_invalid","message":"Why"},"token":"in the response"}'
        sandbox.reset({"path": "/api/v1/forums", "status": 422, "body": body})
        with self.assertRaises(uservoice.APIError) as raised:
            sandbox.client().get("/api/v1/forums")
        with self.assertRaises(ValueError) as refused:
            sandbox.client().get("x")
        self.assertEqual([repr(raised.exception), repr(refused.exception)],
                         ["<uservoice.APIError: GET /api/v1/forums: HTTP 422: Why>",
                          f"<uservoice.InvalidArgument: {refused.exception}>"])
        self.assertEqual(repr(uservoice.NotFound("of a program")), "NotFound('of a program')")

    def test_builtin_base_classes(self):
        with self.assertRaises(ConnectionError):
            sandbox.client(base_url="http://127.0.0.1:1").get("/x")
        sandbox.reset({"path": "/api/v1/forums", "delay_ms": 60000})
        with self.assertRaises(TimeoutError):
            sandbox.client(timeout=0.2, max_retries=0).get("/api/v1/forums")

    def test_body_of_the_response(self):
        body = json.dumps({"errors": {"type": "record_invalid", "message": "Why"}, "more": 1})
        sandbox.reset({"path": "/api/v1/forums", "status": 422, "body": body})
        with self.assertRaises(uservoice.APIError) as raised:
            sandbox.client().get("/api/v1/forums")
        self.assertEqual(raised.exception.body, body)
        self.assertEqual(raised.exception.args[0], json.loads(body))

    def test_body_nested_too_deep(self):
        body = "[" * 100_000 + "]" * 100_000
        for status, expected in [(200, uservoice.BadResponse), (422, uservoice.APIError),
                                 (404, uservoice.NotFound)]:
            sandbox.reset({"path": "/api/v1/forums", "status": status, "body": body})
            with self.assertRaises(expected) as raised:
                sandbox.client().get("/api/v1/forums")
            self.assertEqual(raised.exception.body, body)


class Log(unittest.TestCase):
    def test_logs_each_attempt(self):
        sandbox.reset({"path": "/api/v1/forums", "status": 503})
        with self.assertLogs("uservoice", "DEBUG") as log:
            sandbox.client().login_as_owner().get("/api/v1/forums", {"page": 1})
        lines = [line for line in log.output if "/api/v1/forums" in line]
        self.assertRegex(lines[0],
                         "^WARNING:uservoice:method=GET path=/api/v1/forums.page status=503")
        self.assertRegex(lines[1], "^DEBUG:uservoice:method=GET .* status=200 .*attempt=2")
        self.assertNotIn(sandbox.SECRET, str(log.output))

    def test_exception_of_a_handler_does_not_affect_the_request(self):
        sandbox.reset()
        handler = logging.Handler()
        with mock.patch.object(handler, "emit", side_effect=OSError("full")) as emit, \
                self.assertLogs("uservoice", "DEBUG"), \
                mock.patch("sys.stderr", io.StringIO()) as stderr:
            logging.getLogger("uservoice").addHandler(handler)
            self.addCleanup(logging.getLogger("uservoice").removeHandler, handler)
            self.assertIn("forums", sandbox.client().get("/api/v1/forums"))
        self.assertEqual(emit.call_count, 1)
        self.assertIn("OSError: full", stderr.getvalue())

    def test_records_have_the_fields_of_the_attempt(self):
        sandbox.reset({"path": "/api/v1/forums", "status": 503})
        with self.assertLogs("uservoice", "DEBUG") as log:
            sandbox.client().get("/api/v1/forums", {"page": 1})
            with self.assertRaises(uservoice.TransportError):
                uservoice.Client("acme", "key", base_url="http://127.0.0.1:9",
                                 max_retries=0).get("/api/v1/users")
        first, second, failed = [record.uservoice for record in log.records]
        self.assertEqual(first.keys() - second.keys(), {"retry_in_ms"})
        self.assertIsInstance(second.pop("duration_ms"), int)
        self.assertEqual(second, {"method": "GET", "path": "/api/v1/forums?page", "status": 200,
                                  "attempt": 2})
        self.assertEqual((failed["status"], failed["attempt"]), (0, 1))
        self.assertIn("refused", failed["error"])
        quoted = fields_of(r'status=0 error="a \"b=c\" d"')
        self.assertEqual(quoted, {"status": 0, "error": 'a "b=c" d'})

    def test_level_of_the_logger_may_change_at_any_time(self):
        sandbox.reset()
        client = sandbox.client()
        users = client.get_collection("/api/v1/users")
        for read in [lambda: client.get("/api/v1/forums"), lambda: client.get("/api/v1/forums"),
                     lambda: list(users)]:
            client.get("/api/v1/suggestions")
            with self.assertLogs("uservoice", "DEBUG") as log:
                read()
            self.assertRegex(log.output[0], "^DEBUG:.* path=/api/v1/(forum|user)s.* status=200")

    def test_library_logs_only_what_the_logger_accepts(self):
        sandbox.reset()
        client = sandbox.client()
        logger = logging.getLogger("uservoice")
        self.addCleanup(logger.setLevel, logger.level)
        for level, lines in [(logging.WARNING, 0), (logging.DEBUG, 1), (logging.INFO, 0)]:
            logger.setLevel(level)
            with self.subTest(level=level), mock.patch.object(logger, "log") as log:
                client.get("/api/v1/forums")
                self.assertEqual(log.call_count, lines)

    def test_logs_pages_of_collections(self):
        sandbox.reset()
        with self.assertLogs("uservoice", "DEBUG") as log:
            list(sandbox.client().get_collection("/api/v1/users"))
        self.assertEqual(len(log.output), 3)

    def test_prints_nothing_if_logging_is_not_configured(self):
        program = ("import sandbox\nsandbox.reset({'path': '/api/v1/forums', 'status': 503})\n"
                   "sandbox.client().get('/api/v1/forums')\n"
                   "users = sandbox.client().get_collection('/api/v1/suggestions')\n"
                   "next(iter(users))")
        process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((process.returncode, process.stdout, process.stderr), (0, "", ""))


class Lifetime(unittest.TestCase):
    def test_closed_client_raises_value_error(self):
        with sandbox.client() as client:
            users = client.get_collection("/api/v1/users")
            owner = client.login_as_owner()
        for use in [lambda: client.get("/api/v1/users"), client.login_as_owner, client.cancel,
                    lambda: client.get_collection("/api/v1/users"), client.authorize_url,
                    lambda: client.with_options(timeout=1)]:
            with self.assertRaisesRegex(ValueError, "this client is closed"):
                use()
        self.assertTrue(client.is_closed)
        self.assertFalse(owner.is_closed)
        client.close()
        # Collections and clients created from it still work.
        self.assertEqual(len(users), 250)
        self.assertTrue(owner.get("/api/v1/users/current")["user"]["roles"]["owner"])

    def test_close_frees_immediately(self):
        client = sandbox.client()
        freed = []
        with mock.patch.dict(uservoice._library.FREE, uservoice_client=freed.append):
            client = sandbox.client()
        self.assertEqual(freed, [])
        client.close()
        self.assertEqual(len(freed), 1)
        uservoice._library.lib.uservoice_client_free(freed[0])

    def test_handle_closed_during_a_call_is_freed_after_the_call(self):
        freed = []
        with mock.patch.dict(uservoice._library.FREE, uservoice_collection=freed.append):
            users = sandbox.client().get_collection("/api/v1/users")
        handle = users._source._shared_handle()
        freed_during_call = []

        def close_and_count(*_):
            handle.close()
            freed_during_call.append(len(freed))
            return 0

        handle.call(close_and_count)
        self.assertEqual(freed_during_call, [0])
        handle = users = None
        gc.collect()
        self.assertEqual(len(freed), 1)
        uservoice._library.lib.uservoice_collection_free(freed[0])

    def test_repr_contains_no_secrets(self):
        client = sandbox.client()
        owner = client.login_as_owner()
        text = " ".join(map(repr, [client, owner, owner.get_collection("/api/v1/users")]))
        text += f"{client} {owner}"
        for secret in [sandbox.KEY, sandbox.SECRET, owner.token, owner.secret]:
            self.assertNotIn(secret, text)
        self.assertIn(sandbox.URL, text)
        client.authorize_url()
        response = client.send("POST", "/api/v1/users/login_as_owner",
                               {"request_token": client.request_token.token})
        self.assertIn("oauth_token_secret", response.body["token"])
        self.assertEqual(repr(response), "<uservoice.Response 201>")

    def test_copies(self):
        owner = sandbox.client(max_retries=0).login_as_owner()
        owner.attribute = "value"
        for client in [pickle.loads(pickle.dumps(owner)), copy.copy(owner), copy.deepcopy(owner)]:
            self.assertTrue(client.get("/api/v1/users/current")["user"]["roles"]["owner"])
            self.assertEqual((client.secret, client.attribute), (owner.secret, "value"))
            sandbox.control("POST", "faults", {"path": "/api/v1/forums", "status": 503})
            self.assertRaises(uservoice.ApplicationError, client.get, "/api/v1/forums")


class SingleSignOn(unittest.TestCase):
    def test_site_accepts_sso_token(self):
        user = {"guid": 7, "display_name": "Zoë", "email": "zoe@example.com"}
        before = dict(user)
        token = uservoice.generate_sso_token("sandbox", sandbox.SSO_KEY, user)
        self.assertEqual(user, before)
        self.assertIn("zoe@example.com", sandbox.fetch("/?sso=" + token))
        decrypted = uservoice.decrypt_sso_token("sandbox", sandbox.SSO_KEY, token)
        self.assertTrue(decrypted.pop("expires"))
        self.assertEqual(decrypted, user)

    def test_rejects_invalid_sso_arguments(self):
        token = uservoice.generate_sso_token("acme", "key", {})
        with self.assertRaisesRegex(uservoice.SignatureVerificationError, "token"):
            uservoice.decrypt_sso_token("acme", "another", token)
        self.assertRaises(ValueError, uservoice.generate_sso_token, "acme", "key", {}, 0)
        self.assertRaises(ValueError, uservoice.generate_sso_token, "acme", "", {})
        self.assertRaises(TypeError, uservoice.generate_sso_token, "acme", None, {})


if __name__ == "__main__":
    unittest.main()
