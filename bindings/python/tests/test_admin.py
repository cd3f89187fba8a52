"""The Admin API (API v2): its logins and lists, JSON Web Tokens, web hooks."""
import copy
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
BACK = "https://app.example/back"


def email(client):
    return client.get("/api/v2/admin/users/current")["users"][0]["email_address"]


def expire_tokens():
    sandbox.control("POST", "expire_tokens")


class Logins(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def test_the_key_acts_as_the_owner(self):
        owner = self.client.login_with_client_credentials()
        self.assertEqual(email(owner), sandbox.OWNER)
        self.assertTrue(owner.token)
        self.assertEqual(owner.secret, "")

    def test_the_token_renews_itself(self):
        owner = self.client.login_with_client_credentials()
        kept = owner.token_json()
        self.assertIn(owner.token, kept)
        self.assertNotIn(sandbox.SECRET, kept)
        expire_tokens()
        self.assertEqual(email(owner), sandbox.OWNER)
        self.assertNotEqual(owner.token_json(), kept)
        expire_tokens()
        self.assertEqual(email(self.client.login_with_token_json(kept)), sandbox.OWNER)

    def test_copies_keep_the_kind_of_the_token(self):
        owner = self.client.login_with_client_credentials()
        for again in [pickle.loads(pickle.dumps(owner)), copy.copy(owner),
                      owner.with_options(max_retries=0)]:
            expire_tokens()
            self.assertEqual(email(again), sandbox.OWNER)

    def test_a_password(self):
        self.assertRaises(uservoice.Unauthorized, self.client.login_with_password,
                          sandbox.OWNER, "wrong")
        owner = self.client.login_with_password(sandbox.OWNER, sandbox.PASSWORD)
        self.assertEqual(email(owner), sandbox.OWNER)
        self.assertNotIn(sandbox.PASSWORD, owner.token_json())
        expire_tokens()
        self.assertRaises(uservoice.Unauthorized, email, owner)

    def sign_in(self, request, **form):
        """What the person who signs in comes back with."""
        url = urllib.parse.urlsplit(request.url)
        asked = dict(urllib.parse.parse_qsl(url.query))
        back = sandbox.redirect_of(url.path, {**asked, "email": sandbox.OWNER,
                                              "password": sandbox.PASSWORD, **form})
        self.assertTrue(back.startswith(BACK + "?"), back)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))

    def test_a_person_signs_in(self):
        client = sandbox.client(secret=None)
        request = client.code_request(BACK)
        self.assertTrue(request.url.startswith(sandbox.URL + "/api/v2/oauth/auth?"))
        self.assertNotIn(request.code_verifier, request.url)
        self.assertEqual(f"{request}", "<uservoice.CodeRequest>")
        back = self.sign_in(request, decision="allow")
        self.assertEqual(back["state"], request.state)
        self.assertNotEqual(request.state, client.code_request(BACK).state)
        # Elsewhere, later.
        kept = json.loads(json.dumps(request._asdict()))
        person = sandbox.client(secret=None).login_with_code(
            back["code"], kept["code_verifier"], BACK)
        self.assertEqual(email(person), sandbox.OWNER)

    def test_a_person_signs_in_with_a_state_of_ours(self):
        request = self.client.code_request(BACK, "s&t é")
        self.assertEqual(request.state, "s&t é")
        back = self.sign_in(request, decision="allow")
        self.assertEqual(back["state"], "s&t é")
        other = self.client.code_request(BACK)
        self.assertRaises(uservoice.Unauthorized, self.client.login_with_code, back["code"],
                          other.code_verifier, BACK)

    def test_a_person_denies(self):
        back = self.sign_in(self.client.code_request(BACK), decision="deny")
        self.assertEqual(back["error"], "access_denied")
        self.assertNotIn("code", back)

    def test_wrong_use(self):
        for wrong in [lambda: self.client.login_with_password(sandbox.OWNER, None),
                      lambda: self.client.code_request(7), lambda: self.client.sso_url(None),
                      lambda: self.client.login_with_code(b"code", "verifier", BACK)]:
            self.assertRaises(TypeError, wrong)
        self.assertRaises(ValueError, self.client.code_request, "")
        self.assertEqual(sandbox.control("GET", "requests"), [])
        self.client.close()
        self.assertRaises(ValueError, self.client.login_with_client_credentials)


