"""The Admin API (API v2): logins and collections; JSON Web Tokens and webhooks."""
import copy
import hmac
import json
import pickle
import queue
import subprocess
import threading
import unittest
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

import sandbox
import uservoice

SUGGESTIONS = "/api/v2/admin/suggestions"
REDIRECT_URI = "https://app.example/back"


def email(client):
    return client.get("/api/v2/admin/users/current")["users"][0]["email_address"]


def expire_tokens():
    sandbox.control("POST", "expire_tokens")


class Logins(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def test_client_credentials_act_for_the_owner(self):
        owner = self.client.login_with_client_credentials()
        self.assertEqual(email(owner), sandbox.OWNER)
        self.assertTrue(owner.token)
        self.assertEqual(owner.secret, "")

    def test_client_credentials_token_is_refreshed(self):
        owner = self.client.login_with_client_credentials()
        stored = owner.token_json()
        self.assertIn(owner.token, stored)
        self.assertNotIn(sandbox.SECRET, stored)
        expire_tokens()
        self.assertEqual(email(owner), sandbox.OWNER)
        self.assertNotEqual(owner.token_json(), stored)
        expire_tokens()
        self.assertEqual(email(self.client.login_with_token_json(stored)), sandbox.OWNER)

    def test_copies_refresh_the_token(self):
        owner = self.client.login_with_client_credentials()
        for client in [pickle.loads(pickle.dumps(owner)), copy.copy(owner),
                       owner.with_options(max_retries=0)]:
            expire_tokens()
            self.assertEqual(email(client), sandbox.OWNER)

    def test_password(self):
        self.assertRaises(uservoice.Unauthorized, self.client.login_with_password,
                          sandbox.OWNER, "wrong")
        owner = self.client.login_with_password(sandbox.OWNER, sandbox.PASSWORD)
        self.assertEqual(email(owner), sandbox.OWNER)
        self.assertNotIn(sandbox.PASSWORD, owner.token_json())
        expire_tokens()
        self.assertRaises(uservoice.Unauthorized, email, owner)

    def sign_in(self, request, **form):
        """Signs in as a user; returns the parameters of the redirect."""
        url = urllib.parse.urlsplit(request.url)
        query = dict(urllib.parse.parse_qsl(url.query))
        redirect = sandbox.redirect_of(url.path, {**query, "email": sandbox.OWNER,
                                                  "password": sandbox.PASSWORD, **form})
        self.assertTrue(redirect.startswith(REDIRECT_URI + "?"), redirect)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(redirect).query))

    def test_login_with_code(self):
        client = sandbox.client(secret=None)
        request = client.authorization_request(REDIRECT_URI)
        self.assertTrue(request.url.startswith(sandbox.URL + "/api/v2/oauth/auth?"))
        self.assertNotIn(request.code_verifier, request.url)
        self.assertEqual(f"{request}", "<uservoice.AuthorizationRequest>")
        redirect = self.sign_in(request, decision="allow")
        self.assertEqual(redirect["state"], request.state)
        self.assertNotEqual(request.state, client.authorization_request(REDIRECT_URI).state)
        # Another process completes the login.
        stored = json.loads(json.dumps(request._asdict()))
        user = sandbox.client(secret=None).login_with_code(
            redirect["code"], stored["code_verifier"], REDIRECT_URI)
        self.assertEqual(email(user), sandbox.OWNER)

    def test_authorization_request_with_a_given_state(self):
        request = self.client.authorization_request(REDIRECT_URI, "s&t é")
        self.assertEqual(request.state, "s&t é")
        redirect = self.sign_in(request, decision="allow")
        self.assertEqual(redirect["state"], "s&t é")
        other = self.client.authorization_request(REDIRECT_URI)
        self.assertRaises(uservoice.Unauthorized, self.client.login_with_code, redirect["code"],
                          other.code_verifier, REDIRECT_URI)

    def test_login_with_code_without_pkce_sends_no_verifier(self):
        redirect = self.sign_in(self.client.authorization_request(REDIRECT_URI), decision="allow")
        lengths = []
        for code_verifier in ("x" * 43, None):
            with self.assertRaises(uservoice.APIError) as raised:
                self.client.login_with_code(redirect["code"], code_verifier, REDIRECT_URI)
            self.assertEqual(raised.exception.request, "POST /api/v2/oauth/token")
            request = sandbox.control("GET", "requests")[-1]
            lengths.append(int(request["headers"]["content-length"]))
        self.assertEqual(lengths[0] - lengths[1], len("&code_verifier=") + 43)

    def test_denied_authorization_request(self):
        redirect = self.sign_in(self.client.authorization_request(REDIRECT_URI), decision="deny")
        self.assertEqual(redirect["error"], "access_denied")
        self.assertNotIn("code", redirect)

    def test_rejects_invalid_login_arguments(self):
        for function in [lambda: self.client.login_with_password(sandbox.OWNER, None),
                         lambda: self.client.authorization_request(7),
                         lambda: self.client.sso_url(None),
                         lambda: self.client.login_with_code(b"code", "verifier", REDIRECT_URI)]:
            self.assertRaises(TypeError, function)
        self.assertRaises(ValueError, self.client.authorization_request, "")
        self.assertEqual(sandbox.control("GET", "requests"), [])
        self.client.close()
        self.assertRaises(ValueError, self.client.login_with_client_credentials)


