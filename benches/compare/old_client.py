"""PyPI's uservoice 0.0.25, set up for a base URL on 127.0.0.1."""
import urllib.parse

import as_it_was  # noqa: F401  (single sign-on is broken on today's Python without)
import uservoice


def client_of(base_url):
    # It knows no base URL: http://127.0.0.1:PORT is "127.0.0" at "1:PORT".
    site = urllib.parse.urlsplit(base_url)
    return uservoice.Client("127.0.0", "oQt2BaunWNuainc8BvZpAm",
                            "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2",
                            protocol=site.scheme, uservoice_domain="1:%d" % site.port)


def acting_for_a_user(base_url):
    return client_of(base_url).login_with_access_token(
        "FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA")
