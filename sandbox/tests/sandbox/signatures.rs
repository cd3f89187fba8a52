//! Authentication of API v1: OAuth 1.0a signatures and `client=`.

use super::*;

#[test]
fn verifies_each_part_of_a_signature() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums.json?per_page=1";
    let key = sandbox.trusted_key();
    assert_eq!(sandbox.get(path).status, 200);

    let problem = |key: &Credential, signing: Signing| {
        let response = sandbox.signed_request("GET", path, key, &signing, Value::Null);
        response.problem()
    };
    let unknown = Credential("nobody".into(), key.1.clone());
    assert_eq!(
        problem(&unknown, Signing::default()),
        "consumer_key_unknown"
    );
    let wrong = Credential(key.0.clone(), "wrong".into());
    assert_eq!(problem(&wrong, Signing::default()), "signature_invalid");
    let token = Credential("nobody's".into(), "secret".into());
    let with_token = Signing {
        token: Some(&token),
        ..Signing::default()
    };
    assert_eq!(problem(&key, with_token), "token_rejected");
    assert_eq!(
        problem(
            &key,
            Signing {
                age: 301,
                ..Signing::default()
            }
        ),
        "timestamp_refused"
    );
    assert_eq!(
        problem(
            &key,
            Signing {
                age: -301,
                ..Signing::default()
            }
        ),
        "timestamp_refused"
    );
    let with_nonce = || Signing {
        nonce: Some("fixed"),
        ..Signing::default()
    };
    assert_eq!(
        sandbox
            .signed_request("GET", path, &key, &with_nonce(), Value::Null)
            .status,
        200
    );
    assert_eq!(problem(&key, with_nonce()), "nonce_used");

    // A token is valid only with the key that it was issued to.
    let user = sandbox.login("user2@sandbox.example");
    let other = sandbox.key("untrusted_api");
    let with_user = Signing {
        token: Some(&user),
        ..Signing::default()
    };
    assert_eq!(problem(&other, with_user), "token_rejected");
}

#[test]
fn rejected_timestamp_reports_server_time() {
    let sandbox = start(&["--clock-skew", "3600"]);
    let response = sandbox.get("/api/v1/forums.json");
    assert_eq!(response.problem(), "timestamp_refused");
    let server_time = response.json()["errors"]["server_time"].as_i64().unwrap();
    assert!((server_time - now() - 3600).abs() <= 5);
    let corrected = Signing {
        age: -3600,
        ..Signing::default()
    };
    let key = sandbox.trusted_key();
    let response =
        sandbox.signed_request("GET", "/api/v1/forums.json", &key, &corrected, Value::Null);
    assert_eq!(response.status, 200);
}

#[test]
fn public_data_requires_only_client_parameter() {
    let sandbox = start(&[]);
    let public = sandbox.get_unsigned("/api/v1/suggestions.json?client=sandbox-trusted-key");
    assert_eq!(public.json()["response_data"]["total_records"], 1501);
    assert_eq!(sandbox.get_unsigned("/api/v1/suggestions.json").status, 401);
    assert_eq!(
        sandbox
            .get_unsigned("/api/v1/suggestions.json?client=nobody")
            .status,
        401
    );
    let users = sandbox.get_unsigned("/api/v1/users.json?client=sandbox-trusted-key");
    assert_eq!(users.message(), "Trusted client or user required");
    let private = sandbox.get_unsigned("/api/v1/forums/3.json?client=sandbox-trusted-key");
    assert_eq!(private.message(), "Private forum access denied");
    // The response is JSON only if the request asks for it.
    let xml = sandbox.get_unsigned("/api/v1/forums?client=sandbox-trusted-key");
    assert_eq!(xml.header("content-type"), "application/xml");
}

