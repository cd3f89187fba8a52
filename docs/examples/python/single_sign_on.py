import sys

import uservoice


def single_sign_on(client):
    sso_key = "sandbox-sso-key"
    # [sso-aes]
    token = uservoice.generate_sso_token(
        "acme", "SSO-KEY", {"guid": "1001", "email": "jo@example.com"}, valid_for=300)
    print("https://acme.uservoice.com/?sso=" + token)
    # [end]

    # [sso-decrypt]
    user = uservoice.decrypt_sso_token("acme", "SSO-KEY", token)
    # [end]
    print(user["email"])

    # [sso-jwt]
    jwt = uservoice.generate_sso_jwt(
        sso_key, {"guid": "1001", "email": "jo@example.com", "display_name": "Jo"}, valid_for=300)
    print(client.sso_url(jwt, "/forums/1"))
    # [end]

    # [sso-jwt-verify]
    claims = uservoice.verify_sso_jwt(sso_key, jwt, leeway=30)
    # [end]
    print(claims["guid"])


def webhooks():
    signature = "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0"
    body = ("event=new_suggestion&data=%7B%22suggestion%22%3A%7B%22id%22%3A1%7D%7D"
            f"&signature={signature}").encode()
    # [webhook-read]
    try:
        webhook = uservoice.read_webhook("sandbox-sso-key", body)  # the raw request body
        print(webhook.event, webhook.data["suggestion"]["id"])
    except uservoice.SignatureVerificationError as error:
        print(error, file=sys.stderr)  # not a webhook of this site: respond with 401
    # [end]

    # [webhook-verify]
    data = '{"suggestion":{"id":1}}'  # the decoded form field
    uservoice.verify_webhook("sandbox-sso-key", data, signature)
    # [end]