class Lists(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.owner = sandbox.client().login_with_client_credentials()

    def test_read_to_the_end_by_cursor(self):
        suggestions = self.owner.get_collection(SUGGESTIONS + "?sort=-id")
        self.assertEqual(len(suggestions), 1501)
        self.assertEqual([suggestion["id"] for suggestion in suggestions],
                         list(range(1501, 0, -1)))
        self.assertEqual(suggestions.response_data["total_records"], 1501)
        self.assertEqual(suggestions[1500]["id"], 1)
        cursors = {urllib.parse.parse_qs(call["query"]).get("cursor", [""])[0]
                   for call in sandbox.calls()}
        self.assertEqual(len(cursors), 16)

    def test_a_token_that_ends_on_the_way(self):
        suggestions = self.owner.with_options(prefetch_pages=0).get_collection(SUGGESTIONS)
        ids = []
        for page in suggestions.iter_pages():
            ids.extend(suggestion["id"] for suggestion in page)
            if len(ids) == 700:
                expire_tokens()
        self.assertEqual(ids, list(range(1, 1502)))
        self.assertIn(401, [call["status"] for call in sandbox.calls()])

    def test_whole_pages_have_what_stands_beside(self):
        suggestions = self.owner.get_collection(
            SUGGESTIONS, limit=30, params={"includes": ["forums", "users"], "per_page": 20})
        for _ in range(2):  # each iteration reads the list anew
            pages = list(suggestions.iter_whole_pages())
            self.assertEqual([len(page["suggestions"]) for page in pages], [20, 20])
            for page in pages:
                users = {user["id"] for user in page["users"]}
                self.assertLessEqual({suggestion["links"]["created_by"]
                                      for suggestion in page["suggestions"]}, users)
                self.assertTrue(page["forums"])
        self.assertEqual([len(page) for page in suggestions.iter_pages()], [20, 10])

    def test_whole_pages_of_another_client(self):
        class Other:
            def get(self, path):
                raise AssertionError("not asked")

        with self.assertRaises(TypeError):
            uservoice.Collection(Other(), "/api/v1/users").iter_whole_pages()

    def test_begins_where_a_cursor_says(self):
        page = self.owner.get(SUGGESTIONS, {"per_page": 100})
        rest = self.owner.get_collection(SUGGESTIONS, params={
            "cursor": page["pagination"]["cursor"]})
        self.assertEqual([suggestion["id"] for suggestion in rest], list(range(101, 1502)))

    def test_what_is_invalid_says_why(self):
        with self.assertRaises(uservoice.APIError) as raised:
            self.owner.post(SUGGESTIONS, {})
        self.assertEqual(raised.exception.status_code, 422)
        self.assertIn("forum", raised.exception.body)


class SingleSignOn(unittest.TestCase):
    USER = {"guid": "7", "display_name": "Zoë", "email": "zoe@example.com"}

    def test_the_site_takes_our_jwt(self):
        before = dict(self.USER)
        jwt = uservoice.generate_sso_jwt(sandbox.SSO_KEY, self.USER)
        self.assertEqual(self.USER, before)
        client = sandbox.client()
        for return_path, begins in [(None, "/?sso="), ("/forums/1?a=b", "/forums/1?a=b&sso=")]:
            url = client.sso_url(jwt, return_path)
            self.assertTrue(url.startswith(sandbox.URL + begins), url)
        page = sandbox.fetch(client.sso_url(jwt)[len(sandbox.URL):])
        self.assertIn("zoe@example.com", page)
        claims = uservoice.verify_sso_jwt(sandbox.SSO_KEY, jwt)
        self.assertTrue(claims.pop("exp"))
        self.assertEqual(claims, self.USER)

    def test_a_token_of_the_other_kind_has_a_url_too(self):
        token = uservoice.generate_sso_token("sandbox", sandbox.SSO_KEY, self.USER)
        url = sandbox.client().sso_url(token)
        self.assertIn("zoe@example.com", sandbox.fetch(url[len(sandbox.URL):]))

    def test_what_does_not_hold(self):
        jwt = uservoice.generate_sso_jwt("key", self.USER)
        old = uservoice.generate_sso_jwt("key", {**self.USER, "exp": 1})
        for key, refused in [("another", jwt), ("key", old), ("key", jwt[:-2]), ("key", "")]:
            self.assertRaises(ValueError, uservoice.verify_sso_jwt, key, refused)
        self.assertEqual(uservoice.verify_sso_jwt("key", old, leeway=2**31)["exp"], 1)
        for wrong in [("key", {"guid": 1}), ("", self.USER), ("key", self.USER, 0)]:
            self.assertRaises(ValueError, uservoice.generate_sso_jwt, *wrong)
        self.assertRaises(TypeError, uservoice.generate_sso_jwt, None, self.USER)


class Receiver(BaseHTTPRequestHandler):
    """A program that is told of what happens on the site."""

    def do_POST(self):
        self.server.bodies.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Webhooks(unittest.TestCase):
    def deliveries(self):
        """The bodies that a receiver gets, and the URL of the site that tells it."""
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

    def test_what_the_site_tells(self):
        bodies, url = self.deliveries()
        owner = sandbox.client(base_url=url).login_as_owner()
        title = "Tea & café, 50 %"
        owner.post("/api/v1/forums/1/suggestions", {"suggestion": {"title": title, "votes": 1}})
        body = bodies.get(timeout=60)

        hook = uservoice.read_webhook(sandbox.SSO_KEY, body)
        self.assertEqual(hook.event, "new_suggestion")
        self.assertEqual(hook.data["suggestion"]["title"], title)
        self.assertEqual(f"{hook}", "<uservoice.Webhook 'new_suggestion'>")
        self.assertEqual(uservoice.read_webhook(sandbox.SSO_KEY, body.decode()), hook)
        form = dict(urllib.parse.parse_qsl(body.decode()))
        for data in (form["data"], form["data"].encode()):
            uservoice.verify_webhook(sandbox.SSO_KEY, data, form["signature"])

        for key, forged in [("another", body), (sandbox.SSO_KEY, body.replace(b"Tea", b"Sea")),
                            (sandbox.SSO_KEY, b""), (sandbox.SSO_KEY, b"\xff\0")]:
            self.assertRaises(ValueError, uservoice.read_webhook, key, forged)
        for key, data in [("another", form["data"]), (sandbox.SSO_KEY, form["data"] + " ")]:
            self.assertRaises(ValueError, uservoice.verify_webhook, key, data, form["signature"])

    def test_wrong_use(self):
        self.assertRaises(TypeError, uservoice.read_webhook, "key", None)
        self.assertRaises(TypeError, uservoice.read_webhook, b"key", b"")
        self.assertRaises(TypeError, uservoice.verify_webhook, "key", {}, "00")


if __name__ == "__main__":
    unittest.main()
