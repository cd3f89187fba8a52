"""The site that the examples use: see README.md."""
import os
import sys
from http.server import ThreadingHTTPServer

import uservoice


def variable(name, sandbox_value):
    """Returns an environment variable, or the value that every sandbox has."""
    is_sandbox = os.environ.get("USERVOICE_BASE_URL") and not os.environ.get("USERVOICE_SUBDOMAIN")
    value = os.environ.get(name) or (sandbox_value if is_sandbox else None)
    if value is None:
        sys.exit(f"Set {name}, or USERVOICE_BASE_URL alone to the URL that the sandbox prints.")
    return value


def client(**options):
    """Returns a client for the site."""
    return uservoice.Client(
        variable("USERVOICE_SUBDOMAIN", "sandbox"),
        variable("USERVOICE_API_KEY", "sandbox-trusted-key"),
        variable("USERVOICE_API_SECRET", "sandbox-trusted-secret"),
        base_url=os.environ.get("USERVOICE_BASE_URL") or None,
        ca_file=os.environ.get("USERVOICE_CA_FILE") or None, **options)


def sso_key():
    return variable("USERVOICE_SSO_KEY", "sandbox-sso-key")


def web_server(handler, default_port):
    """Returns a web server at the port that the first argument names."""
    port = sys.argv[1] if len(sys.argv) > 1 else str(default_port)
    if not (port.isascii() and port.isdecimal() and int(port) <= 65535):
        sys.exit(f"{port}: must be a port, a number from 0 to 65535")
    try:
        return ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    except OSError as error:
        sys.exit(f"port {port}: {error.strerror}")
