//! The pages of the journal, the faults and the rate limit.

use super::*;

#[test]
fn requests_page_shows_who_and_why_not() {
    let sandbox = start(&[]);
    let user = sandbox.login("user2@sandbox.example");
    sandbox.control("DELETE", "requests", Value::Null);
    sandbox.request_as(&user, "GET", "/api/v1/users/current", Value::Null);
    sandbox.v2("nonsense", "GET", "users", Value::Null);
    let key = Credential("sandbox-trusted-key".into(), "wrong".into());
    sandbox.signed_request(
        "GET",
        "/api/v1/forums",
        &key,
        &Signing::default(),
        Value::Null,
    );
    sandbox.get_unsigned("/api/v1/forums?client=sandbox-trusted-key");
    sandbox.add_fault(json!({ "path": "/api/*", "close": "before" }));
    let url = format!("{}/api/v1/forums", sandbox.url());
    let closed = sandbox
        .http
        .get(url)
        .header("authorization", "OAuth x")
        .call();
    assert!(closed.is_err());
    sandbox.page("/forums/1");

    let requests = sandbox.requests();
    let authentication: Vec<&str> = requests
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["authentication"].as_str().unwrap())
        .collect();
    assert_eq!(
        authentication,
        [
            "verified",
            "rejected: The token is unknown or has expired",
            "rejected: signature_invalid: Invalid signature",
            "none",
            "not checked",
            "none",
        ]
    );
    assert!(requests[0]["duration_ms"].is_u64());
    assert_eq!(requests[4]["fault"], true);
    let page = sandbox.page("/_sandbox");
    for text in [
        ">user2@sandbox.example<",
        ">verified<",
        ">rejected: signature_invalid: Invalid signature<",
        ">not checked<",
        ">closed<",
        ">fault<",
        " of <span id=\"total\">5 requests</span>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    // Views of the pages are in the JSON only.
    assert_eq!(requests[5]["path"], "/forums/1");
    assert!(!page.contains(">/forums/1<"), "{page}");
}

#[test]
fn request_page_masks_secrets() {
    let sandbox = start(&[]);
    let bearer = sandbox.bearer_token();
    sandbox.v2(&bearer, "GET", "users?per_page=1", Value::Null);
    let token = sandbox.login("user2@sandbox.example");
    sandbox.get_unsigned("/?sso=secret-token&x=1");
    let request = |number: u64| sandbox.page(&format!("/_sandbox/journal/{number}"));
    let pages = [1, 2, 3, 4, 5].map(request);
    let journal = sandbox.page("/_sandbox");
    let secrets = [
        "sandbox-trusted-secret",
        "secret-token",
        &bearer,
        &token.0,
        &token.1,
    ];
    for page in pages.iter().chain([&journal]) {
        for secret in secrets {
            assert!(!page.contains(secret), "{secret}: {page}");
        }
    }
    let [token_request, users, _, login, sso] = &pages;
    assert!(
        token_request.contains("client_secret=•••")
            && token_request.contains("client_id=sandbox-trusted-key")
    );
    assert!(
        token_request.contains("&quot;access_token&quot;: &quot;•••&quot;"),
        "{token_request}"
    );
    assert!(
        users.contains("Bearer •••") && users.contains("owner@sandbox.example"),
        "{users}"
    );
    assert!(login.contains("oauth_signature=&quot;•••&quot;"), "{login}");
    assert!(
        login.contains("oauth_consumer_key=&quot;sandbox-trusted-key&quot;"),
        "{login}"
    );
    assert!(
        sso.contains("Parameter <code>sso</code></dt><dd>•••"),
        "{sso}"
    );
}

