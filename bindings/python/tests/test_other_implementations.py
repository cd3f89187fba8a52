"""Signatures and single sign-on tokens compared with oauthlib, cryptography and PyJWT."""
import base64
import hashlib
import http.server
import json
import random
import threading
import time
import unittest
import urllib.parse

import jwt
import uservoice
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

SECRET, TOKEN_SECRET = "secret +&é", "token/secret%"
SSO_KEY = "982c88f2df7257859e8e23423eg87ed0"
# Unreserved and reserved characters of RFC 3986, controls, and UTF-8 of two to four bytes.
CHARACTERS = "aZ09-._~ %+&=;:/?#[]@!$'()*,\"<>\\^`{|}\t\r\n\x7fé€😀"
EMPTY = ["", {"k": ""}, {"": "v"}, {"a": ["", ""]}]


class Recorder(http.server.BaseHTTPRequestHandler):
    """Records requests and responds with an empty object."""
    protocol_version = "HTTP/1.1"
    recorded = []

    def record(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.recorded.append((self.command, self.path, self.headers, body.decode()))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PUT = do_DELETE = record

    def log_message(self, *_):
        pass


class OAuthSignatures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"
        cls.client = uservoice.Client("acme", "key", SECRET, base_url=cls.url)
        cls.user = cls.client.login_with_access_token("token é", TOKEN_SECRET)

    @classmethod
    def tearDownClass(cls):
        cls.user.close()
        cls.client.close()
        cls.server.shutdown()
        cls.server.server_close()

    def verify(self, token_secret):
        method, path, headers, body = Recorder.recorded.pop()
        headers = {name: headers[name] for name in ("Authorization", "Content-Type")}
        parameters = signature.collect_parameters(
            urllib.parse.urlsplit(path).query, body, headers, exclude_oauth_signature=False)
        request = Request(self.url + path, method)
        request.params = [pair for pair in parameters if pair[0] != "oauth_signature"]
        request.signature = dict(parameters)["oauth_signature"]
        self.assertTrue(signature.verify_hmac_sha1(request, SECRET, token_secret), (method, path))
        self.assertFalse(signature.verify_hmac_sha1(request, SECRET + "x", token_secret))

    def test_oauthlib_verifies_signatures(self):
        generate = random.Random(1)

        def text():
            return "".join(generate.choices(CHARACTERS, k=generate.randrange(8)))

        queries = EMPTY[1:] + [{character: character} for character in CHARACTERS]
        queries += [{text(): generate.choice([text(), [text(), text()], {text(): text()}])
                     for _ in range(4)} for _ in range(40)]
        for query in queries:
            with self.subTest(query=query):
                self.client.get("/api/v1/a", query)
                self.verify("")
                self.user.delete("/api/v1/a?b=c&b=a&d&=&e=%2b+", query)
                self.verify(TOKEN_SECRET)

    def test_a_json_body_is_not_signed(self):
        for call in (self.user.post, self.user.put):
            call("/a?b=1&b=", {"c": "d", "e": "&f=g"})
            self.verify(TOKEN_SECRET)


def sso_cipher(subdomain, sso_key):
    """The initialization vector of zeros is that of the service's sample programs."""
    key = hashlib.sha1((sso_key + subdomain).encode()).digest()[:16]
    return Cipher(algorithms.AES(key), modes.CBC(bytes(16)))


class SsoTokens(unittest.TestCase):
    USERS = [{"guid": "1"}, {"guid": CHARACTERS, "display_name": CHARACTERS * 9},
             *({"guid": "x" * length} for length in range(32))]

    def test_cryptography_decrypts_tokens(self):
        for user in self.USERS:
            token = uservoice.generate_sso_token("acme", SSO_KEY, user)
            decryptor = sso_cipher("acme", SSO_KEY).decryptor()
            ciphertext = base64.b64decode(urllib.parse.unquote(token), validate=True)
            unpadder = PKCS7(128).unpadder()
            plaintext = unpadder.update(decryptor.update(ciphertext)) + unpadder.finalize()
            decrypted = json.loads(plaintext)
            self.assertRegex(decrypted.pop("expires"), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
            self.assertEqual(decrypted, user)

    def test_tokens_of_cryptography_are_decrypted(self):
        for user in self.USERS:
            padder = PKCS7(128).padder()
            plaintext = padder.update(json.dumps(user).encode()) + padder.finalize()
            ciphertext = sso_cipher("acme", SSO_KEY).encryptor().update(plaintext)
            token = base64.b64encode(ciphertext).decode()
            for sent in (token, urllib.parse.quote(token, safe=""), token.replace("+", " "),
                         token.rstrip("="), base64.encodebytes(ciphertext).decode()):
                self.assertEqual(uservoice.decrypt_sso_token("acme", SSO_KEY, sent), user)


class Jwts(unittest.TestCase):
    USER = {"guid": "1", "email": "é@example.com"}

    def test_pyjwt_verifies_jwts(self):
        for user in ({}, {"name": CHARACTERS}, {"exp": time.time() + 60.5}, {"nbf": 0, "iat": 1e9}):
            token = uservoice.generate_sso_jwt(SSO_KEY, {**self.USER, **user})
            claims = jwt.decode(token, SSO_KEY, algorithms=["HS256"],
                                options={"require": ["exp"]})
            self.assertEqual({**claims, **self.USER, **user}, claims)

    def test_verifies_what_pyjwt_verifies(self):
        now = time.time()
        minute, later = now + 60, now + 3600
        cases = [
            ({}, {"exp": later}),
            ({"typ": None}, {"exp": later}),
            ({"kid": "1", "typ": "at+jwt"}, {"exp": later}),
            ({"b64": True}, {"exp": later}),
            ({}, {"exp": int(later), "iat": 1, "nbf": int(now) - 1, "sub": "s", "iss": "i"}),
            ({}, {"exp": now - 1}),
            ({}, {"exp": 0}),
            ({}, {"exp": None}),
            ({}, {"exp": [later]}),
            ({}, {"exp": later, "nbf": later}),
            ({}, {"exp": later, "nbf": "soon"}),
            ({}, {"exp": later, "iat": "now"}),
            ({}, {"exp": later, "aud": "another"}),
            ({}, {"exp": minute, "name": CHARACTERS}),
            ({"crit": ["x"], "x": 1}, {"exp": later}),
            ({"crit": []}, {"exp": later}),
            ({"crit": "exp"}, {"exp": later}),
        ]
        for header, claims in cases:
            # Without PyJWT's own functions, which refuse to create some of them.
            parts = [json.dumps(part).encode() for part in ({"alg": "HS256", **header}, claims)]
            signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
            mac = jwt.get_algorithm_by_name("HS256").sign(signed, SSO_KEY.encode())
            token = (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()
            with self.subTest(header=header, claims=claims):
                try:
                    expected = jwt.decode(token, SSO_KEY, algorithms=["HS256"])
                except jwt.InvalidTokenError:
                    self.assertRaises(uservoice.SignatureVerificationError,
                                      uservoice.verify_sso_jwt, SSO_KEY, token)
                else:
                    self.assertEqual(uservoice.verify_sso_jwt(SSO_KEY, token), expected)
