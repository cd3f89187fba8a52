"""A web application whose users connect their UserVoice account: three_legged_login.py [PORT]

/connect redirects to UserVoice. There the user clicks "Allow", and is redirected to /callback.
"""
from contextlib import suppress
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import environment
import uservoice


class Application(BaseHTTPRequestHandler):
    timeout = 30  # seconds without a byte from the client

    def do_GET(self):
        url = urlsplit(self.path)
        try:
            if url.path == "/connect":
                self.connect()
            elif url.path == "/callback":
                self.callback(dict(parse_qsl(url.query)))
            else:
                self.show(200, "Example", '<a href="/connect">Connect to UserVoice</a>')
        except uservoice.APIError as error:
            # InvalidArgument: /connect has not set this cookie.
            refused = isinstance(error, (uservoice.Unauthorized, uservoice.InvalidArgument))
            self.show(403 if refused else 502, "Not connected", escape(error.message))

    def connect(self):
        request_token = self.server.client.get_request_token()
        self.send_response(303)
        self.send_header("Location", self.server.client.authorize_url(request_token))
        # Only this browser can complete the login. The token in the cookie is of no use without
        # the API secret. Add "Secure" if the application uses https.
        self.send_header("Set-Cookie", f"login={quote(request_token.token_json())}; "
                         "Path=/callback; Max-Age=600; HttpOnly; SameSite=Lax")
        self.end_headers()

    def callback(self, query):
        if "oauth_verifier" not in query:
            return self.show(403, "Not connected", "You did not allow the access.")
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("login")
        request_token = cookie and self.server.client.login_with_token_json(unquote(cookie.value))
        if not request_token or request_token.token != query.get("oauth_token"):
            return self.show(403, "Not connected", "This login was started in another browser.")
        with self.server.client.login_with_verifier(query["oauth_verifier"], request_token) as user:
            # An application stores user.token_json(), a secret, with its own user.
            profile = user.get("/api/v1/users/current")["user"]
        self.show(200, "Connected", escape(f"Hello {profile['name']} <{profile['email']}>!"))

    def show(self, status, title, content):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!DOCTYPE html><title>{title}</title><p>{content}</p>".encode())

    def log_request(self, *_):
        pass  # the query contains the verifier


def main():
    with environment.web_server(Application, 3000) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        server.client = environment.client(callback=f"{url}/callback")
        print(f"Open {url}/", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
