//! The resources of API v1.

use super::*;

#[test]
fn page_size_is_limited_as_by_the_service() {
    let sandbox = start(&["--records", "205"]);
    let page = |query: &str| {
        let response = sandbox.get(&format!("/api/v1/suggestions?{query}")).json();
        let length = response["suggestions"].as_array().unwrap().len();
        (
            response["response_data"]["per_page"].as_u64().unwrap(),
            length,
        )
    };
    assert_eq!(page("page=1"), (10, 10));
    assert_eq!(page("per_page=500"), (100, 100));
    assert_eq!(page("per_page=100&page=3"), (100, 5));
    assert_eq!(page("per_page=100&page=4"), (100, 0));
    assert_eq!(page("per_page=0&page=x"), (10, 10));
    let search = sandbox
        .get("/api/v1/suggestions/search.json?query=dark")
        .json();
    assert_eq!(search["response_data"]["query"], "dark");
    assert_eq!(search["response_data"]["total_records"], 35);
}

#[test]
fn suggestion_is_created_changed_and_deleted() {
    let sandbox = start(&["--records", "3"]);
    let owner = sandbox.login("owner@sandbox.example");
    let user = sandbox.login("new@sandbox.example");
    let other_user = sandbox.login("user9@sandbox.example");
    let path = "/api/v1/forums/1/suggestions";
    let input = |title: &str| json!({ "suggestion": { "title": title, "votes": 2 } });

    let without_user = sandbox.signed_request(
        "POST",
        path,
        &sandbox.trusted_key(),
        &Signing::default(),
        input("x"),
    );
    assert_eq!(without_user.message(), "User required");
    let too_long = sandbox.request_as(&user, "POST", path, input(&"x".repeat(141)));
    assert_eq!(
        (too_long.status, too_long.json()["errors"]["type"].clone()),
        (422, "record_invalid".into())
    );

    let created = sandbox.request_as(&user, "POST", path, input("Größer"));
    assert_eq!(created.status, 201);
    let created = created.json()["suggestion"].take();
    assert_eq!(created["vote_count"], 2);
    let one = format!("{path}/{}", created["id"]);
    let vote = sandbox.request_as(
        &other_user,
        "POST",
        &format!("{one}/votes"),
        json!({ "to": 3 }),
    );
    assert_eq!(vote.json()["suggestion"]["vote_count"], 5);
    assert_eq!(
        sandbox
            .request_as(&other_user, "DELETE", &one, Value::Null)
            .status,
        401
    );
    let comment = json!({ "comment": { "text": "<b>" } });
    let comment = sandbox
        .request_as(&other_user, "POST", &format!("{one}/comments"), comment)
        .json();
    assert_eq!(comment["comment"]["formatted_text"], "<p>&lt;b&gt;</p>");
    let response = json!({ "response": { "text": "Soon", "status_id": 2 } });
    let responded = sandbox
        .request_as(&owner, "PUT", &format!("{one}/respond"), response)
        .json();
    assert_eq!(responded["suggestion"]["status"]["key"], "planned");
    let supporters = sandbox.get(&format!("{one}/supporters")).json();
    assert_eq!(supporters["response_data"]["total_records"], 2);
    let identities = json!({ "external_scope": "crm",
        "identifications": [{ "id": created["id"], "external_id": "A-7" }] });
    let identified = sandbox.signed_request(
        "PUT",
        "/api/v1/suggestions/identify",
        &sandbox.trusted_key(),
        &Signing::default(),
        identities,
    );
    assert_eq!(identified.status, 200);
    assert_eq!(
        sandbox.get(&one).json()["suggestion"]["external_ids"][0]["id"],
        "A-7"
    );
    assert_eq!(
        sandbox
            .request_as(&user, "DELETE", &one, Value::Null)
            .status,
        200
    );
    assert_eq!(
        sandbox.get(&one).json()["errors"]["type"],
        "record_not_found"
    );
    // The suggestion is not in the forum of the path.
    assert_eq!(sandbox.get("/api/v1/forums/2/suggestions/1").status, 404);
}

