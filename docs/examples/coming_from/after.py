"""The same as before.py, with the current package."""
import os

import uservoice

client = uservoice.Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                          base_url=os.environ["USERVOICE_BASE_URL"])

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
found = client.get("/api/v1/suggestions/search", {"per_page": 1, "query": "dark mode"})
# [end]
print(found["suggestions"][0]["title"])

# [rate-limit]
forum = client.get("/api/v1/forums/1")["forum"]  # waits and retries by itself
# [end]
print(forum["name"])

os.environ["NO_PROXY"] = "127.0.0.1"
offline = uservoice.Client("127", "key", "secret", base_url="http://127.0.0.1:1", max_retries=0)
# [network]
try:
    offline.get("/api/v1/forums")
except (uservoice.TransportError, uservoice.Timeout):
    print("no response")
# [end]
