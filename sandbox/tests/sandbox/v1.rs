//! Calls of API v1 that old clients make, with the behaviour that their tests saw at the service.

use super::*;

/// A sandbox with tokens of its owner and of a user.
pub(super) struct Site {
    pub(super) sandbox: Sandbox,
    pub(super) owner: Credential,
    pub(super) user: Credential,
}

impl Site {
    pub(super) fn start() -> Site {
        let sandbox = start(&["--records", "40"]);
        Site {
            owner: sandbox.login("owner@sandbox.example"),
            user: sandbox.login("user7@sandbox.example"),
            sandbox,
        }
    }

    pub(super) fn call(
        &self,
        token: &Credential,
        method: &str,
        path: &str,
        body: Value,
    ) -> Response {
        self.sandbox
            .request_as(token, method, &format!("/api/v1/{path}"), body)
    }

    /// Returns the JSON of a successful call.
    pub(super) fn ok(&self, token: &Credential, method: &str, path: &str, body: Value) -> Value {
        let response = self.call(token, method, path, body);
        assert!(response.status < 300, "{method} {path}: {}", response.text);
        response.json()
    }

    /// Sends a request signed with the trusted key only.
    pub(super) fn without_user(&self, method: &str, path: &str, body: Value) -> Response {
        let key = self.sandbox.trusted_key();
        let path = format!("/api/v1/{path}");
        self.sandbox
            .signed_request(method, &path, &key, &Signing::default(), body)
    }

    fn id(&self, token: &Credential) -> Value {
        self.ok(token, "GET", "users/current", Value::Null)["user"]["id"].take()
    }
}

pub(super) fn assert_error(response: &Response, status: u16, kind: &str) {
    let errors = &response.json()["errors"];
    assert_eq!(
        (response.status, &errors["type"]),
        (status, &json!(kind)),
        "{}",
        response.text
    );
}

#[test]
fn users_delete_themselves() {
    let site = Site::start();
    let id = site.id(&site.user);
    let path = format!("users/{id}");
    assert_error(
        &site.without_user("DELETE", &path, Value::Null),
        401,
        "unauthorized",
    );
    let other = site.sandbox.login("user8@sandbox.example");
    assert_error(
        &site.call(&other, "DELETE", &path, Value::Null),
        401,
        "unauthorized",
    );
    let deleted = site.ok(&site.user, "DELETE", &path, Value::Null);
    assert_eq!(deleted["user"]["id"], id);
    assert_error(
        &site.call(&site.owner, "GET", &path, Value::Null),
        404,
        "record_not_found",
    );
    // A login creates the user again.
    let again = site.sandbox.login("user7@sandbox.example");
    assert_ne!(site.id(&again), id);
}

#[test]
fn last_owner_cannot_be_deleted() {
    let site = Site::start();
    let rejected = site.call(&site.owner, "DELETE", "users/1", Value::Null);
    assert_error(&rejected, 401, "unauthorized");
    assert!(
        rejected.message().contains("last owner"),
        "{}",
        rejected.text
    );
}

#[test]
fn user_0_is_the_current_user() {
    let site = Site::start();
    let id = site.id(&site.user);
    let email = |email: &str| json!({ "user": { "email": email } });
    let updated = site.ok(&site.user, "PUT", "users/0", email("seven@sandbox.example"));
    assert_eq!(
        (&updated["user"]["id"], &updated["user"]["email"]),
        (&id, &json!("seven@sandbox.example"))
    );
    let own = format!("users/{id}");
    site.ok(&site.user, "PUT", &own, email("eight@example.com"));
    assert_error(
        &site.call(&site.user, "PUT", "users/3", email("x@y.example")),
        401,
        "unauthorized",
    );
    let updated = site.ok(
        &site.owner,
        "PUT",
        "users/3",
        json!({ "user": { "name": "Three" } }),
    );
    assert_eq!(updated["user"]["name"], "Three");
    assert_error(
        &site.without_user("PUT", "users/0", email("a@b.example")),
        401,
        "unauthorized",
    );
}

#[test]
fn login_with_invalid_email_is_unauthorized() {
    let site = Site::start();
    for email in [json!("ma"), Value::Null] {
        let token = site.sandbox.request_token("oob").0;
        let body = json!({ "request_token": token, "user": { "email": email } });
        assert_error(
            &site.without_user("POST", "users/login_as", body),
            401,
            "unauthorized",
        );
    }
}

