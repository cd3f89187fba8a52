//! The records of API v1.

use super::*;

#[test]
fn pages_have_the_limits_of_the_service() {
    let site = start(&["--records", "205"]);
    let page = |query: &str| {
        let answer = site.get(&format!("/api/v1/suggestions?{query}")).json();
        let length = answer["suggestions"].as_array().unwrap().len();
        (
            answer["response_data"]["per_page"].as_u64().unwrap(),
            length,
        )
    };
    assert_eq!(page("page=1"), (10, 10));
    assert_eq!(page("per_page=500"), (100, 100));
    assert_eq!(page("per_page=100&page=3"), (100, 5));
    assert_eq!(page("per_page=100&page=4"), (100, 0));
    assert_eq!(page("per_page=0&page=x"), (10, 10));
    let search = site
        .get("/api/v1/suggestions/search.json?query=dark")
        .json();
    assert_eq!(search["response_data"]["query"], "dark");
    assert_eq!(search["response_data"]["total_records"], 35);
}

#[test]
fn a_suggestion_lives_its_life() {
    let site = start(&["--records", "3"]);
    let owner = site.user("owner@sandbox.example");
    let user = site.user("new@sandbox.example");
    let stranger = site.user("user9@sandbox.example");
    let path = "/api/v1/forums/1/suggestions";
    let wish = |title: &str| json!({ "suggestion": { "title": title, "votes": 2 } });

    let nobody = site.call("POST", path, &site.trusted(), &PLAIN, wish("x"));
    assert_eq!(nobody.message(), "User required");
    let too_long = site.acting(&user, "POST", path, wish(&"x".repeat(141)));
    assert_eq!(
        (too_long.status, too_long.json()["errors"]["type"].clone()),
        (422, "record_invalid".into())
    );

    let made = site.acting(&user, "POST", path, wish("Größer"));
    assert_eq!(made.status, 201);
    let made = made.json()["suggestion"].take();
    assert_eq!(made["vote_count"], 2);
    let one = format!("{path}/{}", made["id"]);
    let vote = site.acting(
        &stranger,
        "POST",
        &format!("{one}/votes"),
        json!({ "to": 3 }),
    );
    assert_eq!(vote.json()["suggestion"]["vote_count"], 5);
    assert_eq!(
        site.acting(&stranger, "DELETE", &one, Value::Null).status,
        401
    );
    let comment = json!({ "comment": { "text": "<b>" } });
    let comment = site
        .acting(&stranger, "POST", &format!("{one}/comments"), comment)
        .json();
    assert_eq!(comment["comment"]["formatted_text"], "<p>&lt;b&gt;</p>");
    let response = json!({ "response": { "text": "Soon", "status_id": 2 } });
    let responded = site
        .acting(&owner, "PUT", &format!("{one}/respond"), response)
        .json();
    assert_eq!(responded["suggestion"]["status"]["key"], "planned");
    let supporters = site.get(&format!("{one}/supporters")).json();
    assert_eq!(supporters["response_data"]["total_records"], 2);
    let identities = json!({ "external_scope": "crm",
        "identifications": [{ "id": made["id"], "external_id": "A-7" }] });
    let identified = site.call(
        "PUT",
        "/api/v1/suggestions/identify",
        &site.trusted(),
        &PLAIN,
        identities,
    );
    assert_eq!(identified.status, 200);
    assert_eq!(
        site.get(&one).json()["suggestion"]["external_ids"][0]["id"],
        "A-7"
    );
    assert_eq!(site.acting(&user, "DELETE", &one, Value::Null).status, 200);
    assert_eq!(site.get(&one).json()["errors"]["type"], "record_not_found");
    // The wrong forum is the wrong path.
    assert_eq!(site.get("/api/v1/forums/2/suggestions/1").status, 404);
}

#[test]
fn tickets_have_messages_notes_and_attachments() {
    let site = start(&[]);
    let ticket = json!({ "email": "jo@example.com", "ticket": {
        "subject": "Help", "message": "It broke",
        "custom_field_values": { "Type": "Problem" },
        "attachments": [{ "name": "a.txt", "data": "aGVs\nbG8=", "content_type": "text/plain" }],
    }});
    let made = site.call(
        "POST",
        "/api/v1/tickets.json",
        &site.trusted(),
        &PLAIN,
        ticket,
    );
    let made = made.json()["ticket"].take();
    assert_eq!(made["from_email_address"], "jo@example.com");
    assert_eq!(made["messages"][0]["attachments"][0]["size"], 5);
    assert_eq!(
        made["custom_fields"],
        json!([{ "key": "Type", "value": "Problem" }])
    );

    let owner = site.user("owner@sandbox.example");
    let one = format!("/api/v1/tickets/{}", made["id"]);
    let reply = json!({ "ticket_message": { "text": "Turn it off and on" } });
    let reply = site
        .acting(&owner, "POST", &format!("{one}/ticket_messages"), reply)
        .json();
    assert_eq!(reply["ticket_message"]["is_admin_response"], true);
    let note = json!({ "note": { "text": "again" } });
    assert_eq!(
        site.acting(&owner, "POST", &format!("{one}/notes"), note)
            .status,
        201
    );
    let change = json!({ "ticket": { "state": "closed" } });
    assert_eq!(
        site.acting(&owner, "PUT", &one, change).json()["ticket"]["state"],
        "closed"
    );
    let stranger = site.user("user9@sandbox.example");
    assert_eq!(site.acting(&stranger, "GET", &one, Value::Null).status, 401);
    let bad = json!({ "email": "jo@example.com", "ticket": { "subject": "x", "message": "y",
        "custom_field_values": { "Colour": "red" } } });
    let bad = site.call("POST", "/api/v1/tickets", &site.trusted(), &PLAIN, bad);
    assert_eq!(bad.message(), "Custom field Colour is unknown");
}

