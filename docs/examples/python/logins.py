def act_as(client):
    # [act-as]
    jo = client.login_as("jo@example.com")
    user = jo.get("/api/v1/users/current")["user"]
    # [end]
    print("acting as", user["email"])

    # [keep-token]
    kept = jo.token_json()  # a secret, for your store

    again = client.login_with_token_json(kept)  # later, in any process
    # [end]
    again.get("/api/v1/users/current")


def three_legged(client):
    # [three-legged-begin]
    request_token = client.get_request_token()
    kept = request_token.token_json()
    url = client.authorize_url(request_token)
    print("Please allow it at", url, flush=True)  # or redirect the browser there
    # [end]
    verifier = input()

    # [three-legged-finish]
    person = client.login_with_verifier(verifier, client.login_with_token_json(kept))
    # [end]
    print(person.get("/api/v1/users/current")["user"]["email"], "allowed it")


def admin(client):
    # [admin-credentials]
    owner = client.login_with_client_credentials()  # its token renews itself
    suggestions = owner.get_collection(
        "/api/v2/admin/suggestions", limit=5,
        params={"sort": "-id", "updated_after": "2013-01-31T00:00:00Z"})
    # [end]
    print(len(suggestions), "suggestions")

    # [admin-includes]
    suggestions = owner.get_collection("/api/v2/admin/suggestions?per_page=2", limit=2,
                                       params={"includes": ["forums", "users"]})
    for answer in suggestions.iter_whole_pages():
        print(len(answer["suggestions"]), "suggestions of", answer["forums"][0]["name"])
    # [end]

    # [export]
    for progress in owner.export("backup", ["forums", "users"]):
        print(progress.written, "of", progress.total)
    # [end]

    # [admin-password]
    person = client.login_with_password("owner@sandbox.example", "sandbox-password")
    person.get("/api/v2/admin/users/current")
    # [end]
    print("logged in")


def by_code(client):
    # [admin-code-begin]
    asked = client.code_request("https://app.example/back")
    session = {"state": asked.state, "verifier": asked.code_verifier}  # secrets, to be kept
    print("Please sign in at", asked.url, flush=True)
    # [end]
    code = input()
    state = input()

    # [admin-code-finish]
    if state != session["state"]:
        raise PermissionError("they do not come from there")
    person = client.login_with_code(code, session["verifier"], "https://app.example/back")
    # [end]
    person.get("/api/v2/admin/users/current")
    print("signed in")
