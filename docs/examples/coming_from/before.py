"""A program for PyPI's uservoice 0.0.25. The part marked "unchanged" also runs with this package."""
import os
import time
from urllib.parse import quote, urlsplit

import requests
import uservoice

SUBDOMAIN, API_KEY, API_SECRET = "127.0.0", "sandbox-trusted-key", "sandbox-trusted-secret"
# The sandbox at 127.0.0.1, split into the subdomain and domain of a site.
SITE = {"protocol": "http",
        "uservoice_domain": "1:%d" % urlsplit(os.environ["USERVOICE_BASE_URL"]).port}
os.environ["NO_PROXY"] = "127.0.0.1"
client = uservoice.Client(SUBDOMAIN, API_KEY, API_SECRET, **SITE)

# [unchanged]
users = client.get_collection("/api/v1/users", limit=2)
for user in users:
    print(user["email"])
with client.login_as("jo@example.com") as jo:
    print(jo.get("/api/v1/users/current")["user"]["email"])
try:
    client.get("/api/v1/forums/999999")
except uservoice.NotFound:
    print("no such forum")
# [end]

# [query]
found = client.get("/api/v1/suggestions/search?per_page=1&query=" + quote("dark mode"))
# [end]
print(found["suggestions"][0]["title"])

# [rate-limit]
while True:
    try:
        forum = client.get("/api/v1/forums/1")["forum"]
        break
    except uservoice.client.RateLimitExceeded:
        time.sleep(1)
# [end]
print(forum["name"])

offline = uservoice.Client("127.0.0", "key", "secret", protocol="http", uservoice_domain="1:1")
# [network]
try:
    offline.get("/api/v1/forums")
except requests.exceptions.RequestException:
    print("no response")
# [end]
