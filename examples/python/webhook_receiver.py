"""Receives webhooks, and rejects those that UserVoice has not signed: webhook_receiver.py [PORT]"""
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import environment
import uservoice

MAX_BYTES = 1_000_000


class Receiver(BaseHTTPRequestHandler):
    timeout = 30  # seconds without a byte from the client

    def do_POST(self):
        self.send_response(self.receive())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def receive(self):
        """Returns the status code of the response."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            return 411
        if int(length) > MAX_BYTES:
            return 413
        body = self.rfile.read(int(length))  # the signature is over the bytes as they arrived
        try:
            webhook = uservoice.read_webhook(self.server.sso_key, body)
        except uservoice.SignatureVerificationError as error:
            self.log_error("%s", error)
            return 401
        # The signature covers the data, but not the event: decide by the data.
        if "suggestion" in webhook.data:
            print("Suggestion:", webhook.data["suggestion"]["title"], flush=True)
        return 204


def main():
    with environment.web_server(Receiver, 4000) as server:
        server.sso_key = environment.sso_key()
        print(f"Listening on http://127.0.0.1:{server.server_port}/", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
