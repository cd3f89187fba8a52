"""Which UserVoice the examples talk to, besides what Client.from_environment() reads."""
import os
import sys

import uservoice


def variable(name):
    """A variable that is set to nothing counts as not set."""
    return os.environ.get(name) or None


SANDBOX = variable("USERVOICE_SUBDOMAIN") is None
SUBDOMAIN = variable("USERVOICE_SUBDOMAIN") or "sandbox"
SSO_KEY = variable("USERVOICE_SSO_KEY") or ("sandbox-sso-key" if SANDBOX else None)
BASE_URL = variable("USERVOICE_BASE_URL")


def client(**options):
    """A client, or the end of the program where the environment names no site."""
    try:
        return uservoice.Client.from_environment(**options)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def sso_link(token):
    return f"{BASE_URL or f'https://{SUBDOMAIN}.uservoice.com'}/?sso={token}"
