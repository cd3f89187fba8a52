def act_as(client):
    # [act-as]
    jo = client.login_as("jo@example.com")
    user = jo.get("/api/v1/users/current")["user"]
    # [end]
    print("acting as", user["email"])

    # [keep-token]
    stored = jo.token_json()  # store it as a secret

    jo = client.login_with_token_json(stored)  # later, in any process
    # [end]
    jo.get("/api/v1/users/current")


def three_legged(client):
    # [three-legged-begin]
    request_token = client.get_request_token()
    stored = request_token.token_json()
    url = client.authorize_url(request_token)
    print("Please log in at", url, flush=True)  # or redirect the browser
    # [end]
    verifier = input()

    # [three-legged-finish]
    user = client.login_with_verifier(verifier, client.login_with_token_json(stored))
    # [end]
    print(user.get("/api/v1/users/current")["user"]["email"], "logged in")


def admin(client):
    # [admin-credentials]
    owner = client.login_with_client_credentials()  # its token is refreshed automatically
    suggestions = owner.get_collection(
        "/api/v2/admin/suggestions", limit=5,
        params={"sort": "-id", "updated_after": "2013-01-31T00:00:00Z"})
    # [end]
    print(len(suggestions), "suggestions")

    # [admin-includes]
    suggestions = owner.get_collection("/api/v2/admin/suggestions?per_page=2", limit=2,
                                       params={"includes": ["forums", "users"]})
    for page in suggestions.iter_whole_pages():
        print(len(page["suggestions"]), "suggestions of", page["forums"][0]["name"])
    # [end]

    # [export]
    for progress in owner.export("backup", ["forums", "users"]):
        print(progress.written, "of", progress.total)
    # [end]

    # [admin-password]
    user = client.login_with_password("owner@sandbox.example", "sandbox-password")
    user.get("/api/v2/admin/users/current")
    # [end]
    print("logged in")


def authorization_code(client):
    # [admin-code-begin]
    request = client.authorization_request("https://app.example/callback")
    session = {"state": request.state, "code_verifier": request.code_verifier}  # keep them secret
    print("Please sign in at", request.url, flush=True)
    # [end]
    code = input()
    state = input()

    # [admin-code-finish]
    if state != session["state"]:
        raise PermissionError("unexpected state")
    user = client.login_with_code(code, session["code_verifier"], "https://app.example/callback")
    # [end]
    user.get("/api/v2/admin/users/current")
    print("signed in")
    ideas(client, user)


def ideas(client, user):
    # [ideas-list]
    titles = [idea["title"] for idea in client.get_collection("/api/end_users/forums/1/ideas", limit=3)]
    # [end]
    print(len(titles), "ideas")

    # [ideas-vote]
    idea = user.post("/api/end_users/forums/1/ideas", {"suggestion": {"title": "Tea"}})
    user.post("/api/end_users/forums/1/ideas/1/vote")
    user.delete("/api/end_users/forums/1/ideas/1/vote")
    # [end]
    print(idea["title"], idea["voted"])
