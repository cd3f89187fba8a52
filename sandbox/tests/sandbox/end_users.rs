//! The Idea Collection API, and the code grant that its tokens come from.

use super::*;

const CALLBACK: &str = "com.uv.Demo:/oauth2Callback";

impl Sandbox {
    /// Signs in a user, and returns the token that the code is exchanged for, or the error.
    fn code_grant(&self, challenge: Option<&str>, verifier: Option<&str>) -> Value {
        let mut fields = vec![
            ("client_id", "sandbox-untrusted-key"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("decision", "allow"),
            ("email", "user2@sandbox.example"),
            ("password", "sandbox-password"),
        ];
        if let Some(challenge) = challenge {
            fields.extend([
                ("code_challenge", challenge),
                ("code_challenge_method", "S256"),
            ]);
        }
        let redirect = self.post_form("/api/v2/oauth/auth", &fields);
        let location = redirect.header("location");
        let code = location.strip_prefix(&format!("{CALLBACK}?code=")).unwrap();
        // As UserVoice's page shows the request: in the query, without redirect_uri.
        let mut path = format!(
            "/api/v2/oauth/token?grant_type=authorization_code&client_id=sandbox-untrusted-key&code={code}"
        );
        if let Some(verifier) = verifier {
            path += &format!("&code_verifier={verifier}");
        }
        self.post_form(&path, &[]).json()
    }

    fn end_users(&self, token: Option<&str>, method: &str, path: &str, body: Value) -> Response {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/end_users/{path}", self.url()))
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        read_response(self.http.run(request.body(body).unwrap()).unwrap())
    }
}

#[test]
fn codes_are_exchanged_with_and_without_pkce() {
    let sandbox = start(&[]);
    let token =
        |challenge, verifier| sandbox.code_grant(challenge, verifier)["access_token"].is_string();
    assert!(token(None, None));
    // Of RFC 7636, appendix B.
    let rfc = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let verifier = Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert!(token(rfc, verifier));
    // Of UserVoice's example, whose challenge is made of hexadecimal digits.
    let verifier_of_example = Some("dXYtZGVtby1hcHA");
    let example = Some(
        "YWM5NGVmZTRkYjk4ZWY4MGZhNDE1MDY1ZDcyYWRkMTRiN2NlODA3YzhkMzE1NTc1NTAxMGUwNjYzNzMzMjhkMg",
    );
    assert!(token(example, verifier_of_example));
    for (challenge, verifier) in [(rfc, None), (rfc, verifier_of_example), (example, verifier)] {
        assert_eq!(
            sandbox.code_grant(challenge, verifier)["error"],
            "invalid_grant"
        );
    }
}

#[test]
fn reading_needs_no_token_and_returns_bare_arrays() {
    let sandbox = start(&["--records", "45"]);
    let get = |path: &str| sandbox.end_users(None, "GET", path, Value::Null);
    let forums = get("forums").json();
    assert_eq!(forums.as_array().unwrap().len(), 2, "{forums}");
    let fields: Vec<_> = forums[0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["id", "name", "welcome_message", "prompt"]);
    let ideas = |query: &str| {
        let ideas = get(&format!("forums/1/ideas{query}")).json();
        let ideas = ideas.as_array().unwrap().iter();
        ideas
            .map(|idea| idea["id"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(ideas("").len(), 20);
    let all: Vec<u64> = (1..4)
        .flat_map(|page| ideas(&format!("?page={page}")))
        .collect();
    assert_eq!(all, ideas("?per_page=100"));
    assert!(all.is_sorted_by(|newer, older| newer > older));
    let idea = get(&format!("ideas/{}", all[0])).json();
    assert_eq!(
        idea.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["id", "title", "text"]
    );
    for path in [
        "forums/3/ideas",
        "forums/9/ideas",
        "ideas/999",
        "ideas/x",
        "nothing",
    ] {
        assert_eq!(get(path).status, 404, "{path}");
    }
}

#[test]
fn writing_needs_the_token_of_a_user() {
    let sandbox = start(&[]);
    let grant = sandbox.code_grant(None, None);
    let token = grant["access_token"].as_str();
    let idea = json!({ "suggestion": { "title": "Tea", "text": "Green" } });
    let created = sandbox.end_users(token, "POST", "forums/1/ideas", idea.clone());
    assert_eq!(created.status, 201, "{}", created.text);
    let created = created.json();
    assert_eq!(
        (&created["title"], &created["text"]),
        (&json!("Tea"), &json!("Green"))
    );
    assert_eq!(created["voted"], true);
    let vote = format!("forums/1/ideas/{}/vote", created["id"]);
    for (method, voted) in [("DELETE", false), ("POST", true), ("POST", true)] {
        let response = sandbox.end_users(token, method, &vote, Value::Null).json();
        assert_eq!(
            (&response["id"], &response["voted"]),
            (&created["id"], &json!(voted))
        );
    }
    // API v1 shows the same suggestion.
    let suggestion = sandbox
        .get(&format!("/api/v1/suggestions/{}.json", created["id"]))
        .json();
    assert_eq!(suggestion["suggestion"]["vote_count"], 1);

    assert_eq!(
        sandbox
            .end_users(None, "POST", "forums/1/ideas", idea)
            .status,
        401
    );
    assert_eq!(
        sandbox.end_users(None, "POST", &vote, Value::Null).status,
        401
    );
    assert_eq!(
        sandbox
            .end_users(Some("no"), "GET", "forums", Value::Null)
            .status,
        401
    );
    let invalid = sandbox.end_users(token, "POST", "forums/1/ideas", json!({}));
    assert_eq!(
        (invalid.status, invalid.json()),
        (422, json!({ "errors": { "title": "required" } }))
    );
    let elsewhere = vote.replace("forums/1", "forums/2");
    assert_eq!(
        sandbox
            .end_users(token, "POST", &elsewhere, Value::Null)
            .status,
        404
    );
    // A user of the Idea Collection API is not an admin.
    assert_eq!(
        sandbox
            .v2(token.unwrap(), "GET", "users", Value::Null)
            .status,
        403
    );
}

#[test]
fn spam_is_hidden_from_end_users() {
    let sandbox = start(&["--records", "10"]);
    let grant = sandbox.code_grant(None, None);
    let user = grant["access_token"].as_str();
    let status = |method, path| sandbox.end_users(user, method, path, Value::Null).status;
    assert_eq!(status("GET", "ideas/1"), 200);
    let admin = sandbox.bearer_token();
    let marked = sandbox.v2(&admin, "PUT", "suggestions/1/spam", Value::Null);
    assert_eq!(marked.status, 200, "{}", marked.text);
    assert_eq!(status("GET", "ideas/1"), 404);
    assert_eq!(status("POST", "forums/1/ideas/1/vote"), 404);
}

#[test]
fn rejects_unknown_parameters_unless_lenient() {
    let misspelt = json!({ "suggestion": { "title": "Tea", "txt": "Green" } });
    let requests = [
        ("GET", "forums/1/ideas?sort=newest", Value::Null, "sort"),
        ("POST", "forums/1/ideas", misspelt, "txt"),
        ("POST", "forums/1/ideas", json!({ "title": "Tea" }), "title"),
    ];
    let sandbox = start(&["--records", "10"]);
    let grant = sandbox.code_grant(None, None);
    let token = grant["access_token"].as_str();
    let identified = "forums/1/ideas?client=sandbox-untrusted-key&page=1";
    let accepted = sandbox.end_users(token, "GET", identified, Value::Null);
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    for (method, path, body, name) in &requests {
        let rejected = sandbox.end_users(token, method, path, body.clone());
        assert_eq!(rejected.status, 422, "{path}: {}", rejected.text);
        let json = rejected.json();
        assert_eq!(json["errors"], json!({ *name: "unknown" }));
        let message = json["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("unknown parameter {name:?}")));
    }

    let lenient = start(&["--records", "10", "--lenient"]);
    let grant = lenient.code_grant(None, None);
    let token = grant["access_token"].as_str();
    for ((method, path, body, _), status) in requests.into_iter().zip([200, 201, 422]) {
        let response = lenient.end_users(token, method, path, body);
        assert_eq!(response.status, status, "{path}: {}", response.text);
    }
}
