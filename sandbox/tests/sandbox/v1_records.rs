//! Further records of API v1: comments, categories, queues, streams, assets, instant answers.

use super::v1::{Site, assert_error};
use super::*;

#[test]
fn comments_and_notes_are_changed_and_deleted() {
    let site = Site::start();
    let comments = "forums/1/suggestions/1/comments";
    let text = |name: &str, text: &str| json!({ name: { "text": text } });
    let comment =
        site.ok(&site.user, "POST", comments, text("comment", "Teh tea"))["comment"].take();
    let one = format!("{comments}/{}", comment["id"]);
    let changed = site.ok(&site.user, "PUT", &one, text("comment", "The tea"));
    assert_eq!(changed["comment"]["text"], "The tea");
    let other = site.sandbox.login("user9@sandbox.example");
    assert_error(
        &site.call(&other, "DELETE", &one, Value::Null),
        401,
        "unauthorized",
    );
    site.ok(&site.owner, "DELETE", &one, Value::Null);
    assert_error(
        &site.call(&site.user, "GET", &one, Value::Null),
        404,
        "record_not_found",
    );

    for subject in ["forums/1/suggestions/1", "tickets/2"] {
        let notes = format!("{subject}/notes");
        let note = site.ok(&site.owner, "POST", &notes, text("note", "?"))["note"].take();
        let one = format!("{notes}/{}", note["id"]);
        assert_eq!(
            site.ok(&site.owner, "PUT", &one, text("note", "!"))["note"]["text"],
            "!"
        );
        assert_error(
            &site.call(&site.user, "DELETE", &one, Value::Null),
            401,
            "unauthorized",
        );
        site.ok(&site.owner, "DELETE", &one, Value::Null);
        assert_error(
            &site.call(&site.owner, "DELETE", &one, Value::Null),
            404,
            "record_not_found",
        );
    }
}

#[test]
fn forums_have_categories_and_are_changed() {
    let site = Site::start();
    let list = site.ok(&site.user, "GET", "forums/1/categories", Value::Null);
    assert_eq!(
        (
            &list["categories"][0]["name"],
            &list["response_data"]["total_records"]
        ),
        (&json!("Design"), &json!(3))
    );
    let one = site.ok(&site.user, "GET", "forums/1/categories/2", Value::Null);
    assert_eq!(one["category"]["name"], "Speed");
    assert_error(
        &site.call(&site.user, "GET", "forums/2/categories/2", Value::Null),
        404,
        "record_not_found",
    );
    assert_error(
        &site.call(&site.user, "GET", "forums/3/categories", Value::Null),
        401,
        "unauthorized",
    );
    let forum = site.ok(&site.user, "GET", "forums/1", Value::Null)["forum"].take();
    let topic = &forum["topics"][0];
    assert_eq!(topic["categories"][0], json!({ "id": 1, "name": "Design" }));
    assert!(topic["open_suggestions_count"].as_u64() <= forum["suggestions_count"].as_u64());
    let change = json!({ "forum": { "name": "Ideas", "private": true } });
    assert_error(
        &site.call(&site.user, "PUT", "forums/1", change.clone()),
        401,
        "unauthorized",
    );
    let changed = site.ok(&site.owner, "PUT", "forums/1", change);
    assert_eq!(
        (&changed["forum"]["name"], &changed["forum"]["private"]),
        (&json!("Ideas"), &json!(true))
    );
}

#[test]
fn support_queues_are_created_changed_and_deleted() {
    let site = Site::start();
    let list = site.ok(&site.owner, "GET", "support_queues", Value::Null);
    assert_eq!(
        list["support_queues"],
        json!([{ "id": 1, "name": "Support" }, { "id": 2, "name": "Sales" }])
    );
    let input = json!({ "support_queue": { "name": "Night" } });
    assert_error(
        &site.call(&site.user, "POST", "support_queues", input.clone()),
        401,
        "unauthorized",
    );
    let created = site.ok(&site.owner, "POST", "support_queues", input)["support_queue"].take();
    let one = format!("support_queues/{}", created["id"]);
    let change = json!({ "support_queue": { "name": "Day" } });
    assert_eq!(
        site.ok(&site.owner, "PUT", &one, change)["support_queue"]["name"],
        "Day"
    );
    site.ok(&site.owner, "DELETE", &one, Value::Null);
    assert_error(
        &site.call(&site.owner, "GET", &one, Value::Null),
        404,
        "record_not_found",
    );
}

