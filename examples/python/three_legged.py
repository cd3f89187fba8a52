"""A web application whose users connect their UserVoice account by a three-legged login.

    three_legged.py [PORT [STORE]]

/connect redirects to UserVoice, where the user clicks "Allow" and is redirected to
/callback. In the meantime the request token is stored in STORE, an SQLite file, so that
any process can complete the login and the application can be restarted.
"""
import contextlib
import html
import os
import secrets
import signal
import sqlite3
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import environment
import uservoice

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1>
{content}
</html>
"""


class Store:
    """Stores the request tokens of unfinished logins by login ID."""

    def __init__(self, file_name):
        self.file_name = file_name
        # Request tokens contain secrets, so only the owner may read the file.
        os.close(os.open(file_name, os.O_CREAT | os.O_RDWR, 0o600))
        self.run("CREATE TABLE IF NOT EXISTS logins (id TEXT PRIMARY KEY, token_json TEXT, "
                 "started_at TEXT DEFAULT CURRENT_TIMESTAMP)")

    def run(self, statement, *values):
        with contextlib.closing(sqlite3.connect(self.file_name)) as database, database:
            return database.execute(statement, values).fetchone()

    def add(self, token_json):
        login_id = secrets.token_urlsafe()
        self.run("DELETE FROM logins WHERE started_at < datetime('now', '-1 hour')")
        self.run("INSERT INTO logins (id, token_json) VALUES (?, ?)", login_id, token_json)
        return login_id

    def take(self, login_id):
        """Removes and returns a request token; None if there is no such login."""
        row = self.run("DELETE FROM logins WHERE id = ? RETURNING token_json", login_id)
        return row and row[0]


class Application(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        pages = {"/": self.start, "/connect": self.connect, "/callback": self.callback}
        page = pages.get(url.path)
        if page is None:
            self.show(404, "Not found", "")
            return
        try:
            page(query)
        except uservoice.Unauthorized:
            self.show(401, "Not connected", "<p>UserVoice rejected the login.</p>")
        except uservoice.APIError as error:
            self.show(502, "UserVoice error", f"<p>{html.escape(str(error))}</p>")

    def start(self, _):
        self.show(200, "Example application", '<p><a href="/connect">Connect to UserVoice</a></p>')

    def connect(self, _):
        client = self.server.client
        request_token = client.get_request_token()
        login_id = self.server.store.add(request_token.token_json())
        self.send_response(303)
        self.send_header("Location", client.authorize_url(request_token))
        # Only the browser that started the login can complete it.
        self.send_header("Set-Cookie", f"login={login_id}; HttpOnly; SameSite=Lax; Path=/callback")
        self.end_headers()

    def callback(self, query):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("login")
        token_json = cookie and self.server.store.take(cookie.value)
        if not token_json:
            self.show(400, "Not connected", "<p>No login was started in this browser.</p>")
            return
        client = self.server.client
        request_token = client.login_with_token_json(token_json)
        if "oauth_verifier" not in query or query.get("oauth_token") != request_token.token:
            self.show(403, "Not connected", "<p>You did not allow the access.</p>")
            return
        with client.login_with_verifier(query["oauth_verifier"], request_token) as user_client:
            # An application stores user_client.token_json() with its user.
            user = user_client.get("/api/v1/users/current")["user"]
        self.show(200, f"Hello, {user['name']}", f"<p>{html.escape(user['email'])}</p>")

    def show(self, status, title, content):
        page = PAGE.format(title=html.escape(title), content=content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


def main():
    if len(sys.argv) > 3 or not all(port.isdigit() for port in sys.argv[1:2]):
        sys.exit(__doc__)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    server = ThreadingHTTPServer(("127.0.0.1", port), Application)
    server.store = Store(sys.argv[2] if len(sys.argv) > 2 else "three_legged.sqlite")
    url = f"http://127.0.0.1:{server.server_port}"
    server.client = environment.client(callback=f"{url}/callback")
    print(f"Open {url}/ in a browser. Press Ctrl-C to quit.", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
