"""The UserVoice site that the examples use, from environment variables: see README.md.

Without USERVOICE_SUBDOMAIN it is the sandbox at USERVOICE_BASE_URL.
"""
import os
import sys

import uservoice


def variable(name, default=None):
    """Returns an environment variable; the default if it is unset or empty."""
    return os.environ.get(name) or default


SANDBOX = variable("USERVOICE_SUBDOMAIN") is None
SUBDOMAIN = variable("USERVOICE_SUBDOMAIN", "sandbox")
SSO_KEY = variable("USERVOICE_SSO_KEY", "sandbox-sso-key" if SANDBOX else None)
BASE_URL = variable("USERVOICE_BASE_URL")
CA_FILE = variable("USERVOICE_CA_FILE")


def client(**options):
    """Returns a client; exits with an explanation if the environment names no site."""
    if SANDBOX and BASE_URL is None:
        print("No site is configured. Set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and "
              "USERVOICE_API_SECRET, or set USERVOICE_BASE_URL to the URL that the sandbox prints.",
              file=sys.stderr)
        sys.exit(2)
    try:
        if SANDBOX:
            return uservoice.Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                                    base_url=BASE_URL, ca_file=CA_FILE, **options)
        return uservoice.Client.from_environment(**options)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def sso_link(token):
    return f"{BASE_URL or f'https://{SUBDOMAIN}.uservoice.com'}/?sso={token}"