#[test]
fn only_trusted_key_may_log_in_as_users() {
    let sandbox = start(&[]);
    let key = sandbox.key("untrusted_api");
    let response = sandbox.login_as(&key, "user2@sandbox.example");
    assert_eq!(response.message(), "Trusted client required");

    // The key decides, not its user: the owner's token does not make an untrusted key trusted,
    let owner = sandbox.authorize(&key, "owner@sandbox.example");
    let signing = Signing {
        token: Some(&owner),
        ..Signing::default()
    };
    for login in ["login_as", "login_as_owner"] {
        let body = json!({ "request_token": sandbox.request_token_for(&key, "oob").0,
            "user": { "email": "user2@sandbox.example" } });
        let path = format!("/api/v1/users/{login}.json");
        let response = sandbox.signed_request("POST", &path, &key, &signing, body);
        assert_eq!(response.message(), "Trusted client required", "{login}");
    }
    // and an ordinary user's token does not make the trusted key untrusted.
    let user = sandbox.login("user2@sandbox.example");
    let body = json!({ "request_token": sandbox.request_token("oob").0,
        "user": { "email": "user3@sandbox.example" } });
    let other = sandbox.request_as(&user, "POST", "/api/v1/users/login_as.json", body);
    assert_eq!(other.json()["user"]["email"], "user3@sandbox.example");

    // As at the service, an unusual address is valid, one without a domain is not.
    let odd = sandbox.login_as(&sandbox.trusted_key(), "jo+x@localhost");
    assert_eq!(odd.json()["user"]["email"], "jo+x@localhost");
    assert_eq!(sandbox.login_as(&sandbox.trusted_key(), "jo").status, 422);
}

/// Parameters are encoded first and sorted then (RFC 5849, section 3.4.1.3.2).
#[test]
fn verifies_signature_of_encoded_query() {
    let sandbox = start(&[]);
    let path = "/api/v1/suggestions.json";
    let status = |query: &str, pairs: EncodedPairs| {
        let request = sandbox
            .http
            .get(format!("{}{path}?{query}", sandbox.url()))
            .header("authorization", sandbox.authorization("GET", path, pairs));
        request.call().unwrap().status().as_u16()
    };
    let repeated = EncodedPairs(&[("tag", "%E6%97%A5%E6%9C%AC"), ("tag", "abc")]);
    assert_eq!(status("tag=abc&tag=%E6%97%A5%E6%9C%AC", repeated), 200);
    assert_eq!(status("x=a%FF", EncodedPairs(&[("x", "a%FF")])), 200);
    assert_eq!(status("x=a+b%2b", EncodedPairs(&[("x", "a%20b%2B")])), 200);
    assert_eq!(status("x=a", EncodedPairs(&[("x", "b")])), 401);
}

/// A parameter that sorts before those of the crate.
struct BodyHash;

impl oauth1_request::Request for BodyHash {
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        serializer.serialize_parameter_encoded("oauth_body_hash", "2jm%3D");
        serializer.serialize_oauth_parameters();
        serializer.end()
    }
}

/// The old Ruby client sends `oauth_body_hash`.
#[test]
fn further_oauth_parameters_are_signed() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums.json";
    let get = |query: &str, header: &str| {
        let authorization = sandbox.authorization("GET", path, BodyHash);
        let request = sandbox
            .http
            .get(format!("{}{path}{query}", sandbox.url()))
            .header("authorization", format!("{authorization}{header}"));
        read_response(request.call().unwrap())
    };
    assert_eq!(get("", ", oauth_body_hash=\"2jm%3D\"").status, 200);
    assert_eq!(get("?oauth_body_hash=2jm%3D", "").status, 200);
    assert_eq!(
        get("", ", realm=\"a\", oauth_body_hash=\"2jm%3D\"").status,
        200
    );
    assert_eq!(get("", "").problem(), "signature_invalid");
    assert_eq!(
        get("", ", oauth_body_hash=\"2jn%3D\"").problem(),
        "signature_invalid"
    );
    assert_eq!(get("?oauth_nonce=1", "").problem(), "parameter_rejected");
}

#[test]
fn rejects_repeated_path_prefix() {
    let sandbox = start(&[]);
    let path = "/api/v1//api/v1/forums.json?client=sandbox-trusted-key";
    assert_eq!(sandbox.get_unsigned(path).status, 404);
    let path = "/api/v2/admin//api/v2/admin/users";
    let request = sandbox.http.get(format!("{}{path}", sandbox.url()));
    let request = request.header(
        "authorization",
        format!("Bearer {}", sandbox.bearer_token()),
    );
    assert_eq!(request.call().unwrap().status(), 404);
}