#[test]
fn streams_list_the_newest_records() {
    let site = Site::start();
    let private = site.ok(&site.owner, "GET", "stream/private", Value::Null);
    // 40 suggestions, 4 comments and 30 tickets.
    assert_eq!(private["response_data"]["total_records"], 74);
    assert_eq!(
        (
            &private["stream"][0]["type"],
            &private["stream"][0]["ticket"]["id"]
        ),
        (&json!("ticket"), &json!(30))
    );
    assert_error(
        &site.call(&site.user, "GET", "stream/private", Value::Null),
        401,
        "unauthorized",
    );
    let total = |path: &str| {
        site.ok(&site.user, "GET", path, Value::Null)["response_data"]["total_records"].take()
    };
    assert_eq!(total("stream/public"), 44);
    assert_eq!(total("forums/2/stream/public"), 8);
}

#[test]
fn assets_are_uploaded_and_deleted() {
    let site = Site::start();
    let input = json!({ "name": "a.txt", "type": "text/plain", "data_base64": "aGVs\nbG8=" });
    let asset = site.ok(&site.user, "POST", "assets", input);
    assert_eq!(
        (&asset["file_name"], &asset["file_size"]),
        (&json!("a.txt"), &json!(5))
    );
    let one = format!("assets/{}", asset["id"]);
    assert_eq!(site.ok(&site.user, "GET", &one, Value::Null), asset);
    let invalid = json!({ "name": "a.txt", "data_base64": "?" });
    assert_error(
        &site.call(&site.user, "POST", "assets", invalid),
        422,
        "record_invalid",
    );
    site.ok(&site.user, "DELETE", &one, Value::Null);
    assert_error(
        &site.call(&site.user, "GET", &one, Value::Null),
        404,
        "record_not_found",
    );
    let unsigned = site
        .sandbox
        .get_unsigned("/api/v1/assets/1.json?client=sandbox-trusted-key");
    assert_error(&unsigned, 401, "unauthorized");
}

