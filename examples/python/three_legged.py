"""A small web application whose users connect it to their account at UserVoice.

    three_legged.py [PORT [STORE]]

"Connect to UserVoice" leads to UserVoice's page, which asks whether to allow the access
and sends the browser back to /callback. What must be remembered between the two steps is
in STORE, an SQLite file, so that any process finishes what another began, and a restart
in between does no harm.
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
    """The logins that were begun, each under a name that only one browser knows."""

    def __init__(self, file_name):
        self.file_name = file_name
        # Request tokens have secrets: nobody else may read the file.
        os.close(os.open(file_name, os.O_CREAT | os.O_RDWR, 0o600))
        self.run("CREATE TABLE IF NOT EXISTS logins (name TEXT PRIMARY KEY, token_json TEXT, "
                 "begun TEXT DEFAULT CURRENT_TIMESTAMP)")

    def run(self, statement, *values):
        with contextlib.closing(sqlite3.connect(self.file_name)) as database, database:
            return database.execute(statement, values).fetchone()

    def keep(self, token_json):
        name = secrets.token_urlsafe()
        self.run("DELETE FROM logins WHERE begun < datetime('now', '-1 hour')")
        self.run("INSERT INTO logins (name, token_json) VALUES (?, ?)", name, token_json)
        return name

    def take(self, name):
        """What was kept, once; None where there is nothing."""
        row = self.run("DELETE FROM logins WHERE name = ? RETURNING token_json", name)
        return row and row[0]


class Application(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        pages = {"/": self.start, "/connect": self.connect, "/callback": self.callback}
        page = pages.get(url.path)
        if page is None:
            self.show(404, "Not here", "")
            return
        try:
            page(query)
        except uservoice.Unauthorized:
            self.show(401, "Not connected", "<p>UserVoice did not allow it.</p>")
        except uservoice.APIError as error:
            self.show(502, "UserVoice has a problem", f"<p>{html.escape(str(error))}</p>")

    def start(self, _):
        self.show(200, "An application", '<p><a href="/connect">Connect to UserVoice</a></p>')

    def connect(self, _):
        client = self.server.client
        request_token = client.get_request_token()
        name = self.server.store.keep(request_token.token_json())
        self.send_response(303)
        self.send_header("Location", client.authorize_url(request_token))
        # The browser that begins a login is the one that may finish it.
        self.send_header("Set-Cookie", f"login={name}; HttpOnly; SameSite=Lax; Path=/callback")
        self.end_headers()

    def callback(self, query):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("login")
        kept = cookie and self.server.store.take(cookie.value)
        if not kept:
            self.show(400, "Not connected", "<p>No login was begun here.</p>")
            return
        client = self.server.client
        request_token = client.login_with_token_json(kept)
        if "oauth_verifier" not in query or query.get("oauth_token") != request_token.token:
            self.show(403, "Not connected", "<p>You did not allow it.</p>")
            return
        with client.login_with_verifier(query["oauth_verifier"], request_token) as person:
            # person.token_json() is what an application keeps with its user.
            user = person.get("/api/v1/users/current")["user"]
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
    print(f"Open {url}/ in a browser. Ctrl-C ends this.", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