#[test]
fn ticket_has_messages_notes_and_attachments() {
    let sandbox = start(&[]);
    let ticket = json!({ "email": "jo@example.com", "ticket": {
        "subject": "Help", "message": "It broke",
        "custom_field_values": { "Type": "Problem" },
        "attachments": [{ "name": "a.txt", "data": "aGVs\nbG8=", "content_type": "text/plain" }],
    }});
    let created = sandbox.signed_request(
        "POST",
        "/api/v1/tickets.json",
        &sandbox.trusted_key(),
        &Signing::default(),
        ticket,
    );
    let created = created.json()["ticket"].take();
    assert_eq!(created["from_email_address"], "jo@example.com");
    assert_eq!(created["messages"][0]["attachments"][0]["size"], 5);
    assert_eq!(
        created["custom_fields"],
        json!([{ "key": "Type", "value": "Problem" }])
    );

    let owner = sandbox.login("owner@sandbox.example");
    let one = format!("/api/v1/tickets/{}", created["id"]);
    let reply = json!({ "ticket_message": { "text": "Turn it off and on" } });
    let reply = sandbox
        .request_as(&owner, "POST", &format!("{one}/ticket_messages"), reply)
        .json();
    assert_eq!(reply["message"]["is_admin_response"], true);
    let note = json!({ "note": { "text": "again" } });
    assert_eq!(
        sandbox
            .request_as(&owner, "POST", &format!("{one}/notes"), note)
            .status,
        201
    );
    let change = json!({ "ticket": { "state": "closed" } });
    assert_eq!(
        sandbox.request_as(&owner, "PUT", &one, change).json()["ticket"]["state"],
        "closed"
    );
    let other_user = sandbox.login("user9@sandbox.example");
    assert_eq!(
        sandbox
            .request_as(&other_user, "GET", &one, Value::Null)
            .status,
        401
    );
    let invalid = json!({ "email": "jo@example.com", "ticket": { "subject": "x", "message": "y",
        "custom_field_values": { "Colour": "red" } } });
    let rejected = sandbox.signed_request(
        "POST",
        "/api/v1/tickets",
        &sandbox.trusted_key(),
        &Signing::default(),
        invalid,
    );
    assert_eq!(rejected.message(), "Custom field Colour is unknown");
}

#[test]
fn all_other_lists_have_records() {
    let sandbox = start(&[]);
    for list in [
        "users",
        "users/search?query=ada",
        "forums",
        "tickets",
        "tickets/search?query=help",
        "articles",
        "topics",
        "topics/1/articles",
        "statuses",
        "custom_fields",
        "suggestions/1/comments",
    ] {
        let response = sandbox.get(&format!("/api/v1/{list}"));
        assert_eq!(response.status, 200, "{list}: {}", response.text);
        assert!(
            response.json()["response_data"]["total_records"].as_u64() > Some(0),
            "{list}"
        );
    }
    let unknown = sandbox.get("/api/v1/nothing/here.json");
    assert_eq!(unknown.status, 404);
    assert!(unknown.header("content-type").starts_with("text/html"));
}

#[test]
fn aes_token_requires_only_guid() {
    // {"guid":"78","expires":"2072-01-01 00:00:00"}
    const TOKEN: &str = "f+ATeqg9OrQbwHVyeUF2rb8jKOlA26HekNcRmYbGX31leMdp/dnnx6yx07MyaGqo";
    let sandbox = start(&[]);
    let find = |body: Value| {
        let path = "/api/v1/users/find_or_create.json";
        sandbox.signed_request(
            "POST",
            path,
            &sandbox.trusted_key(),
            &Signing::default(),
            body,
        )
    };
    let user = find(json!({ "sso": TOKEN })).json()["user"].take();
    assert_eq!(
        (user["guid"].clone(), user["email"].clone()),
        (json!("78"), Value::Null)
    );
    assert_eq!(
        find(json!({ "sso": TOKEN })).json()["user"]["id"],
        user["id"]
    );
    // An empty address matches nobody.
    let empty = find(json!({ "user": { "guid": "79", "email": "" } }));
    assert_eq!(empty.message(), "Email can't be blank");
    let by_password = [
        ("grant_type", "password"),
        ("client_id", "sandbox-trusted-key"),
        ("username", ""),
        ("password", "sandbox-password"),
    ];
    let rejected = sandbox.post_form("/api/v2/oauth/token", &by_password);
    assert_eq!(rejected.json()["error"], "invalid_grant");
}

