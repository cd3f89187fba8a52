"""Tests PyPI's uservoice 0.0.25 against the sandbox, as programs used it."""
import os
import re
import unittest
import urllib.parse

import old_dependencies  # noqa: F401
import requests
import uservoice
from uservoice.client import RateLimitExceeded  # the package does not export it

URL = os.environ["USERVOICE_SANDBOX_URL"]
KEY = os.environ["USERVOICE_SANDBOX_API_KEY"]
SECRET = os.environ["USERVOICE_SANDBOX_API_SECRET"]
os.environ["NO_PROXY"] = "127.0.0.1"


def client(key=KEY, secret=SECRET, **options):
    # The old client has no base URL: the host 127.0.0.1 is split into "127.0.0" and "1:PORT".
    port = urllib.parse.urlsplit(URL).port
    return uservoice.Client("127.0.0", key, secret, protocol="http",
                            uservoice_domain="1:%d" % port, **options)


def control(method, path, body=None):
    """Sends a request to the sandbox's control API and returns the decoded JSON."""
    response = requests.request(method, URL + "/_sandbox/" + path, json=body)
    response.raise_for_status()
    return response.json() if response.text else None


def allow(authorize_url, decision="allow"):
    """Clicks a button of the authorize page and returns the response."""
    page = requests.get(authorize_url)
    page.raise_for_status()
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(authorize_url).query)["oauth_token"][0]
    form = {"oauth_token": token, "decision": decision, "email": "user3@sandbox.example"}
    return requests.post(URL + "/oauth/authorize", data=form, allow_redirects=False)


class OldClient(unittest.TestCase):
    def setUp(self):
        control("POST", "reset")
        self.client = client()

    def test_get_post_put_delete(self):
        suggestion = self.client.get("/api/v1/suggestions/1")["suggestion"]
        self.assertEqual(suggestion["title"], "Dark mode (1)")
        with self.client.login_as("user4@sandbox.example") as user:
            created = user.post("/api/v1/forums/1/suggestions",
                                {"suggestion": {"title": "Größer 🍵", "votes": 1}})["suggestion"]
        self.assertEqual(created["title"], "Größer 🍵")
        path = "/api/v1/suggestions/%d" % created["id"]
        owner = self.client.login_as_owner()
        updated = owner.put(path, {"suggestion": {"title": "Kleiner"}})
        self.assertEqual(updated["suggestion"]["title"], "Kleiner")
        owner.delete(path)
        self.assertRaises(uservoice.NotFound, owner.get, path)

    def test_client_without_secret_reads_public_data(self):
        public = client(secret=None)
        self.assertEqual(len(public.get_collection("/api/v1/forums")), 2)
        self.assertRaises(uservoice.Unauthorized, public.get, "/api/v1/users")

    def test_login_as_and_login_with_access_token(self):
        with self.client.login_as("user2@sandbox.example") as user:
            name = user.get("/api/v1/users/current")["user"]["name"]
            self.assertEqual(name, "李小龍")
            restored = self.client.login_with_access_token(user.token, user.secret)
        self.assertEqual(restored.get("/api/v1/users/current.json")["user"]["name"], name)
        owner = self.client.login_as_owner().get("/api/v1/users/current")["user"]
        self.assertEqual(owner["email"], os.environ["USERVOICE_SANDBOX_OWNER_EMAIL"])
        self.assertTrue(owner["roles"]["owner"])

    def test_wrong_secret_is_unauthorized(self):
        self.assertRaises(uservoice.Unauthorized, client(secret="wrong").get, "/api/v1/users")
        untrusted = client(os.environ["USERVOICE_SANDBOX_UNTRUSTED_API_KEY"],
                           os.environ["USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"])
        self.assertRaises(uservoice.Unauthorized, untrusted.login_as_owner)

    def test_errors(self):
        owner = self.client.login_as_owner()
        with self.assertRaises(uservoice.APIError) as raised:
            owner.post("/api/v1/forums/1/suggestions", {"suggestion": {"title": ""}})
        self.assertEqual(raised.exception.args[0]["errors"]["type"], "record_invalid")
        for status, exception in [(500, uservoice.ApplicationError), (429, RateLimitExceeded),
                             (404, uservoice.NotFound), (401, uservoice.Unauthorized)]:
            control("POST", "faults", {"path": "/api/v1/forums", "status": status})
            self.assertRaises(exception, self.client.get, "/api/v1/forums")

    def test_collection(self):
        suggestions = self.client.get_collection("/api/v1/suggestions?sort=oldest")
        control("DELETE", "requests")
        self.assertEqual(len(suggestions), 1501)
        ids = [suggestion["id"] for suggestion in suggestions]
        self.assertEqual(ids, list(range(1, 1502)))
        self.assertEqual(suggestions[1500]["id"], 1501)
        self.assertRaises(IndexError, lambda: suggestions[1501])
        self.assertEqual(len(control("GET", "requests")), 16)

        first = self.client.get_collection("/api/v1/users", limit=5)
        self.assertEqual([user["id"] for user in first], [1, 2, 3, 4, 5])
        empty = self.client.get_collection("/api/v1/suggestions/search?query=nobody+wants+this")
        self.assertEqual((len(empty), list(empty)), (0, []))

    def test_three_legged_login_with_typed_verifier(self):
        page = allow(self.client.authorize_url())
        verifier = re.search('<code id="verifier">([^<]*)</code>', page.text).group(1)
        user = self.client.login_with_verifier(verifier)
        self.assertEqual(user.get("/api/v1/users/current")["user"]["email"],
                         "user3@sandbox.example")

    def test_three_legged_login_with_callback(self):
        web = client(callback="http://localhost:3000/callback?a=b")
        redirect = allow(web.authorize_url()).headers["Location"]
        self.assertTrue(redirect.startswith("http://localhost:3000/callback?a=b&"), redirect)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(redirect).query)
        self.assertEqual(query["oauth_token"], [web.request_token.token])
        # Another process completes the login with the stored request token.
        other = client()
        other.request_token = other.login_with_access_token(web.request_token.token,
                                                            web.request_token.secret)
        user = other.login_with_verifier(query["oauth_verifier"][0])
        self.assertEqual(user.get("/api/v1/users/current")["user"]["email"],
                         "user3@sandbox.example")

    def test_denied_three_legged_login(self):
        allow(self.client.authorize_url(), "deny")
        # The old client does not check the status, and finds no token in the response.
        self.assertRaises(KeyError, self.client.login_with_verifier, "guessed")

    def test_single_sign_on_token(self):
        user = {"guid": 1000000, "display_name": "Zoë", "email": "zoe@example.com"}
        token = uservoice.generate_sso_token(
            "sandbox", os.environ["USERVOICE_SANDBOX_SSO_KEY"], user, 60)
        self.assertIn("expires", user)
        page = requests.get(URL + "/?sso=" + token)
        self.assertEqual(page.status_code, 200)
        self.assertIn("zoe@example.com", page.text)


if __name__ == "__main__":
    unittest.main()
