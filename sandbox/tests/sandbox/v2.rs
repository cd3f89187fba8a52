//! API v2: OAuth 2, lists with cursors, web hooks.

use super::*;

#[test]
fn a_bearer_token_by_each_grant_but_not_by_a_wrong_word() {
    let site = start(&[]);
    let token = site.bearer();
    let me = site.v2(&token, "GET", "users/current", Value::Null).json();
    assert_eq!(me["users"][0]["is_owner"], true);
    assert_eq!(site.v2("nobody's", "GET", "users", Value::Null).status, 401);

    let by_password = |password: &str| {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "sandbox-untrusted-key"),
            ("username", "user2@sandbox.example"),
            ("password", password),
        ];
        site.form("/api/v2/oauth/token", &fields)
    };
    assert_eq!(by_password("wrong").json()["error"], "invalid_grant");
    let user = by_password("sandbox-password").json();
    let user = user["access_token"].as_str().unwrap();
    // Ordinary users have no business in the Admin API.
    assert_eq!(site.v2(user, "GET", "suggestions", Value::Null).status, 403);
    let untrusted = [
        ("grant_type", "client_credentials"),
        ("client_id", "sandbox-untrusted-key"),
        ("client_secret", "sandbox-untrusted-secret"),
    ];
    let refused = site.form("/api/v2/oauth/token", &untrusted);
    assert_eq!(refused.json()["error"], "unauthorized_client");
}

