"""The same as before.py, as it is written today."""
import os

import uservoice

client = uservoice.Client.from_environment()

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
forum = client.get("/api/v1/forums/1")["forum"]  # waits and tries again by itself
# [end]
print(forum["name"])

os.environ["NO_PROXY"] = "127.0.0.1"
nobody = uservoice.Client("127", "key", "secret", base_url="http://127.0.0.1:1", max_retries=0)
# [network]
try:
    nobody.get("/api/v1/forums")
except (uservoice.TransportError, uservoice.Timeout):
    print("no answer")
# [end]