class Collections(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.owner = sandbox.client().login_with_client_credentials()

    def test_reads_all_pages_by_cursor(self):
        suggestions = self.owner.get_collection(SUGGESTIONS + "?sort=-id")
        self.assertEqual(len(suggestions), 1501)
        self.assertEqual([suggestion["id"] for suggestion in suggestions],
                         list(range(1501, 0, -1)))
        self.assertEqual(suggestions.response_data["total_records"], 1501)
        self.assertEqual(suggestions[1500]["id"], 1)
        cursors = {urllib.parse.parse_qs(request["query"]).get("cursor", [""])[0]
                   for request in sandbox.requests()}
        self.assertEqual(len(cursors), 16)

    def test_token_expires_during_iteration(self):
        suggestions = self.owner.with_options(prefetch_pages=0).get_collection(SUGGESTIONS)
        ids = []
        for page in suggestions.iter_pages():
            ids.extend(suggestion["id"] for suggestion in page)
            if len(ids) == 700:
                expire_tokens()
        self.assertEqual(ids, list(range(1501, 0, -1)))
        self.assertIn(401, [request["status"] for request in sandbox.requests()])

    def test_whole_pages_include_related_records(self):
        suggestions = self.owner.get_collection(
            SUGGESTIONS, limit=30, params={"includes": ["forums", "users"], "per_page": 20})
        for _ in range(2):  # each iteration loads the records again
            pages = list(suggestions.iter_whole_pages())
            self.assertEqual([len(page["suggestions"]) for page in pages], [20, 20])
            for page in pages:
                users = {user["id"] for user in page["users"]}
                self.assertLessEqual({suggestion["links"]["created_by"]
                                      for suggestion in page["suggestions"]}, users)
                self.assertTrue(page["forums"])
        self.assertEqual([len(page) for page in suggestions.iter_pages()], [20, 10])

    def test_whole_pages_require_a_client(self):
        class Other:
            def get(self, path):
                raise AssertionError("must not be called")

        with self.assertRaises(TypeError):
            uservoice.Collection(Other(), "/api/v1/users").iter_whole_pages()

    def test_starts_at_a_cursor(self):
        page = self.owner.get(SUGGESTIONS, {"per_page": 100})
        rest = self.owner.get_collection(SUGGESTIONS, params={
            "cursor": page["pagination"]["cursor"]})
        self.assertEqual([suggestion["id"] for suggestion in rest], list(range(1401, 0, -1)))

    def test_record_invalid_error_has_the_reason(self):
        with self.assertRaises(uservoice.APIError) as raised:
            self.owner.post(SUGGESTIONS, {})
        self.assertEqual(raised.exception.status_code, 422)
        self.assertIn("forum", raised.exception.body)


class SingleSignOn(unittest.TestCase):
    USER = {"guid": "7", "display_name": "Zoë", "email": "zoe@example.com"}

    def test_site_accepts_jwt(self):
        before = dict(self.USER)
        jwt = uservoice.generate_sso_jwt(sandbox.SSO_KEY, self.USER)
        self.assertEqual(self.USER, before)
        client = sandbox.client()
        for return_path, prefix in [(None, "/?sso="), ("/forums/1?a=b", "/forums/1?a=b&sso=")]:
            url = client.sso_url(jwt, return_path)
            self.assertTrue(url.startswith(sandbox.URL + prefix), url)
        page = sandbox.fetch(client.sso_url(jwt)[len(sandbox.URL):])
        self.assertIn("zoe@example.com", page)
        claims = uservoice.verify_sso_jwt(sandbox.SSO_KEY, jwt)
        self.assertTrue(claims.pop("exp"))
        self.assertEqual(claims, self.USER)

    def test_sso_url_of_an_encrypted_token(self):
        token = uservoice.generate_sso_token("sandbox", sandbox.SSO_KEY, self.USER)
        url = sandbox.client().sso_url(token)
        self.assertIn("zoe@example.com", sandbox.fetch(url[len(sandbox.URL):]))

    def test_rejects_invalid_jwt(self):
        jwt = uservoice.generate_sso_jwt("key", self.USER)
        expired = uservoice.generate_sso_jwt("key", {**self.USER, "exp": 1})
        for key, rejected in [("another", jwt), ("key", expired), ("key", jwt[:-2]), ("key", "")]:
            with self.assertRaises(uservoice.SignatureVerificationError) as raised:
                uservoice.verify_sso_jwt(key, rejected)
            self.assertIsInstance(raised.exception, ValueError)
        self.assertEqual(uservoice.verify_sso_jwt("key", expired, leeway=2**31)["exp"], 1)

    def test_rejects_invalid_jwt_arguments(self):
        for arguments in [("key", {"guid": 1}), ("", self.USER), ("key", self.USER, 0)]:
            self.assertRaises(ValueError, uservoice.generate_sso_jwt, *arguments)
        self.assertRaises(TypeError, uservoice.generate_sso_jwt, None, self.USER)


class Receiver(BaseHTTPRequestHandler):
    """Receives webhooks and puts their bodies into a queue."""

    def do_POST(self):
        self.server.bodies.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Webhooks(unittest.TestCase):
    def start_receiver(self):
        """Starts a receiver and a site that sends webhooks to it; returns queue and URL."""
        receiver = HTTPServer(("127.0.0.1", 0), Receiver)
        receiver.bodies = queue.Queue()
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        self.addCleanup(receiver.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(receiver.shutdown)
        site = subprocess.Popen(
            [sandbox.PROGRAM, "--json", "--quiet", "--webhook-url",
             f"http://127.0.0.1:{receiver.server_port}/"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(site.stdout.close)
        self.addCleanup(site.wait)
        self.addCleanup(site.kill)
        return receiver.bodies, json.loads(site.stdout.readline())["url"]

    def test_read_and_verify(self):
        bodies, url = self.start_receiver()
        owner = sandbox.client(base_url=url).login_as_owner()
        title = "Tea & café, 50 %"
        owner.post("/api/v1/forums/1/suggestions", {"suggestion": {"title": title, "votes": 1}})
        body = bodies.get(timeout=60)

        webhook = uservoice.read_webhook(sandbox.SSO_KEY, body)
        self.assertEqual(webhook.event, "new_suggestion")
        self.assertEqual(webhook.data["suggestion"]["title"], title)
        self.assertEqual(f"{webhook}", "<uservoice.Webhook 'new_suggestion'>")
        self.assertEqual(uservoice.read_webhook(sandbox.SSO_KEY, body.decode()), webhook)
        form = dict(urllib.parse.parse_qsl(body.decode()))
        for data in (form["data"], form["data"].encode()):
            uservoice.verify_webhook(sandbox.SSO_KEY, data, form["signature"])

        for key, forged in [("another", body), (sandbox.SSO_KEY, body.replace(b"Tea", b"Sea")),
                            (sandbox.SSO_KEY, b""), (sandbox.SSO_KEY, b"\xff\0")]:
            self.assertRaises(uservoice.SignatureVerificationError, uservoice.read_webhook, key,
                              forged)
        for key, data in [("another", form["data"]), (sandbox.SSO_KEY, form["data"] + " ")]:
            self.assertRaises(uservoice.SignatureVerificationError, uservoice.verify_webhook, key,
                              data, form["signature"])

    def test_sign(self):
        data = '{"suggestion":{"id":1}}'
        signature = uservoice.sign_webhook("key", data)
        self.assertEqual(signature, hmac.new(b"key", data.encode(), "sha256").hexdigest())
        uservoice.verify_webhook("key", data, signature)
        self.assertEqual(uservoice.sign_webhook("key", data.encode()), signature)
        self.assertRaises(uservoice.InvalidArgument, uservoice.sign_webhook, "", data)

    def test_rejects_invalid_argument_types(self):
        self.assertRaises(TypeError, uservoice.read_webhook, "key", None)
        self.assertRaises(TypeError, uservoice.read_webhook, b"key", b"")
        self.assertRaises(TypeError, uservoice.verify_webhook, "key", {}, "00")


if __name__ == "__main__":
    unittest.main()