/// The verifier and challenge of RFC 7636, appendix B.
#[test]
fn a_code_is_exchanged_with_its_verifier() {
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let site = start(&[]);
    let asked = [
        ("client_id", "sandbox-trusted-key"),
        ("redirect_uri", "https://app.example/back"),
        ("response_type", "code"),
        ("state", "s&t"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query: Vec<String> = asked
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let page = site.plain(&format!("/api/v2/oauth/auth?{}", query.join("&")));
    assert!(
        page.status == 200 && page.text.contains("Password"),
        "{}",
        page.text
    );
    let decide = |decision, password| {
        let mut fields = asked.to_vec();
        fields.extend([
            ("decision", decision),
            ("email", "owner@sandbox.example"),
            ("password", password),
        ]);
        site.form("/api/v2/oauth/auth", &fields)
    };
    let denied = decide("deny", "");
    let back = "https://app.example/back?state=s%26t";
    assert_eq!(
        denied.header("location"),
        format!("{back}&error=access_denied")
    );
    assert_eq!(decide("allow", "wrong").status, 400);
    let code = || {
        let allowed = decide("allow", "sandbox-password");
        let location = allowed.header("location").to_string();
        location
            .strip_prefix(&format!("{back}&code="))
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
        site.form("/api/v2/oauth/token", &fields).json()
    };
    let used = code();
    assert_eq!(exchange(&used, &"x".repeat(43))["error"], "invalid_grant");
    assert_eq!(exchange(&used, VERIFIER)["error"], "invalid_grant");
    let token = exchange(&code(), VERIFIER);
    assert!(token["access_token"].is_string(), "{token}");
}

#[test]
fn lists_of_v2_have_cursors_filters_and_sides() {
    let site = start(&["--records", "45"]);
    let token = site.bearer();
    let get = |path: &str| site.v2(&token, "GET", path, Value::Null).json();
    for order in ["id", "-id", "updated_at", "-created_at"] {
        let mut ids = vec![];
        let mut cursor = String::new();
        loop {
            let page = get(&format!("suggestions?sort={order}{cursor}"));
            let records = page["suggestions"].as_array().unwrap();
            ids.extend(records.iter().map(|one| one["id"].as_u64().unwrap()));
            assert_eq!(page["pagination"]["total_records"], 45);
            match page["pagination"]["cursor"].as_str() {
                None => break,
                Some(next) => cursor = format!("&cursor={next}"),
            }
        }
        let mut expected: Vec<u64> = (1..=45).collect();
        if order.starts_with('-') {
            expected.reverse();
        }
        assert_eq!(ids, expected, "{order}");
    }
    let third = get("suggestions?page=3&per_page=20");
    assert_eq!(third["suggestions"].as_array().unwrap().len(), 5);
    let recent = get("suggestions?updated_after=2013-05-12T09:03:44Z");
    assert_eq!(recent["pagination"]["total_records"], 4);
    // The same moment, and a day: ISO 8601 is more than one form.
    for (after, total) in [
        ("2013-05-12T09:03:44", 4),
        ("2013-05-12T11:03:44%2B02:00", 4),
        ("2013-05-12T09:03:44.000Z", 4),
        ("20130512T090344Z", 4),
        ("2013-05-12", 14),
    ] {
        let recent = get(&format!("suggestions?updated_after={after}"));
        assert_eq!(recent["pagination"]["total_records"], total, "{after}");
    }
    for bad in [
        "yesterday",
        "2013-05-32",
        "2013-05-12T99:00",
        "2013-05-12T12:00:60Z",
        "1368349424",
        "",
    ] {
        let refused = get(&format!("suggestions?updated_before={bad}"));
        let errors = json!({ "updated_before": "datetime" });
        assert_eq!(refused["errors"], errors, "{bad}");
    }
    let sides = get("suggestions?per_page=2&includes=forums,users,nonsense");
    assert_eq!(
        (
            sides["forums"][0]["id"].clone(),
            sides["users"].as_array().unwrap().len()
        ),
        (json!(1), 2)
    );
    let sides = get("suggestions/1?includes=forums,users");
    assert_eq!(
        (
            sides["forums"][0]["id"].clone(),
            sides["users"][0]["id"].clone()
        ),
        (json!(1), json!(1))
    );
    for list in [
        "users",
        "forums",
        "comments",
        "notes",
        "supporters",
        "categories",
        "labels",
        "statuses",
    ] {
        assert!(
            get(list)["pagination"]["total_records"].as_u64() > Some(0),
            "{list}"
        );
    }
    assert_eq!(get("nps_ratings")["nps_ratings"], json!([]));
}

#[test]
fn records_of_v2_are_made_changed_and_validated() {
    let site = start(&["--records", "3"]);
    let token = site.bearer();
    let call = |method: &str, path: &str, body: Value| site.v2(&token, method, path, body);
    let bad = call("POST", "suggestions", json!({ "links": { "forum": "x" } }));
    assert_eq!(
        bad.json()["errors"],
        json!({ "title": "required", "links": { "forum": "int" } })
    );
    let made = call(
        "POST",
        "suggestions",
        json!({ "title": "Tea", "links": { "forum": 1 } }),
    );
    let id = made.json()["suggestions"][0]["id"].as_u64().unwrap();
    let one = format!("suggestions/{id}");
    assert_eq!(
        call("PUT", &format!("{one}/spam"), Value::Null).json()["suggestions"][0]["state"],
        "spam"
    );
    assert_eq!(call("DELETE", &one, Value::Null).status, 204);
    assert_eq!(call("GET", &one, Value::Null).status, 404);
    let user = json!({ "email_address": "user2@sandbox.example" });
    assert_eq!(
        call("POST", "users/find_or_create", user).json()["users"][0]["id"],
        3
    );
    let users = json!({ "external_users": [{ "external_id": "A-1" }, { "external_id": "A-2" }] });
    for _ in 0..2 {
        assert_eq!(
            call("POST", "external_users/import", users.clone()).json()["imported"],
            2
        );
    }
    let known = call("GET", "external_users", Value::Null).json();
    assert_eq!(known["pagination"]["total_records"], 2);
}

#[test]
fn a_body_that_is_no_json_is_refused_in_the_words_of_v2() {
    let site = start(&[]);
    let request = site
        .http
        .post(format!("{}/api/v2/admin/forums", site.url()))
        .header("authorization", format!("Bearer {}", site.bearer()));
    let refused = answer(request.send("{nonsense").unwrap());
    assert_eq!(refused.status, 400);
    let told = refused.json();
    assert!(told["errors"].is_null(), "{told}");
    assert!(told["message"].as_str().unwrap().contains("not JSON"));
    assert_eq!(site.requests()[1]["for"], "owner@sandbox.example");
}

#[test]
fn values_of_v2_that_cannot_be_used_are_refused() {
    let site = start(&["--records", "3"]);
    let token = site.bearer();
    let call = |method: &str, path: &str, body: Value| site.v2(&token, method, path, body);
    let links = |links: Value| {
        let body = json!({ "title": "Tea", "links": links });
        call("POST", "suggestions", body).json()["errors"]["links"].take()
    };
    let unknown = links(json!({ "forum": 99, "category": 99 }));
    assert_eq!(
        unknown,
        json!({ "forum": "not_found", "category": "not_found" })
    );
    let strange = links(json!({ "forum": 1, "category": "x" }));
    assert_eq!(strange, json!({ "category": "int" }));
    assert_eq!(links(json!({ "forum": 1, "category": null })), Value::Null);

    let change = |links: Value| call("PUT", "suggestions/1", json!({ "links": links })).json();
    let changed = change(json!({ "status": 2, "category": 3 }));
    let changed = &changed["suggestions"][0]["links"];
    assert_eq!(
        (&changed["status"], &changed["category"]),
        (&json!(2), &json!(3))
    );
    for link in ["status", "category"] {
        let unknown = change(json!({ link: 99 }));
        assert_eq!(unknown["errors"]["links"], json!({ link: "not_found" }));
        let strange = change(json!({ link: "x" }));
        assert_eq!(strange["errors"]["links"], json!({ link: "int" }));
    }

    let forum = |private: Value| {
        let body = json!({ "name": "x", "is_private": private });
        call("POST", "forums", body).json()
    };
    let private = forum(json!("true"));
    assert_eq!(private["forums"][0]["is_private"], true);
    let strange = forum(json!("perhaps"));
    assert_eq!(strange["errors"], json!({ "is_private": "boolean" }));
}

#[test]
fn a_forum_goes_with_all_that_is_in_it_and_quickly() {
    let site = start(&["--records", "60000"]);
    let token = site.bearer();
    let total = |list: &str| {
        let list = site.v2(&token, "GET", list, Value::Null).json();
        list["pagination"]["total_records"].as_u64().unwrap()
    };
    let owner = site.user("owner@sandbox.example");
    let note = json!({ "note": { "text": "x" } });
    site.acting(&owner, "POST", "/api/v1/suggestions/1/notes", note);
    let before = (total("suggestions"), total("comments"), total("notes"));
    assert_eq!(before, (60000, 6000, 31));
    let started = std::time::Instant::now();
    assert_eq!(
        site.v2(&token, "DELETE", "forums/1", Value::Null).status,
        204
    );
    let took = started.elapsed();
    assert!(took.as_secs() < 2, "{took:?}");
    let left = (total("suggestions"), total("comments"), total("notes"));
    assert_eq!(left, (12000, 0, 30));
}

#[test]
fn bearer_tokens_expire() {
    let site = start(&["--token-ttl", "3600"]);
    let token = site.bearer();
    assert_eq!(site.v2(&token, "GET", "users", Value::Null).status, 200);
    site.control("POST", "expire_tokens", Value::Null);
    assert_eq!(site.v2(&token, "GET", "users", Value::Null).status, 401);
    let short = start(&["--token-ttl", "0"]);
    assert_eq!(
        short
            .v2(&short.bearer(), "GET", "users", Value::Null)
            .status,
        401
    );
}

#[test]
fn a_change_is_told_by_a_signed_web_hook() {
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let site = start(&["--webhook-url", &url]);
    let user = site.user("user2@sandbox.example");
    let wish = json!({ "suggestion": { "title": "Tea & \"more\"" } });
    site.acting(&user, "POST", "/api/v1/forums/1/suggestions", wish);

    let (mut stream, _) = receiver.accept().unwrap();
    let mut text = String::new();
    let mut bytes = [0; 4096];
    while !text.contains("signature=") {
        let length = stream.read(&mut bytes).unwrap();
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    let body = text.split("\r\n\r\n").nth(1).unwrap();
    assert!(
        body.starts_with("event=new_suggestion&data=%7B%22suggestion%22"),
        "{body}"
    );
    assert_eq!(body.split("signature=").nth(1).unwrap().len(), 64);
}
