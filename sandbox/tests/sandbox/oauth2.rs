//! OAuth 2: bearer tokens and authorization codes.

use super::*;

#[test]
fn issues_bearer_token_for_valid_credentials_only() {
    let sandbox = start(&[]);
    let token = sandbox.bearer_token();
    let me = sandbox
        .v2(&token, "GET", "users/current", Value::Null)
        .json();
    assert_eq!(me["users"][0]["is_owner"], true);
    assert_eq!(
        sandbox.v2("nobody's", "GET", "users", Value::Null).status,
        401
    );

    let by_password = |password: &str| {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "sandbox-untrusted-key"),
            ("username", "user2@sandbox.example"),
            ("password", password),
        ];
        sandbox.post_form("/api/v2/oauth/token", &fields)
    };
    assert_eq!(by_password("wrong").json()["error"], "invalid_grant");
    let user = by_password("sandbox-password").json();
    let user = user["access_token"].as_str().unwrap();
    // Only admins may use the Admin API.
    assert_eq!(
        sandbox.v2(user, "GET", "suggestions", Value::Null).status,
        403
    );
    let untrusted = [
        ("grant_type", "client_credentials"),
        ("client_id", "sandbox-untrusted-key"),
        ("client_secret", "sandbox-untrusted-secret"),
    ];
    let rejected = sandbox.post_form("/api/v2/oauth/token", &untrusted);
    assert_eq!(rejected.json()["error"], "unauthorized_client");
}

/// As old pages of UserVoice's documentation show the request.
#[test]
fn token_endpoint_accepts_parameters_separated_by_semicolons() {
    let sandbox = start(&["--records", "10"]);
    let request = sandbox
        .http
        .post(format!("{}/api/v2/oauth/token", sandbox.url()))
        .header("content-type", "application/x-www-form-urlencoded");
    let form = "grant_type=client_credentials;client_id=sandbox-trusted-key;client_secret=sandbox-trusted-secret";
    let token = read_response(request.send(form).unwrap());
    assert_eq!(token.status, 200, "{}", token.text);
}

/// The verifier and challenge of RFC 7636, appendix B.
#[test]
fn exchanges_code_with_pkce_verifier() {
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let sandbox = start(&[]);
    let request = [
        ("client_id", "sandbox-trusted-key"),
        ("redirect_uri", "https://app.example/back"),
        ("response_type", "code"),
        ("state", "s&t"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query: Vec<String> = request
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let page = sandbox.get_unsigned(&format!("/api/v2/oauth/auth?{}", query.join("&")));
    assert!(
        page.status == 200 && page.text.contains("Password"),
        "{}",
        page.text
    );
    let submit = |decision, password| {
        let mut fields = request.to_vec();
        fields.extend([
            ("decision", decision),
            ("email", "owner@sandbox.example"),
            ("password", password),
        ]);
        sandbox.post_form("/api/v2/oauth/auth", &fields)
    };
    let denied = submit("deny", "");
    let redirect = "https://app.example/back?state=s%26t";
    assert_eq!(
        denied.header("location"),
        format!("{redirect}&error=access_denied")
    );
    assert_eq!(submit("allow", "wrong").status, 400);
    let code = || {
        let allowed = submit("allow", "sandbox-password");
        let location = allowed.header("location").to_string();
        location
            .strip_prefix(&format!("{redirect}&code="))
            .unwrap()
            .to_string()
    };
    let exchange = |code: &str, verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "sandbox-trusted-key"),
            ("redirect_uri", "https://app.example/back"),
            ("code", code),
            ("code_verifier", verifier),
        ];
        sandbox.post_form("/api/v2/oauth/token", &fields).json()
    };
    let used = code();
    assert_eq!(exchange(&used, &"x".repeat(43))["error"], "invalid_grant");
    assert_eq!(exchange(&used, VERIFIER)["error"], "invalid_grant");
    let token = exchange(&code(), VERIFIER);
    assert!(token["access_token"].is_string(), "{token}");
}

#[test]
fn bearer_tokens_expire() {
    let sandbox = start(&["--token-ttl", "3600"]);
    let token = sandbox.bearer_token();
    assert_eq!(sandbox.v2(&token, "GET", "users", Value::Null).status, 200);
    sandbox.control("POST", "expire_tokens", Value::Null);
    let expired = sandbox.v2(&token, "GET", "users", Value::Null);
    assert_eq!(expired.status, 401);
    let message = json!({ "message": "The token is unknown or has expired" });
    assert_eq!(expired.json(), message);
    let short = start(&["--token-ttl", "0"]);
    assert_eq!(
        short
            .v2(&short.bearer_token(), "GET", "users", Value::Null)
            .status,
        401
    );
}
