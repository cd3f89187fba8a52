"""Clients whose get(path) returns decoded JSON: of this library, and what its users would use instead.

Each keeps its connection, and signs with the API key and a user's token.
"""
KEY, SECRET = "oQt2BaunWNuainc8BvZpAm", "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2"
TOKEN, TOKEN_SECRET = "FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA"
HEADERS = {"Accept": "application/json"}


class Session:
    """A requests.Session or an httpx.Client."""

    def __init__(self, session, base_url):
        self.session = session
        self.base_url = base_url
        session.headers.update(HEADERS)

    def get(self, path):
        response = self.session.get(self.base_url + path)
        response.raise_for_status()
        return response.json()


def uservoice(base_url):
    import uservoice
    return uservoice.Client("acme", KEY, SECRET, TOKEN, TOKEN_SECRET, base_url=base_url, prefetch_pages=0)


def requests(base_url):
    from requests_oauthlib import OAuth1Session
    return Session(OAuth1Session(KEY, SECRET, TOKEN, TOKEN_SECRET), base_url)


def httpx(base_url):
    from authlib.integrations.httpx_client import OAuth1Client
    return Session(OAuth1Client(KEY, SECRET, TOKEN, TOKEN_SECRET), base_url)


CLIENTS = {"uservoice": uservoice, "requests": requests, "httpx": httpx}
