"""Values that arguments take, and what is said of those that they do not."""
import copy
import datetime
import math
import pickle
import types
import unittest
from pathlib import Path

import sandbox
import uservoice
from uservoice._json import encode

HOUR = datetime.timezone(datetime.timedelta(hours=1))


class Values(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def sent(self, params):
        self.client.get("/api/v1/forums", params)  # signed as it is sent
        return sandbox.calls()[-1]["query"]

    def test_moments_are_sent_as_the_api_takes_them(self):
        moment = datetime.datetime(2026, 1, 31, 1, 30, 15, 999999, tzinfo=HOUR)
        self.assertEqual(self.sent({"a": moment}), "a=2026-01-31T00%3A30%3A15Z")
        self.assertEqual(self.sent({"a": datetime.date(2026, 1, 31)}), "a=2026-01-31")

    def test_a_moment_of_single_sign_on_has_its_form(self):
        user = {"guid": 1, "expires": datetime.datetime(2026, 1, 31, 1, tzinfo=HOUR)}
        token = uservoice.generate_sso_token("acme", "key", user)
        self.assertEqual(uservoice.decrypt_sso_token("acme", "key", token)["expires"],
                         "2026-01-31 00:00:00")

    def test_a_moment_ends_a_jwt(self):
        moment = datetime.datetime(2100, 1, 31, 1, 0, 15, 999999, tzinfo=HOUR)
        for name, end in [("exp", 4105036815), ("expires", "2100-01-31 00:00:15")]:
            user = types.MappingProxyType({"guid": 1, "email": "jo@example.com", name: moment})
            claims = uservoice.verify_sso_jwt("key", uservoice.generate_sso_jwt("key", user))
            self.assertEqual(claims, {**user, name: end})
            with self.assertRaisesRegex(ValueError, "user_attributes: .* needs a time zone"):
                uservoice.generate_sso_jwt("key", {**user, name: moment.replace(tzinfo=None)})

    def test_text_is_a_json_string_and_not_json(self):
        self.client.send("POST", "/api/v1/forums", "{}")
        self.assertEqual(sandbox.calls()[-1]["headers"]["content-length"], "4")

    def test_text_is_utf_8_without_escapes(self):
        # A site makes the same token of the same user: its text is part of what is signed.
        self.assertEqual(encode("user", {"n": "é"}), '{"n":"é"}'.encode())

    def test_any_mapping_is_an_object(self):
        params = types.MappingProxyType({"per_page": 1})
        self.assertEqual(self.sent(params), "per_page=1")
        self.assertEqual(self.sent({"a": params}), "a%5Bper_page%5D=1")

    def test_options_in_the_forms_that_python_has(self):
        options = {"timeout": datetime.timedelta(milliseconds=200), "max_retries": 0,
                   "ca_file": Path("/etc/ssl/certs/ca-certificates.crt")}
        sandbox.reset({"path": "/api/v1/forums", "delay_ms": 60000})
        with self.assertRaises(uservoice.Timeout):
            sandbox.client(**options).get("/api/v1/forums")

    def test_a_web_hook_in_any_kind_of_bytes(self):
        for body in (b"a=b", bytearray(b"a=b"), memoryview(b"a=b"), "a=b"):
            with self.assertRaisesRegex(ValueError, "event"):
                uservoice.read_webhook("key", body)

    def test_what_is_wrong_is_told_with_its_name(self):
        client = self.client
        users = client.get_collection("/api/v1/users")
        for wrong, said in [
                (lambda: client.get("/x", {"ids": {1}}), "params: set"),
                (lambda: client.get("/x", {"ids": b"1"}), "params: bytes"),
                (lambda: client.post("/x", object()), "params: object"),
                (lambda: client.send("GET", "/x", headers={"X": object()}), "headers: object"),
                (lambda: client.send(None, "/x"), "method must be str"),
                (lambda: client.request(None, "/x"), "method must be str"),
                (lambda: client.login_with_access_token(None, None), "token must be str"),
                (lambda: client.get_collection("/x", limits=1), "limits"),
                (lambda: sandbox.client(timeout="5"), "timeout must be a number"),
                (lambda: uservoice.generate_sso_token("a", "k", {1}), "user_attributes: set"),
                (lambda: uservoice.generate_sso_jwt("k", {}, "5"), "valid_for must be a number"),
                (lambda: users["7"], "'str' object")]:
            with self.assertRaisesRegex(TypeError, said):
                wrong()
        circle = {}
        circle["circle"] = circle
        for wrong, said in [
                (lambda: client.get("/x", {"a": math.nan}), "params: .*float"),
                (lambda: client.get("/x", {"a": "\ud800"}), "params: .*surrogates"),
                (lambda: client.get("/x", circle), "params: Circular"),
                (lambda: client.get("/x", {"a": datetime.datetime(2026, 1, 31)}),
                 "params: a datetime needs a time zone"),
                (lambda: client.get("/\ud800"), "path: .*surrogates"),
                (lambda: uservoice.read_webhook("key", "\ud800"), "body: is not UTF-8"),
                (lambda: client.login_with_access_token("", ""), "token: must not be empty"),
                (lambda: sandbox.client(timeout=math.nan), "timeout must be a number"),
                (lambda: sandbox.client(max_retry_wait=math.inf), "max_retry_wait must be"),
                (lambda: uservoice.generate_sso_token("a", "k", {}, 2**70), "valid_for"),
                (lambda: uservoice.verify_sso_jwt("k", "jwt", math.nan), "leeway")]:
            with self.assertRaisesRegex(ValueError, said):
                wrong()
        self.assertEqual(sandbox.calls(), [])

    def test_what_is_wrong_has_the_name_and_unit_that_it_has_here(self):
        client = self.client
        most = 3162240000
        for wrong, said in [
                (lambda: sandbox.client(timeout=0), "timeout: must be from 0.001 to 86400 s"),
                (lambda: client.with_options(connect_timeout=1e6),
                 "connect_timeout: must be from 0.001 to 86400 s"),
                (lambda: sandbox.client(max_retry_wait=-1),
                 "max_retry_wait: must be from 0 to 86400 s"),
                (lambda: uservoice.generate_sso_token("acme", "key", {}, 2**40),
                 f"valid_for: must be from 1 to {most} s"),
                (lambda: uservoice.verify_sso_jwt("key", "jwt", -5),
                 f"leeway: must be from 0 to {most} s"),
                (lambda: uservoice.generate_sso_token("acme", "key", None),
                 "user_attributes: must be a JSON object: it does not begin with '{'"),
                (lambda: uservoice.generate_sso_jwt("key", {}),
                 'user_attributes: must have "guid"'),
                (lambda: client.login_with_token_json("{}"),
                 'token_json: must have "token" and "secret", both text'),
                # Others stay as they are.
                (lambda: sandbox.client(max_retries=-1),
                 'options: "max_retries": must be a whole number from 0 to 100')]:
            with self.assertRaises(uservoice.InvalidArgument) as raised:
                wrong()
            self.assertEqual((str(raised.exception), raised.exception.args), (said, (said,)))


class Lists(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.users = sandbox.client().get_collection("/api/v1/users", params={"per_page": 40})

    def test_slices(self):
        def ids(*of_slice):
            return [user["id"] for user in self.users[slice(*of_slice)]]

        self.assertEqual(ids(38, 42), [39, 40, 41, 42])
        self.assertEqual(ids(-2, None), [249, 250])
        self.assertEqual(ids(240, 1000, 9), [241, 250])

    def test_an_index_beyond_all_numbers(self):
        for index in (2**62, 2**63, 2**64, 10**30):
            with self.assertRaises(IndexError):
                self.users[index]

    def test_copies(self):
        first = next(iter(self.users))
        for again in [pickle.loads(pickle.dumps(self.users)), copy.copy(self.users)]:
            self.assertEqual([user["id"] for user in again], list(range(1, 251)))
            self.assertEqual(again[0], first)

    def test_no_query_shows(self):
        shown = repr(sandbox.client().get_collection("/api/v1/users/search?query=jo@example.com"))
        self.assertEqual(shown, "<uservoice.Collection '/api/v1/users/search'>")


if __name__ == "__main__":
    unittest.main()
