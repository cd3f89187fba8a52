//! Who may call: OAuth 1.0a, and `client=`.

use super::*;

#[test]
fn every_part_of_a_signature_is_checked() {
    let site = start(&[]);
    let path = "/api/v1/forums.json?per_page=1";
    let key = site.trusted();
    assert_eq!(site.get(path).status, 200);

    let refused = |key: &Pair, how: Signing| {
        let answer = site.call("GET", path, key, &how, Value::Null);
        answer.problem()
    };
    let unknown = Pair("nobody".into(), key.1.clone());
    assert_eq!(refused(&unknown, PLAIN), "consumer_key_unknown");
    let wrong = Pair(key.0.clone(), "wrong".into());
    assert_eq!(refused(&wrong, PLAIN), "signature_invalid");
    let token = Pair("nobody's".into(), "secret".into());
    let with_token = Signing {
        token: Some(&token),
        ..PLAIN
    };
    assert_eq!(refused(&key, with_token), "token_rejected");
    assert_eq!(
        refused(&key, Signing { age: 301, ..PLAIN }),
        "timestamp_refused"
    );
    assert_eq!(
        refused(&key, Signing { age: -301, ..PLAIN }),
        "timestamp_refused"
    );
    let once = || Signing {
        nonce: Some("again"),
        ..PLAIN
    };
    assert_eq!(
        site.call("GET", path, &key, &once(), Value::Null).status,
        200
    );
    assert_eq!(refused(&key, once()), "nonce_used");

    // A token of one key is worth nothing with the other.
    let user = site.user("user2@sandbox.example");
    let other = site.key("untrusted_api");
    let stolen = Signing {
        token: Some(&user),
        ..PLAIN
    };
    assert_eq!(refused(&other, stolen), "token_rejected");
}

#[test]
fn a_skewed_clock_is_told() {
    let site = start(&["--clock-skew", "3600"]);
    let answer = site.get("/api/v1/forums.json");
    assert_eq!(answer.problem(), "timestamp_refused");
    let told = answer.json()["errors"]["server_time"].as_i64().unwrap();
    assert!((told - now() - 3600).abs() <= 5);
    let corrected = Signing {
        age: -3600,
        ..PLAIN
    };
    let key = site.trusted();
    let answer = site.call("GET", "/api/v1/forums.json", &key, &corrected, Value::Null);
    assert_eq!(answer.status, 200);
}

#[test]
fn public_data_needs_a_client_and_nothing_more() {
    let site = start(&[]);
    let public = site.plain("/api/v1/suggestions.json?client=sandbox-trusted-key");
    assert_eq!(public.json()["response_data"]["total_records"], 1501);
    assert_eq!(site.plain("/api/v1/suggestions.json").status, 401);
    assert_eq!(
        site.plain("/api/v1/suggestions.json?client=nobody").status,
        401
    );
    let users = site.plain("/api/v1/users.json?client=sandbox-trusted-key");
    assert_eq!(users.message(), "Trusted client or user required");
    let private = site.plain("/api/v1/forums/3.json?client=sandbox-trusted-key");
    assert_eq!(private.message(), "Private forum access denied");
    // Without a wish for JSON there is none.
    let xml = site.plain("/api/v1/forums?client=sandbox-trusted-key");
    assert_eq!(xml.header("content-type"), "application/xml");
}

#[test]
fn only_a_trusted_key_acts_as_users() {
    let site = start(&[]);
    let key = site.key("untrusted_api");
    let answer = site.login_as(&key, "user2@sandbox.example");
    assert_eq!(answer.message(), "Trusted client required");

    // The key decides, not whom it acts for: neither makes the untrusted one trusted…
    let owner = site.allowed(&key, "owner@sandbox.example");
    let how = Signing {
        token: Some(&owner),
        ..PLAIN
    };
    for login in ["login_as", "login_as_owner"] {
        let body = json!({ "request_token": site.request_token_of(&key, "oob").0,
            "user": { "email": "user2@sandbox.example" } });
        let path = format!("/api/v1/users/{login}.json");
        let answer = site.call("POST", &path, &key, &how, body);
        assert_eq!(answer.message(), "Trusted client required", "{login}");
    }
    // …nor does an ordinary user's token make the trusted one less.
    let user = site.user("user2@sandbox.example");
    let body = json!({ "request_token": site.request_token("oob").0,
        "user": { "email": "user3@sandbox.example" } });
    let other = site.acting(&user, "POST", "/api/v1/users/login_as.json", body);
    assert_eq!(other.json()["user"]["email"], "user3@sandbox.example");

    // As the service does, it takes addresses that look odd, but not none.
    let odd = site.login_as(&site.trusted(), "jo+x@localhost");
    assert_eq!(odd.json()["user"]["email"], "jo+x@localhost");
    assert_eq!(site.login_as(&site.trusted(), "jo").status, 422);
}

/// RFC 5849, section 3.4.1.3.2: encoded, and then sorted.
#[test]
fn the_query_is_signed_as_it_is_encoded() {
    let site = start(&[]);
    let path = "/api/v1/suggestions.json";
    let status = |query: &str, pairs: Encoded| {
        let request = site
            .http
            .get(format!("{}{path}?{query}", site.url()))
            .header("authorization", site.authorization("GET", path, pairs));
        request.call().unwrap().status().as_u16()
    };
    let repeated = Encoded(&[("tag", "%E6%97%A5%E6%9C%AC"), ("tag", "abc")]);
    assert_eq!(status("tag=abc&tag=%E6%97%A5%E6%9C%AC", repeated), 200);
    assert_eq!(status("x=a%FF", Encoded(&[("x", "a%FF")])), 200);
    assert_eq!(status("x=a+b%2b", Encoded(&[("x", "a%20b%2B")])), 200);
    assert_eq!(status("x=a", Encoded(&[("x", "b")])), 401);
}

#[test]
fn the_beginning_of_a_path_counts_once() {
    let site = start(&[]);
    let twice = "/api/v1//api/v1/forums.json?client=sandbox-trusted-key";
    assert_eq!(site.plain(twice).status, 404);
    let twice = "/api/v2/admin//api/v2/admin/users";
    let request = site.http.get(format!("{}{twice}", site.url()));
    let request = request.header("authorization", format!("Bearer {}", site.bearer()));
    assert_eq!(request.call().unwrap().status(), 404);
}
