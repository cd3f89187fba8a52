"""Access to the sandbox that test.sh started."""
import faulthandler
import json
import os
import signal
import time
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

# A background job of a script ignores SIGINT, and its child processes would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def client(secret=SECRET, **options):
    options.setdefault("base_url", URL)
    return uservoice.Client("sandbox", KEY, secret, **options)


def fetch(path, form=None):
    """Returns a page of the site as a browser loads it, or the page that a form leads to."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with opener.open(URL + path, data) as response:
        return response.read().decode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def redirect_of(path, form):
    """Submits a form and returns the URL that the response redirects to."""
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        browser.open(URL + path, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as response:
        with response:
            return response.headers["Location"]


def control(method, path, body=None):
    """Sends a request to the sandbox's control API and returns the decoded JSON."""
    request = urllib.request.Request(
        f"{URL}/_sandbox/{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"})
    with opener.open(request) as response:
        text = response.read().decode()
    return json.loads(text) if text else None


def reset(*faults):
    """Resets the sandbox, adds faults, and starts the timeout of a test."""
    faulthandler.dump_traceback_later(120, exit=True)
    control("POST", "reset")
    if faults:
        control("POST", "faults", list(faults))
    control("DELETE", "requests")


def wait_for_faults():
    """Waits until requests have triggered all faults."""
    while control("GET", "faults"):
        time.sleep(0.01)


def requests():
    """Returns the API requests that the sandbox received since the last reset()."""
    return [request for request in control("GET", "requests")
            if request["path"].startswith(("/api/v1/", "/api/v2/admin/"))]
