import sys
from itertools import islice

import uservoice


def users_and_forum(client):
    # [recipe-users]
    try:
        users = client.get_collection("/api/v1/users")  # needs a trusted key, but no user
        print("The site has", len(users), "users.")
        for user in islice(users, 3):
            print(user["name"], user["url"])

        jo = client.login_as("jo@example.com")  # a regular user
        user = jo.get("/api/v1/users/current")["user"]
        print(user["name"], user["url"])

        owner = client.login_as_owner()
        forum = owner.post("/api/v1/forums", {"forum": {
            "name": "Private feedback",
            "private": True,
            "allow_by_email_domain": True,
            "allowed_email_domains": [{"domain": "example.com"}],
        }})["forum"]
        print(forum["name"], forum["url"])
    except uservoice.Unauthorized as error:  # a wrong key, one that is not trusted, or not an admin
        sys.exit(error.message)
    except uservoice.NotFound as error:  # no such record
        sys.exit(error.message)
    # [end]


def verify_user(url):
    # [recipe-verify]
    client = uservoice.Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", base_url=url,
                              callback="http://localhost:3000/")  # your site
    request_token = client.get_request_token()
    print(f"1. Go to {client.authorize_url(request_token)} and allow access.")
    print("2. Type the oauth_verifier that UserVoice passed to your site:", flush=True)
    user = client.login_with_verifier(input(), request_token)
    verified = user.get("/api/v1/users/current")["user"]
    print(verified["name"], "has the address", verified["email"])
    # [end]


def attachment(client):
    # [recipe-attachment]
    admin = client.login_with_client_credentials()  # or login_with_password(email, password)
    try:
        uploaded = admin.upload("/api/v2/admin/attachments", "screen.png")
        print(uploaded["attachments"][0]["file_name"])
    except uservoice.RateLimitExceeded as error:  # after a wait of max_retry_wait
        print("The rate limit is reset in", error.retry_after, "seconds.")
    except uservoice.APIError as error:
        print(error.message)
    # [end]