#[test]
fn identify_changes_all_users_or_none() {
    let sandbox = start(&[]);
    let identify = |ids: [u64; 2]| {
        let identities = ids.map(|id| json!({ "id": id, "external_id": format!("crm-{id}") }));
        let body = json!({ "external_scope": "crm", "identifications": identities });
        let path = "/api/v1/users/identify";
        sandbox
            .signed_request(
                "PUT",
                path,
                &sandbox.trusted_key(),
                &Signing::default(),
                body,
            )
            .status
    };
    let guid = || sandbox.get("/api/v1/users/3").json()["user"]["guid"].take();
    let before = guid();
    assert_eq!(identify([3, 9999]), 404);
    assert_eq!(guid(), before);
    assert_eq!(identify([3, 4]), 200);
    assert_eq!(guid(), "crm-3");
}

#[test]
fn lists_report_the_applied_order() {
    let sandbox = start(&["--records", "20"]);
    let user = sandbox.login("user2@sandbox.example");
    let owner = sandbox.login("owner@sandbox.example");
    let one = "/api/v1/suggestions/2";
    for text in ["first", "second"] {
        let comment = json!({ "comment": { "text": text } });
        sandbox.request_as(&user, "POST", &format!("{one}/comments"), comment);
        let note = json!({ "note": { "text": text } });
        sandbox.request_as(&owner, "POST", &format!("{one}/notes"), note);
    }
    sandbox.request_as(&user, "POST", &format!("{one}/votes"), json!({ "to": 1 }));

    let list_info = |target: &str, field: &str| {
        let response = sandbox
            .request_as(&owner, "GET", target, Value::Null)
            .json();
        let paging = &response["response_data"];
        let list = response
            .as_object()
            .unwrap()
            .values()
            .find_map(Value::as_array);
        let mut first = list.unwrap()[0].clone();
        let texts = [paging["sort"].clone(), paging["filter"].clone()];
        let [sort, filter] = texts.map(|text| text.as_str().unwrap().to_string());
        (sort, filter, first.pointer_mut(field).unwrap().take())
    };
    let expected = |sort: &str, first: Value| (sort.to_string(), "all".to_string(), first);
    for list in ["comments", "notes"] {
        let list = format!("{one}/{list}");
        assert_eq!(
            list_info(&list, "/text"),
            expected("newest", "second".into())
        );
        let oldest = format!("{list}?sort=oldest");
        assert_eq!(
            list_info(&oldest, "/text"),
            expected("oldest", "first".into())
        );
    }
    let supporters = format!("{one}/supporters");
    assert_eq!(
        list_info(&supporters, "/user/id"),
        expected("newest", json!(3))
    );
    let users = "/api/v1/users?per_page=1";
    assert_eq!(list_info(users, "/id"), expected("oldest", json!(1)));
    let newest = format!("{users}&sort=newest");
    assert_eq!(list_info(&newest, "/id"), expected("newest", json!(250)));
    // Unsupported values are not reported.
    let nonsense = "sort=nonsense&filter=nonsense";
    assert_eq!(
        list_info(&format!("{users}&{nonsense}"), "/id"),
        expected("oldest", json!(1))
    );
    let suggestions = "/api/v1/suggestions";
    assert_eq!(
        list_info(&format!("{suggestions}?{nonsense}"), "/id"),
        expected("votes", json!(2))
    );
    assert_eq!(
        list_info(&format!("{suggestions}?sort=newest"), "/id"),
        expected("newest", json!(20))
    );
}

#[test]
fn suggestion_agrees_with_its_lists_and_api_v2() {
    let sandbox = start(&[]);
    let one = "/api/v1/suggestions/1";
    let suggestion = || sandbox.get(one).json()["suggestion"].take();
    let supporters = sandbox.get(&format!("{one}/supporters")).json();
    let total = &supporters["response_data"]["total_records"];
    assert_eq!(&suggestion()["supporters_count"], total);
    assert_eq!(&suggestion()["subscriber_count"], total);

    let token = sandbox.bearer_token();
    for (verb, state) in [
        ("spam", "spam"),
        ("approve", "published"),
        ("publish", "published"),
    ] {
        let path = format!("suggestions/1/{verb}");
        sandbox.v2(&token, "PUT", &path, Value::Null);
        assert_eq!(suggestion()["state"], state, "{verb}");
    }
}

