"""The sandbox that test.sh has started."""
import faulthandler
import json
import os
import signal
import urllib.error
import urllib.parse
import urllib.request

import uservoice

URL = os.environ["USERVOICE_SANDBOX_URL"]
KEY = os.environ["USERVOICE_SANDBOX_API_KEY"]
SECRET = os.environ["USERVOICE_SANDBOX_API_SECRET"]
SSO_KEY = os.environ["USERVOICE_SANDBOX_SSO_KEY"]
OWNER = os.environ["USERVOICE_SANDBOX_OWNER_EMAIL"]

PASSWORD = os.environ["USERVOICE_SANDBOX_PASSWORD"]
PROGRAM = os.environ["USERVOICE_SANDBOX_PROGRAM"]

# Tests in the background of a script ignore Ctrl-C, and so would the programs that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def client(secret=SECRET, **options):
    options.setdefault("base_url", URL)
    return uservoice.Client("sandbox", KEY, secret, **options)


def fetch(path, form=None):
    """A page as a browser gets it; a form is sent to it."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with opener.open(URL + path, data) as answer:
        return answer.read().decode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def redirect_of(path, form):
    """Where a form sends a browser that sent it."""
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        browser.open(URL + path, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.headers["Location"]


def control(method, path, body=None):
    request = urllib.request.Request(
        f"{URL}/_sandbox/{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"})
    with opener.open(request) as answer:
        text = answer.read().decode()
    return json.loads(text) if text else None


def reset(*faults):
    """As at the start of the sandbox; what hangs from now on says where, and fails."""
    faulthandler.dump_traceback_later(120, exit=True)
    control("POST", "reset")
    if faults:
        control("POST", "faults", list(faults))
    control("DELETE", "requests")


def calls():
    """The API calls that came in."""
    return [request for request in control("GET", "requests")
            if request["path"].startswith(("/api/v1/", "/api/v2/admin/"))]