#[test]
fn users_are_discovered_by_email() {
    let site = Site::start();
    let discover = |email: &str| {
        let path =
            format!("/api/v1/users/discover.json?client=sandbox-untrusted-key&email={email}");
        site.sandbox.get_unsigned(&path)
    };
    let found = discover("USER1@sandbox.example").json()["user"].take();
    assert_eq!(
        (&found["id"], &found["email"]),
        (&json!(2), &json!("user1@sandbox.example"))
    );
    assert!(found.get("roles").is_none(), "{found}");
    assert_error(&discover("nobody@sandbox.example"), 404, "record_not_found");
    assert_error(&discover("nobody"), 422, "record_invalid");
}

#[test]
fn lists_of_a_user() {
    let site = Site::start();
    let comments = site.ok(&site.user, "GET", "users/8/comments", Value::Null);
    assert_eq!(comments["comments"][0]["suggestion"]["id"], 1);
    let suggestions = site.ok(&site.user, "GET", "users/8/suggestions", Value::Null);
    assert_eq!(suggestions["suggestions"][0]["id"], 8);
    assert_eq!(suggestions["response_data"]["total_records"], 1);
    site.ok(
        &site.owner,
        "POST",
        "suggestions/2/notes",
        json!({ "note": { "text": "Why?" } }),
    );
    let notes = site.ok(&site.owner, "GET", "users/1/notes", Value::Null);
    assert_eq!(notes["notes"][0]["text"], "Why?");
    assert_error(
        &site.call(&site.user, "GET", "users/1/notes", Value::Null),
        401,
        "unauthorized",
    );
    assert_error(
        &site.call(&site.user, "GET", "users/9999/comments", Value::Null),
        404,
        "record_not_found",
    );
    let all = site.ok(&site.user, "GET", "comments", Value::Null);
    assert_eq!(all["response_data"]["total_records"], 4);
}

#[test]
fn identify_accepts_numbers_and_returns_ids() {
    let site = Site::start();
    let one = |id: u64, external_id: Value| json!({ "id": id, "external_id": external_id, "url": "http://example.com" });
    let body = json!({ "upsert": true, "external_scope": "crm",
        "identifications": [one(7, json!(70)), one(3, json!("30"))] });
    for path in ["suggestions/identify", "users/identify"] {
        let identified = site.ok(&site.owner, "PUT", path, body.clone());
        assert_eq!(
            identified,
            json!({ "identifications": { "ids": [3, 7] } }),
            "{path}"
        );
    }
    let total = |query: &str| {
        let list = site.ok(
            &site.owner,
            "GET",
            &format!("suggestions?{query}"),
            Value::Null,
        );
        let data = &list["response_data"];
        (
            data["filter"].as_str().unwrap().to_string(),
            data["total_records"].as_u64().unwrap(),
        )
    };
    let counted = |filter: &str, total: u64| (filter.to_string(), total);
    assert_eq!(
        total("filter=with_external_id&external_scope=crm"),
        counted("with_external_id", 2)
    );
    assert_eq!(
        total("filter=with_external_id&external_scope=erp"),
        counted("with_external_id", 0)
    );
    assert_eq!(
        total("filter=without_external_id&external_scope=crm"),
        counted("without_external_id", 38)
    );
    assert_eq!(total("filter=closed"), counted("closed", 2));
    assert_eq!(total("filter=public"), counted("public", 40));
    assert_eq!(total("filter=unknown"), counted("all", 40));
    let unknown = site.call(
        &site.owner,
        "GET",
        "suggestions?filter=with_external_id&manual_action=crm",
        Value::Null,
    );
    assert_error(&unknown, 404, "record_not_found");
}