#[test]
fn instant_answers_are_articles_and_suggestions() {
    let site = Site::start();
    let article = json!({ "article": { "question": "Is there a dark mode?", "topic_id": 2 } });
    site.ok(&site.owner, "POST", "articles", article);
    let search = |query: &str| {
        let path =
            format!("/api/v1/instant_answers/search.json?client=sandbox-trusted-key&{query}");
        site.sandbox.get_unsigned(&path).json()
    };
    let found = search("query=dark&per_page=3");
    let kinds: Vec<&Value> = found["instant_answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| &answer["type"])
        .collect();
    assert_eq!(kinds, ["article", "suggestion", "suggestion"]);
    // One article, and 7 suggestions, 1 of them in forum 2.
    assert_eq!(found["response_data"]["total_records"], 8);
    assert_eq!(
        search("query=dark&forum_id=2&topic_id=1")["response_data"]["total_records"],
        1
    );
    assert_eq!(
        site.ok(&site.user, "GET", "custom_fields/public", Value::Null)["custom_fields"][0]["name"],
        "Type"
    );
}

#[test]
fn categories_are_created_changed_and_deleted() {
    let site = Site::start();
    let name = |name: &str| json!({ "category": { "name": name } });
    let categories = "forums/1/categories";
    let created = site.ok(&site.owner, "POST", categories, name("Tea"))["category"].take();
    assert_eq!(
        (&created["name"], &created["suggestions_count"]),
        (&json!("Tea"), &json!(0))
    );
    let one = format!("{categories}/{}", created["id"]);
    let change = json!({ "suggestion": { "category_id": created["id"] } });
    site.ok(&site.owner, "PUT", "forums/1/suggestions/1", change);
    let renamed = site.ok(&site.owner, "PUT", &one, name("Coffee"))["category"].take();
    assert_eq!(
        (&renamed["name"], &renamed["suggestions_count"]),
        (&json!("Coffee"), &json!(1))
    );
    assert_error(
        &site.call(&site.user, "DELETE", &one, Value::Null),
        401,
        "unauthorized",
    );
    assert_error(
        &site.call(&site.owner, "POST", categories, name(" ")),
        422,
        "record_invalid",
    );
    site.ok(&site.owner, "DELETE", &one, Value::Null);
    let suggestion = site.ok(&site.user, "GET", "forums/1/suggestions/1", Value::Null);
    assert_eq!(suggestion["suggestion"]["category"], Value::Null);
}

/// UserVoice's mobile SDKs subscribe instead of voting.
#[test]
fn user_watches_a_suggestion() {
    let site = Site::start();
    let watch = |subscribe: Value| {
        let path = "forums/1/suggestions/1/watch";
        let body = json!({ "subscribe": subscribe });
        let mut suggestion = site.ok(&site.user, "POST", path, body)["suggestion"].take();
        (
            suggestion["subscribed"].take(),
            suggestion["subscriber_count"].as_u64(),
        )
    };
    let (subscribed, without) = watch(json!("false"));
    assert_eq!(subscribed, false);
    let with = without.map(|count| count + 1);
    assert_eq!(watch(json!("true")), (json!(true), with));
    assert_eq!(watch(json!(true)), (json!(true), with));
    assert_eq!(watch(json!("false")), (json!(false), without));
    let missing = site.call(&site.user, "POST", "suggestions/1/watch", json!({}));
    assert_error(&missing, 422, "record_invalid");
}

/// What UserVoice's mobile SDKs do at their start.
#[test]
fn mobile_sdk_reads_its_client_and_logs_its_user_in() {
    let site = Site::start();
    let sandbox = &site.sandbox;
    let default = sandbox.get_unsigned("/api/v1/clients/default.json").json();
    let default = &default["client"];
    let key: Credential = sandbox.key("untrusted_api");
    assert_eq!(
        (&default["key"], &default["secret"]),
        (&json!(key.0), &json!(key.1))
    );

    let own = sandbox
        .get_unsigned(&format!("/api/v1/client.json?client={}", key.0))
        .json();
    let own = &own["client"];
    assert_eq!((&own["key"], &own["secret"]), (&json!(key.0), &Value::Null));
    assert_eq!(own["forum"]["id"], 1);
    assert_eq!(own["subdomain"]["default_sort"], "votes");
    assert_eq!(
        own["custom_fields"][0]["possible_values"][0]["value"],
        "Question"
    );

    let request = |token: &Credential| json!({ "request_token": token.0 });
    let send = |method: &str, path: &str, body: Value| {
        let path = format!("/api/v1/{path}");
        sandbox.signed_request(method, &path, &key, &Signing::default(), body)
    };
    let mut body = request(&sandbox.request_token_for(&key, "oob"));
    body["user"] = json!({ "display_name": "Mo Bile", "email": "mo@example.com" });
    let created = send("POST", "users.json", body.clone());
    assert_eq!(
        (created.status, &created.json()["user"]["name"]),
        (201, &json!("Mo Bile"))
    );
    let again = send("POST", "users/find_or_create.json", body.clone());
    assert_error(&again, 401, "unauthorized"); // The request token was used.
    body["request_token"] = json!(sandbox.request_token_for(&key, "oob").0);
    let found = send("POST", "users/find_or_create.json", body).json();
    assert_eq!(found["user"]["id"], created.json()["user"]["id"]);

    let mut body = request(&sandbox.request_token_for(&key, "oob"));
    body["email"] = json!("mo@example.com");
    body["password"] = json!("wrong");
    assert_error(
        &send("POST", "oauth/authorize.json", body.clone()),
        401,
        "unauthorized",
    );
    body["password"] = json!("sandbox-password");
    let token = send("POST", "oauth/authorize.json", body).json()["token"].take();
    assert!(token["oauth_token_secret"].is_string(), "{token}");

    let path = "/api/v1/users/forgot_password.json?user%5Bemail%5D=mo%40example.com";
    let forgot = sandbox.get_unsigned(&format!("{path}&client={}", key.0));
    assert_eq!(forgot.json()["user"]["email"], "mo@example.com");
}
