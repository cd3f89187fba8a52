import os
from urllib.parse import urlencode

import uservoice


def clients():
    # [client]
    client = uservoice.Client("acme", "API-KEY", "API-SECRET", timeout=5, user_agent="MyApp/1.0")
    # [end]
    client.close()

    url = os.environ["USERVOICE_BASE_URL"]
    # [public]
    # Without a secret, requests are not signed and only public data can be read.
    visitor = uservoice.Client("sandbox", "sandbox-trusted-key", base_url=url)
    # [end]
    visitor.get("/api/v1/forums/1")


def requests(client):
    # [get]
    found = client.get("/api/v1/suggestions/search", {"query": "dark mode", "per_page": 1})
    print(found["suggestions"][0]["title"])
    # [end]

    # [act-as-owner]
    owner = client.login_as_owner()
    owner.post("/api/v1/forums", {"forum": {"name": "Ideas"}})
    # [end]

    # [post]
    created = owner.post("/api/v1/forums/1/suggestions",
                         {"suggestion": {"title": "Tea in the afternoon", "votes": 1}})
    # [end]
    print(created["suggestion"]["title"])

    # [put]
    changed = owner.put("/api/v1/suggestions/7", {"suggestion": {"title": "Darker mode"}})
    # [end]
    print(changed["suggestion"]["title"])

    # [delete]
    owner.delete("/api/v1/suggestions/9")
    # [end]

    # [request]
    response = client.send("GET", "/api/v1/suggestions/9", headers={"X-Request-Id": "42"})
    print(response.status_code, response.headers["content-type"])
    # [end]

    admin = client.login_with_client_credentials()
    with open("screen.png", "wb") as file:
        file.write(b"...")
    # [upload]
    # A path, a binary file object, or bytes.
    uploaded = admin.upload("/api/v2/admin/attachments", "screen.png")
    token = uploaded["attachments"][0]["token"]
    # [end]

    # [send]
    response = admin.send("PUT", "/api/v2/admin/suggestions/1",
                          headers={"Content-Type": "application/x-www-form-urlencoded"},
                          body=urlencode({"attachment_tokens": token}))
    print(response.status_code)
    # [end]


def collections(client):
    # [list]
    for user in client.get_collection("/api/v1/users", params={"sort": "oldest"}, limit=3):
        print(user["email"])
    # [end]

    # [list-length]
    users = client.get_collection("/api/v1/users?sort=oldest", limit=150)
    print(len(users), "records, the last one is", users[len(users) - 1]["id"])
    # [end]

    # [list-pages]
    for page in users.iter_pages():
        print("a page of", len(page))
    # [end]
