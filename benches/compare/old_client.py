"""PyPI's uservoice 0.0.25, set up for a base URL on 127.0.0.1."""
import urllib.parse

import old_dependencies  # noqa: F401  (repairs single sign-on on current versions of Python)
import uservoice


def new_client(base_url):
    # It has no option for a base URL: http://127.0.0.1:PORT is the subdomain "127.0.0" of "1:PORT".
    site = urllib.parse.urlsplit(base_url)
    return uservoice.Client("127.0.0", "oQt2BaunWNuainc8BvZpAm",
                            "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2",
                            protocol=site.scheme, uservoice_domain="1:%d" % site.port)


def user_client(base_url):
    return new_client(base_url).login_with_access_token(
        "FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA")