#[test]
fn every_other_list_answers() {
    let site = start(&[]);
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
        let answer = site.get(&format!("/api/v1/{list}"));
        assert_eq!(answer.status, 200, "{list}: {}", answer.text);
        assert!(
            answer.json()["response_data"]["total_records"].as_u64() > Some(0),
            "{list}"
        );
    }
    let lost = site.get("/api/v1/nothing/here.json");
    assert_eq!(lost.status, 404);
    assert!(lost.header("content-type").starts_with("text/html"));
}

#[test]
fn a_guid_is_all_that_an_aes_token_needs() {
    // {"guid":"78","expires":"2072-01-01 00:00:00"}
    const TOKEN: &str = "f+ATeqg9OrQbwHVyeUF2rb8jKOlA26HekNcRmYbGX31leMdp/dnnx6yx07MyaGqo";
    let site = start(&[]);
    let find = |body: Value| {
        let path = "/api/v1/users/find_or_create.json";
        site.call("POST", path, &site.trusted(), &PLAIN, body)
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
    // Nobody is found by an address that is empty.
    let empty = find(json!({ "user": { "guid": "79", "email": "" } }));
    assert_eq!(empty.message(), "Email can't be blank");
    let by_password = [
        ("grant_type", "password"),
        ("client_id", "sandbox-trusted-key"),
        ("username", ""),
        ("password", "sandbox-password"),
    ];
    let refused = site.form("/api/v2/oauth/token", &by_password);
    assert_eq!(refused.json()["error"], "invalid_grant");
}

#[test]
fn users_are_identified_all_or_none() {
    let site = start(&[]);
    let identify = |ids: [u64; 2]| {
        let identities = ids.map(|id| json!({ "id": id, "external_id": format!("crm-{id}") }));
        let body = json!({ "external_scope": "crm", "identifications": identities });
        let path = "/api/v1/users/identify";
        site.call("PUT", path, &site.trusted(), &PLAIN, body).status
    };
    let guid = || site.get("/api/v1/users/3").json()["user"]["guid"].take();
    let before = guid();
    assert_eq!(identify([3, 9999]), 404);
    assert_eq!(guid(), before);
    assert_eq!(identify([3, 4]), 200);
    assert_eq!(guid(), "crm-3");
}

#[test]
fn lists_have_the_order_that_they_tell() {
    let site = start(&["--records", "20"]);
    let user = site.user("user2@sandbox.example");
    let owner = site.user("owner@sandbox.example");
    let one = "/api/v1/suggestions/2";
    for text in ["first", "second"] {
        let comment = json!({ "comment": { "text": text } });
        site.acting(&user, "POST", &format!("{one}/comments"), comment);
        let note = json!({ "note": { "text": text } });
        site.acting(&owner, "POST", &format!("{one}/notes"), note);
    }
    site.acting(&user, "POST", &format!("{one}/votes"), json!({ "to": 1 }));

    let told = |target: &str, field: &str| {
        let answer = site.acting(&owner, "GET", target, Value::Null).json();
        let paging = &answer["response_data"];
        let list = answer
            .as_object()
            .unwrap()
            .values()
            .find_map(Value::as_array);
        let mut first = list.unwrap()[0].clone();
        let texts = [paging["sort"].clone(), paging["filter"].clone()];
        let [sort, filter] = texts.map(|text| text.as_str().unwrap().to_string());
        (sort, filter, first.pointer_mut(field).unwrap().take())
    };
    let is = |sort: &str, first: Value| (sort.to_string(), "all".to_string(), first);
    for list in ["comments", "notes"] {
        let list = format!("{one}/{list}");
        assert_eq!(told(&list, "/text"), is("newest", "second".into()));
        let oldest = format!("{list}?sort=oldest");
        assert_eq!(told(&oldest, "/text"), is("oldest", "first".into()));
    }
    let supporters = format!("{one}/supporters");
    assert_eq!(told(&supporters, "/user/id"), is("newest", json!(3)));
    let users = "/api/v1/users?per_page=1";
    assert_eq!(told(users, "/id"), is("oldest", json!(1)));
    let newest = format!("{users}&sort=newest");
    assert_eq!(told(&newest, "/id"), is("newest", json!(250)));
    // What is not in force is not told.
    let nonsense = "sort=nonsense&filter=nonsense";
    assert_eq!(
        told(&format!("{users}&{nonsense}"), "/id"),
        is("oldest", json!(1))
    );
    let suggestions = "/api/v1/suggestions";
    assert_eq!(
        told(&format!("{suggestions}?{nonsense}"), "/id"),
        is("votes", json!(2))
    );
    assert_eq!(
        told(&format!("{suggestions}?sort=newest"), "/id"),
        is("newest", json!(20))
    );
}

#[test]
fn a_suggestion_tells_what_its_lists_and_api_v2_tell() {
    let site = start(&[]);
    let one = "/api/v1/suggestions/1";
    let shown = || site.get(one).json()["suggestion"].take();
    let supporters = site.get(&format!("{one}/supporters")).json();
    let total = &supporters["response_data"]["total_records"];
    assert_eq!(&shown()["supporters_count"], total);
    assert_eq!(&shown()["subscriber_count"], total);

    let token = site.bearer();
    for (verb, state) in [
        ("spam", "spam"),
        ("approve", "published"),
        ("publish", "published"),
    ] {
        let path = format!("suggestions/1/{verb}");
        site.v2(&token, "PUT", &path, Value::Null);
        assert_eq!(shown()["state"], state, "{verb}");
    }
}

/// What is given and cannot be used is refused, and not lost without a word.
#[test]
fn no_value_is_lost() {
    let site = start(&["--records", "3"]);
    let owner = site.user("owner@sandbox.example");
    let message = |method: &str, path: &str, body: Value| {
        let path = format!("/api/v1/{path}");
        let answer = site.acting(&owner, method, &path, body);
        let text = if answer.status < 300 {
            String::new()
        } else {
            answer.message()
        };
        (answer.status, text)
    };
    let refused = |text: &str| (422, text.to_string());
    let taken = || (201, String::new());
    let no_number = |name: &str| refused(&format!("{name} is not a whole number of 0 or more"));

    let wish = |field: &str, value: Value| {
        let mut wish = json!({ "title": "Tea" });
        wish[field] = value;
        message(
            "POST",
            "forums/1/suggestions",
            json!({ "suggestion": wish }),
        )
    };
    for bad in [json!(-1), json!("abc"), json!(1.5), json!([2])] {
        assert_eq!(wish("votes", bad.clone()), no_number("votes"), "{bad}");
        assert_eq!(wish("category_id", bad.clone()), no_number("category_id"));
        let vote = message("POST", "suggestions/1/votes", json!({ "to": bad }));
        assert_eq!(vote, no_number("to"));
    }
    for none in [Value::Null, json!("")] {
        assert_eq!(wish("votes", none.clone()), taken());
        assert_eq!(wish("category_id", none), taken());
    }
    assert_eq!(wish("votes", json!("2")), taken());
    assert_eq!(wish("category_id", json!("3")), taken());
    let unknown = refused("Category is unknown");
    assert_eq!(wish("category_id", json!(999)), unknown);
    let change = json!({ "suggestion": { "category_id": 999 } });
    assert_eq!(message("PUT", "suggestions/1", change), unknown);
    let assign = json!({ "ticket": { "assignee_id": "me" } });
    assert_eq!(
        message("PUT", "tickets/1", assign),
        no_number("assignee_id")
    );
    let forum = json!({ "forum": { "name": "x", "private": "perhaps" } });
    let forum = message("POST", "forums", forum);
    assert_eq!(forum, refused("private is neither true nor false"));

    let ask = |values: Value| {
        let ticket = json!({ "subject": "x", "message": "y", "custom_field_values": values });
        let body = json!({ "ticket": ticket });
        site.acting(&owner, "POST", "/api/v1/tickets", body)
    };
    for (given, kept) in [
        (json!(12345), "12345"),
        (json!(true), "true"),
        (json!("7"), "7"),
    ] {
        let made = ask(json!({ "Order number": given })).json();
        assert_eq!(made["ticket"]["custom_fields"][0]["value"], kept);
    }
    for bad in [Value::Null, json!([1])] {
        let answer = ask(json!({ "Order number": bad }));
        assert_eq!(answer.message(), "Custom field Order number must be a text");
    }
    let list = ask(json!([{ "key": "Type", "value": "Praise" }]));
    assert_eq!(list.message(), "custom_field_values is not an object");
}

#[test]
fn a_deleted_user_writes_no_tickets() {
    let site = start(&[]);
    let owner = site.user("owner@sandbox.example");
    let gone = site.user("gone@sandbox.example");
    let me = site.acting(&gone, "GET", "/api/v1/users/current", Value::Null);
    let path = format!("/api/v1/users/{}", me.json()["user"]["id"]);
    assert_eq!(
        site.acting(&owner, "DELETE", &path, Value::Null).status,
        200
    );
    let ticket = json!({ "ticket": { "subject": "x", "message": "y" } });
    let refused = site.acting(&gone, "POST", "/api/v1/tickets", ticket);
    assert_eq!(
        (refused.status, refused.message()),
        (401, "User required".into())
    );
}