#[test]
fn articles_are_created_by_admins() {
    let site = Site::start();
    let input = json!({ "article": { "question": "What is up?", "answer_html": "<p>Tea</p>" } });
    assert_error(
        &site.without_user("POST", "articles", input.clone()),
        401,
        "unauthorized",
    );
    assert_error(
        &site.call(&site.user, "POST", "articles", input.clone()),
        401,
        "unauthorized",
    );
    let created = site.call(&site.owner, "POST", "articles", input);
    assert_eq!(created.status, 201, "{}", created.text);
    let article = created.json()["article"].take();
    assert_eq!(
        (&article["title"], &article["formatted_text"]),
        (&json!("What is up?"), &json!("<p>Tea</p>"))
    );
    let page = site.sandbox.page(article["path"].as_str().unwrap());
    assert!(page.contains("<p>Tea</p>"));

    let one = format!("articles/{}", article["id"]);
    let change = json!({ "article": { "question": "And now?", "topic_id": 2 } });
    let changed = site.ok(&site.owner, "PUT", &one, change);
    assert_eq!(
        (
            &changed["article"]["question"],
            &changed["article"]["topic"]["id"]
        ),
        (&json!("And now?"), &json!(2))
    );
    let found = site.ok(
        &site.user,
        "GET",
        "topics/2/articles/search?query=now",
        Value::Null,
    );
    assert_eq!(found["articles"][0]["id"], article["id"]);
    let blank = json!({ "article": { "question": " " } });
    assert_error(
        &site.call(&site.owner, "POST", "articles", blank),
        422,
        "record_invalid",
    );
    let unknown = json!({ "article": { "question": "?", "topic_id": 9 } });
    assert_error(
        &site.call(&site.owner, "POST", "articles", unknown),
        422,
        "record_invalid",
    );
    site.ok(&site.owner, "DELETE", &one, Value::Null);
    assert_error(
        &site.call(&site.owner, "GET", &one, Value::Null),
        404,
        "record_not_found",
    );
    assert_eq!(
        site.ok(&site.user, "GET", "topics/2", Value::Null)["topic"]["name"],
        "Billing"
    );
}

#[test]
fn requester_and_admin_reply_to_a_ticket() {
    let site = Site::start();
    let ticket = json!({ "ticket": { "subject": "Help", "message": "It broke" } });
    let ticket = site.ok(&site.user, "POST", "tickets", ticket)["ticket"].take();
    let one = format!("tickets/{}", ticket["id"]);
    let messages = format!("{one}/ticket_messages");
    let reply = |token: &Credential, text: &str| {
        site.call(
            token,
            "POST",
            &messages,
            json!({ "ticket_message": { "text": text } }),
        )
    };
    let state = || {
        let ticket = site.without_user("GET", &one, Value::Null).json()["ticket"].take();
        let newest = ticket["messages"][0]["body"].as_str().unwrap().to_string();
        (ticket["state"].as_str().unwrap().to_string(), newest)
    };
    let expected = |state: &str, body: &str| (state.to_string(), body.to_string());
    assert_eq!(reply(&site.user, "Still <b>broken</b>").status, 201);
    assert_eq!(state(), expected("open", "Still <b>broken</b>"));
    let replied = reply(&site.owner, "Try again").json();
    assert_eq!(replied["message"]["is_admin_response"], true);
    assert_eq!(replied["ticket"]["messages"].as_array().unwrap().len(), 3);
    assert_eq!(state(), expected("closed", "Try again"));
    reply(&site.user, "No");
    assert_eq!(state(), expected("open", "No"));

    let other = site.sandbox.login("user9@sandbox.example");
    assert_error(&reply(&other, "Me too"), 401, "unauthorized");
    let by_email = |email: &str| {
        let body = json!({ "email": email, "ticket_message": { "text": "By e-mail" } });
        site.without_user("POST", &messages, body)
    };
    assert_eq!(by_email("user7@sandbox.example").status, 201);
    assert_error(&by_email("user9@sandbox.example"), 401, "unauthorized");
    let list = site.ok(&site.owner, "GET", &messages, Value::Null);
    assert_eq!(
        (
            &list["messages"][0]["body"],
            &list["response_data"]["total_records"]
        ),
        (&json!("By e-mail"), &json!(5))
    );
    let all = site.ok(&site.owner, "GET", "ticket_messages", Value::Null);
    assert_eq!(all["messages"][0]["body"], "By e-mail");
    site.ok(&site.owner, "DELETE", &one, Value::Null);
    assert_error(&reply(&site.owner, "x"), 404, "record_not_found");
}

#[test]
fn unsigned_request_says_what_is_wrong_with_the_client() {
    let sandbox = start(&["--records", "10"]);
    for (query, expected) in [("", "add client=API_KEY"), ("?client=x", "unknown")] {
        let rejected = sandbox.get_unsigned(&format!("/api/v1/forums.json{query}"));
        assert_eq!(rejected.status, 401);
        let message = rejected.json()["errors"]["message"].to_string();
        assert!(message.contains(expected), "{message}");
    }
}
