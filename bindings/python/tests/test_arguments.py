"""Conversion and validation of arguments."""
import collections
import datetime
import decimal
import email.message
import math
import types
import unittest
from pathlib import Path

import sandbox
import uservoice
from uservoice._json import encode

UTC_PLUS_1 = datetime.timezone(datetime.timedelta(hours=1))


class Arguments(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def query_of(self, params):
        self.client.get("/api/v1/forums", params)
        return sandbox.requests()[-1]["query"]

    def test_datetime_in_params(self):
        value = datetime.datetime(2026, 1, 31, 1, 30, 15, 999999, tzinfo=UTC_PLUS_1)
        self.assertEqual(self.query_of({"a": value}), "a=2026-01-31T00%3A30%3A15Z")
        self.assertEqual(self.query_of({"a": datetime.date(2026, 1, 31)}), "a=2026-01-31")

    def test_paths_are_quoted_as_requests_did(self):
        for path, expected in [("a b", "a%20b"), ("100%", "100%25"), ("%zz", "%25zz"),
                               ("a\tb\r\n", "a%09b%0D%0A"), ("a\\b", "a%5Cb"),
                               ("a%20b", "a%20b"), ("\u00e9", "%C3%A9")]:
            with self.assertRaises(uservoice.NotFound, msg=path) as raised:
                self.client.get("/api/v1/" + path)
            self.assertEqual(raised.exception.request, "GET /api/v1/" + expected)
            with self.assertRaises(uservoice.NotFound, msg=path) as raised:
                len(self.client.get_collection("/api/v1/" + path))
            self.assertEqual(raised.exception.request, "GET /api/v1/" + expected)
        for path in ("/api/v1/a#b", "/api/v1/a\0b", "a"):
            self.assertRaises(ValueError, self.client.get, path)

    def test_headers_may_be_of_another_type_than_dict(self):
        class Headers(collections.UserDict):
            pass

        message = email.message.Message()
        message["Accept"] = "text/plain"
        for headers in (Headers(Accept="text/plain"), message):
            response = self.client.send("GET", "/api/v1/forums/1", headers=headers)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(sandbox.requests()[-1]["headers"]["accept"], "text/plain")

    def test_strings_of_strangers_do_not_raise_errors_of_the_program(self):
        client, request_token = self.client, self.client.get_request_token()
        for invalid in ("\udcff", "\0"):
            for log_in in [lambda: client.login_with_verifier(invalid, request_token),
                           lambda: client.login_with_code(invalid, "a" * 43, "https://a.example"),
                           lambda: client.login_with_password(invalid, "secret"),
                           lambda: client.login_with_password("jo@example.com", invalid),
                           lambda: client.login_as(invalid)]:
                with self.assertRaises(uservoice.Unauthorized) as raised:
                    log_in()
                self.assertEqual((raised.exception.status, raised.exception.outcome),
                                 ("UNAUTHORIZED", "not sent"))
            for verify in [lambda: uservoice.decrypt_sso_token("acme", "key", invalid),
                           lambda: uservoice.verify_sso_jwt("key", invalid),
                           lambda: uservoice.verify_webhook("key", b"{}", invalid)]:
                with self.assertRaises(uservoice.SignatureVerificationError) as raised:
                    verify()
                self.assertEqual(raised.exception.status, "NOT_VERIFIED")
        with self.assertRaisesRegex(TypeError, "verifier must be str"):
            client.login_with_verifier(None, request_token)

    def test_datetime_in_sso_token(self):
        user = {"guid": 1, "expires": datetime.datetime(2026, 1, 31, 1, tzinfo=UTC_PLUS_1)}
        token = uservoice.generate_sso_token("acme", "key", user)
        self.assertEqual(uservoice.decrypt_sso_token("acme", "key", token)["expires"],
                         "2026-01-31 00:00:00")

    def test_datetime_in_jwt(self):
        value = datetime.datetime(2100, 1, 31, 1, 0, 15, 999999, tzinfo=UTC_PLUS_1)
        for name, expected in [("exp", 4105036815), ("expires", "2100-01-31 00:00:15")]:
            user = types.MappingProxyType({"guid": 1, "email": "jo@example.com", name: value})
            claims = uservoice.verify_sso_jwt("key", uservoice.generate_sso_jwt("key", user))
            self.assertEqual(claims, {**user, name: expected})
            with self.assertRaisesRegex(ValueError, "user_attributes: .* must have a time zone"):
                uservoice.generate_sso_jwt("key", {**user, name: value.replace(tzinfo=None)})

    def test_str_body_is_encoded_as_json(self):
        self.client.send("POST", "/api/v1/forums", "{}")
        self.assertEqual(sandbox.requests()[-1]["headers"]["content-length"], "4")

    def test_json_is_utf_8_without_escapes(self):
        # The encoded user is signed, so it must be what a site encodes.
        self.assertEqual(encode("user", {"n": "é"}), '{"n":"é"}'.encode())

    def test_mapping_is_encoded_as_object(self):
        params = types.MappingProxyType({"per_page": 1})
        self.assertEqual(self.query_of(params), "per_page=1")
        self.assertEqual(self.query_of({"a": params}), "a%5Bper_page%5D=1")

    def test_options_accept_timedelta_and_path(self):
        options = {"timeout": datetime.timedelta(milliseconds=200), "max_retries": 0,
                   "ca_file": Path("/etc/ssl/certs/ca-certificates.crt")}
        sandbox.reset({"path": "/api/v1/forums", "delay_ms": 60000})
        with self.assertRaises(uservoice.Timeout):
            sandbox.client(**options).get("/api/v1/forums")

    def test_webhook_body_is_any_bytes_or_str(self):
        for body in (b"a=b", bytearray(b"a=b"), memoryview(b"a=b"), "a=b"):
            with self.assertRaisesRegex(uservoice.SignatureVerificationError, "event"):
                uservoice.read_webhook("key", body)

    def test_type_errors_name_the_argument(self):
        client = self.client
        users = client.get_collection("/api/v1/users")
        for function, message in [
                (lambda: client.get("/x", {"ids": {1}}), "params: set"),
                (lambda: client.get("/x", {"ids": b"1"}), "params: bytes"),
                (lambda: client.post("/x", object()), "params: object"),
                (lambda: client.send("GET", "/x", headers={"X": object()}), "headers: object"),
                (lambda: client.send(None, "/x"), "method must be str"),
                (lambda: client.request(None, "/x"), "method must be str"),
                (lambda: client.login_with_access_token(None, None), "token must be str"),
                (lambda: client.get_collection("/x", limits=1), "limits"),
                (lambda: sandbox.client(timeout="5"), "timeout must be a number"),
                (lambda: sandbox.client(timeout=True), "timeout must be .* not bool"),
                (lambda: sandbox.client(timeout=decimal.Decimal(1)), "timeout must be .* Decimal"),
                (lambda: sandbox.client(ca_file=b"/a.pem"), "ca_file must be .* not bytes"),
                (lambda: client.with_options(ca_file=3), "ca_file must be .* not int"),
                (lambda: sandbox.client(oauth_token=7), "oauth_token must be str, not int"),
                (lambda: sandbox.client(oauth_token="t", oauth_token_secret=b"s"),
                 "oauth_token_secret must be str, not bytes"),
                (lambda: client.authorize_url("token"), "request_token must be a Client, not str"),
                (lambda: client.login_with_verifier("v", ""), "request_token must be a Client"),
                (lambda: client.get_collection("/x", limit="3"), "limit must be int, not str"),
                (lambda: users.load_page("1"), "i must be int, not str"),
                (lambda: uservoice.generate_sso_token("a", "k", {1}), "user_attributes: set"),
                (lambda: uservoice.generate_sso_jwt("k", {}, "5"), "valid_for must be a number"),
                (lambda: users["7"], "'str' object")]:
            with self.assertRaisesRegex(TypeError, message):
                function()
        self.assertEqual(sandbox.requests(), [])

    def test_value_errors_name_the_argument(self):
        client = self.client
        users = client.get_collection("/api/v1/users")
        zone = datetime.timezone(datetime.timedelta(hours=-1))
        circular = {}
        circular["circular"] = circular
        for function, message in [
                (lambda: client.get("/x", {"a": math.nan}), "params: .*float"),
                (lambda: client.get("/x", {"a": "\ud800"}), "params: .*surrogates"),
                (lambda: client.get("/x", circular), "params: Circular"),
                (lambda: client.get("/x", {"a": datetime.datetime(2026, 1, 31)}),
                 "params: a datetime must have a time zone"),
                (lambda: client.get("/x", {"a": datetime.datetime.max.replace(tzinfo=zone)}),
                 "params: date value out of range"),
                (lambda: client.authorize_url(client), "request_token must be a client that"),
                (lambda: users.load_page(0), "i must be at least 1"),
                (lambda: sandbox.client(timeout=10**400), "timeout must be"),
                (lambda: client.get("/\ud800"), "path: .*surrogates"),
                (lambda: uservoice.read_webhook("key", "\ud800"), "body is not UTF-8"),
                (lambda: client.login_with_access_token("", ""), "token: must not be empty"),
                (lambda: sandbox.client(timeout=math.nan), "timeout must be a number"),
                (lambda: sandbox.client(max_retry_wait=math.inf), "max_retry_wait must be"),
                (lambda: uservoice.generate_sso_token("a", "k", {}, 2**70), "valid_for must be"),
                (lambda: uservoice.generate_sso_token("a", "k", {}, 0), "valid_for must be"),
                (lambda: uservoice.verify_sso_jwt("k", "jwt", math.nan), "leeway must be")]:
            with self.assertRaisesRegex(ValueError, message):
                function()
        self.assertEqual(sandbox.requests(), [])

    def test_invalid_argument_has_argument_and_message_of_the_library(self):
        client = self.client
        for function, argument, reason in [
                (lambda: sandbox.client(timeout=0), "options.timeout_ms",
                 "must be an integer from 1 to 86400000 (got 0)"),
                (lambda: client.with_options(connect_timeout=1e6), "options.connect_timeout_ms",
                 "must be an integer from 1 to 86400000 (got 1000000000)"),
                (lambda: sandbox.client(max_retry_wait=-1), "options.max_retry_wait_ms",
                 "must be an integer from 0 to 86400000 (got -1000)"),
                (lambda: sandbox.client(max_retries=-1), "options.max_retries",
                 "must be an integer from 0 to 100 (got -1)"),
                (lambda: client.get("x"), "path", "must begin with one '/'"),
                (lambda: uservoice.Client("ac/me", "key"), "subdomain", ""),
                (lambda: uservoice.generate_sso_token("acme", "key", {}, 2**40),
                 "valid_for_seconds", ""),
                (lambda: uservoice.verify_sso_jwt("key", "jwt", -5), "leeway_seconds", ""),
                (lambda: uservoice.generate_sso_token("acme", "key", None), "user", ""),
                (lambda: uservoice.generate_sso_jwt("key", {}), "user.guid", ""),
                (lambda: client.login_with_token_json("{}"), "json.token", "")]:
            with self.assertRaises(uservoice.InvalidArgument) as raised:
                function()
            error = raised.exception
            self.assertEqual(error.argument, argument, error)
            self.assertTrue(str(error).startswith(f"{argument}: {reason}"), error)
            self.assertEqual((error.args, error.request), ((str(error),), None))


if __name__ == "__main__":
    unittest.main()