#[test]
fn new_requests_are_returned_since_a_number() {
    let sandbox = start(&[]);
    let news = |after: u64| sandbox.page(&format!("/_sandbox/journal?after={after}"));
    let news = |after: u64| serde_json::from_str::<Value>(&news(after)).unwrap();
    sandbox.get("/api/v1/forums");
    sandbox.get("/api/v1/topics");
    let first = news(0);
    assert_eq!((&first["last"], &first["first"]), (&json!(2), &json!(1)));
    let html = news(1)["html"].as_str().unwrap().to_string();
    assert!(
        html.contains("/api/v1/topics") && !html.contains("/api/v1/forums"),
        "{html}"
    );
    assert_eq!(news(2)["html"], "");
    // Numbers go on after the journal was cleared.
    sandbox.post_form("/_sandbox/clear_requests", &[]);
    let cleared = news(2);
    assert_eq!(
        (&cleared["last"], &cleared["first"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(cleared["total"], "0 requests");
}

#[test]
fn form_adds_and_removes_faults() {
    let sandbox = start(&[]);
    let add = |fields: [&str; 5]| {
        let names = ["path", "method", "effect", "times", "percent"];
        let form: Vec<_> = names.into_iter().zip(fields).collect();
        sandbox.post_form("/_sandbox/control/faults", &form)
    };
    let pending = || sandbox.control("GET", "faults", Value::Null).json();
    let added = add(["/api/v1/forums", "GET", "503", "2", "100"]);
    assert_eq!(
        (added.status, added.header("location")),
        (303, "/_sandbox/control")
    );
    assert!(
        sandbox
            .page("/_sandbox/control")
            .contains("GET /api/v1/forums")
    );
    let response = sandbox.get("/api/v1/forums");
    assert_eq!(
        (response.status, response.header("retry-after")),
        (503, "1")
    );
    add(["/api/v1/topics", "any", "close", "", "2.5"]);
    let faults = pending();
    assert_eq!(
        (&faults[0]["times"], &faults[0]["method"]),
        (&json!(1), &json!("GET"))
    );
    assert_eq!(
        (&faults[1]["probability"], &faults[1]["times"]),
        (&json!(0.025), &Value::Null)
    );

    sandbox.post_form("/_sandbox/control/remove_fault", &[("id", "1")]);
    assert_eq!(pending().as_array().unwrap().len(), 1);
    sandbox.post_form("/_sandbox/control/clear_faults", &[]);
    assert_eq!(pending(), json!([]));

    for (field, value, message) in [
        (0, "api", "path: must begin with"),
        (1, "G T", "method: must be an HTTP method"),
        (2, "?", "The effect is unknown"),
        (3, "x", "times: must be a number"),
        (4, "", "percent: must be a number"),
        (4, "101", "probability: must be from 0 to 1"),
    ] {
        let mut fields = ["/api/*", "any", "500", "1", "100"];
        fields[field] = value;
        let rejected = add(fields);
        assert_eq!(rejected.status, 422, "{value}");
        assert!(
            rejected.text.contains(&format!("role=\"alert\">{message}")),
            "{}",
            rejected.text
        );
    }
    assert_eq!(pending(), json!([]));
}

/// Every effect of the form is a fault that the control interface accepts.
#[test]
fn form_offers_only_valid_faults() {
    let sandbox = start(&[]);
    let page = sandbox.page("/_sandbox/control");
    let effects = page.split("name=\"effect\"").nth(1).unwrap();
    let effects = effects.split("</select>").next().unwrap();
    let values: Vec<&str> = effects
        .split("option value=\"")
        .skip(1)
        .map(|option| option.split('"').next().unwrap())
        .collect();
    assert_eq!(values.len(), 9);
    for effect in values {
        let form = [
            ("path", "/none"),
            ("method", "any"),
            ("effect", effect),
            ("times", "1"),
            ("percent", "100"),
        ];
        let added = sandbox.post_form("/_sandbox/control/faults", &form);
        assert_eq!(added.status, 303, "{effect}: {}", added.text);
    }
}

#[test]
fn form_switches_the_rate_limit() {
    let sandbox = start(&["--rate-limit", "1"]);
    let switch = |form: &[(&str, &str)]| {
        let response = sandbox.post_form("/_sandbox/control/rate_limit", form);
        assert_eq!(response.status, 303, "{}", response.text);
    };
    let status = || sandbox.get("/api/v1/forums").status;
    assert_eq!([status(), status()], [200, 429]);
    switch(&[]);
    assert_eq!([status(), status()], [200, 200]);
    assert!(sandbox.page("/_sandbox/control").contains("Off."));
    switch(&[("limit", "2")]);
    assert_eq!([status(), status(), status()], [200, 200, 429]);
    assert!(
        sandbox
            .page("/_sandbox/control")
            .contains("<b>2</b> requests per minute")
    );
    // A reset restores the option.
    sandbox.post_form("/_sandbox/control/reset", &[]);
    assert_eq!([status(), status()], [200, 429]);
}

#[test]
fn form_expires_tokens() {
    let sandbox = start(&[]);
    let bearer = sandbox.bearer_token();
    assert_eq!(sandbox.v2(&bearer, "GET", "users", Value::Null).status, 200);
    sandbox.post_form("/_sandbox/control/expire_tokens", &[]);
    assert_eq!(sandbox.v2(&bearer, "GET", "users", Value::Null).status, 401);
}