/// Invalid values are rejected, not ignored.
#[test]
fn rejects_invalid_values() {
    let sandbox = start(&["--records", "3"]);
    let owner = sandbox.login("owner@sandbox.example");
    let message = |method: &str, path: &str, body: Value| {
        let path = format!("/api/v1/{path}");
        let response = sandbox.request_as(&owner, method, &path, body);
        let text = if response.status < 300 {
            String::new()
        } else {
            response.message()
        };
        (response.status, text)
    };
    let rejected = |text: &str| (422, text.to_string());
    let accepted = || (201, String::new());
    let not_a_number = |name: &str| rejected(&format!("{name} is not a whole number of 0 or more"));

    let create = |field: &str, value: Value| {
        let mut input = json!({ "title": "Tea" });
        input[field] = value;
        message(
            "POST",
            "forums/1/suggestions",
            json!({ "suggestion": input }),
        )
    };
    for invalid in [json!(-1), json!("abc"), json!(1.5), json!([2])] {
        assert_eq!(
            create("votes", invalid.clone()),
            not_a_number("votes"),
            "{invalid}"
        );
        assert_eq!(
            create("category_id", invalid.clone()),
            not_a_number("category_id")
        );
        let vote = message("POST", "suggestions/1/votes", json!({ "to": invalid }));
        assert_eq!(vote, not_a_number("to"));
    }
    for empty in [Value::Null, json!("")] {
        assert_eq!(create("votes", empty.clone()), accepted());
        assert_eq!(create("category_id", empty), accepted());
    }
    assert_eq!(create("votes", json!("2")), accepted());
    assert_eq!(create("category_id", json!("3")), accepted());
    let unknown = rejected("Category is unknown");
    assert_eq!(create("category_id", json!(999)), unknown);
    let change = json!({ "suggestion": { "category_id": 999 } });
    assert_eq!(message("PUT", "suggestions/1", change), unknown);
    let assign = json!({ "ticket": { "assignee_id": "me" } });
    assert_eq!(
        message("PUT", "tickets/1", assign),
        not_a_number("assignee_id")
    );
    let forum = json!({ "forum": { "name": "x", "private": "perhaps" } });
    let forum = message("POST", "forums", forum);
    assert_eq!(forum, rejected("private is neither true nor false"));

    let create_ticket = |values: Value| {
        let ticket = json!({ "subject": "x", "message": "y", "custom_field_values": values });
        let body = json!({ "ticket": ticket });
        sandbox.request_as(&owner, "POST", "/api/v1/tickets", body)
    };
    for (value, stored) in [
        (json!(12345), "12345"),
        (json!(true), "true"),
        (json!("7"), "7"),
    ] {
        let created = create_ticket(json!({ "Order number": value })).json();
        assert_eq!(created["ticket"]["custom_fields"][0]["value"], stored);
    }
    for invalid in [Value::Null, json!([1])] {
        let response = create_ticket(json!({ "Order number": invalid }));
        assert_eq!(
            response.message(),
            "Custom field Order number must be a string"
        );
    }
    let list = create_ticket(json!([{ "key": "Type", "value": "Praise" }]));
    assert_eq!(list.message(), "custom_field_values is not an object");
}

#[test]
fn rejects_ticket_of_deleted_user() {
    let sandbox = start(&[]);
    let owner = sandbox.login("owner@sandbox.example");
    let deleted = sandbox.login("gone@sandbox.example");
    let me = sandbox.request_as(&deleted, "GET", "/api/v1/users/current", Value::Null);
    let path = format!("/api/v1/users/{}", me.json()["user"]["id"]);
    assert_eq!(
        sandbox
            .request_as(&owner, "DELETE", &path, Value::Null)
            .status,
        200
    );
    let ticket = json!({ "ticket": { "subject": "x", "message": "y" } });
    let rejected = sandbox.request_as(&deleted, "POST", "/api/v1/tickets", ticket);
    assert_eq!(
        (rejected.status, rejected.message()),
        (401, "User required".into())
    );
}
