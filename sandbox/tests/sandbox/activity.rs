//! Activity entries and messages: what people do, by whatever API, as API v2 shows it.

use super::api_changes::{Api, api};
use super::*;

impl Api {
    /// Returns the entries of a suggestion, the oldest first.
    fn activity(&self, suggestion: u64) -> Vec<Value> {
        let path = format!("suggestion_activity_entries?suggestion={suggestion}&sort=id");
        let mut entries = self.get(&path);
        entries["suggestion_activity_entries"]
            .as_array_mut()
            .map(std::mem::take)
            .unwrap()
    }
}

#[test]
fn what_an_admin_does_with_a_suggestion_has_an_activity_entry() {
    let api = api();
    let on = |id: u64, fields: Value| {
        let mut body = fields;
        body["links"]["suggestion"] = json!(id);
        body
    };
    let body = json!({ "title": "Tea", "body": "Hot", "links": { "forum": 1 } });
    let id = api.send("POST", "suggestions", body)["suggestions"][0]["id"]
        .as_u64()
        .unwrap();
    let one = format!("suggestions/{id}");
    let edit = json!({ "title": "Coffee", "links": { "category": 2 } });
    api.send("PUT", &one, edit);
    api.send("PUT", &one, json!({ "links": { "forum": 2 } }));
    api.send("PUT", &format!("{one}/spam"), Value::Null);
    let created =
        |path: &str, body: Value| api.send("POST", path, on(id, body))[path][0]["id"].take();
    let comment = created("comments", json!({ "body": "Yes" }));
    let note = created("notes", json!({ "body": "No" }));
    let update = created("status_updates", json!({ "body": "Done" }));
    let message = created("messages", json!({ "body": "Which tea?" }));
    let user = json!({ "body": "?", "channel": "sales", "links": { "user": 3 } });
    let feedback = created("feedback", user);
    let path = format!("{one}/convert_to_ticket");
    let ticket = api.send("PUT", &path, Value::Null)["suggestions"][0]["links"]["ticket"].take();
    api.send("PUT", &path, Value::Null); // changes nothing

    let entries = api.activity(id);
    let kinds: Vec<&str> = entries
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "create",
            "edit",
            "category",
            "forum",
            "state",
            "comment",
            "note",
            "status_update",
            "message",
            "feedback",
            "ticket"
        ]
    );
    let entry = |kind: &str| entries.iter().find(|one| one["kind"] == kind).unwrap();
    let link = |kind: &str, name: &str| &entry(kind)["links"][name];
    assert_eq!(
        (&entry("create")["new_title"], &entry("create")["new_state"]),
        (&json!("Tea"), &json!("approved"))
    );
    assert_eq!(
        (&entry("edit")["old_title"], &entry("edit")["new_title"]),
        (&json!("Tea"), &json!("Coffee"))
    );
    assert_eq!(
        (&entry("state")["old_state"], &entry("state")["new_state"]),
        (&json!("approved"), &json!("spam"))
    );
    assert_eq!(link("category", "old_category"), &Value::Null);
    assert_eq!(link("category", "new_category"), 2);
    assert_eq!(
        (link("forum", "old_forum"), link("forum", "new_forum")),
        (&json!(1), &json!(2))
    );
    for (kind, id) in [
        ("comment", &comment),
        ("note", &note),
        ("status_update", &update),
        ("message", &message),
        ("feedback", &feedback),
        ("ticket", &ticket),
    ] {
        assert_eq!(link(kind, kind), id, "{kind}");
        assert_eq!(link(kind, "created_by"), 1, "{kind}");
    }
}

#[test]
fn activity_of_api_v1_and_of_the_idea_collection_api_appears() {
    let api = api();
    let user = api.sandbox.login("user7@sandbox.example");
    let before = api.activity(3).len();
    let path = "/api/v1/forums/1/suggestions/3/comments";
    let comment = json!({ "comment": { "text": "Yes" } });
    let comment =
        api.sandbox.request_as(&user, "POST", path, comment).json()["comment"]["id"].take();
    let owner = api.sandbox.login("owner@sandbox.example");
    let path = "/api/v1/forums/1/suggestions/3/respond";
    let response = json!({ "response": { "text": "Done", "status_id": 4 } });
    api.sandbox.request_as(&owner, "PUT", path, response);
    let entries = api.activity(3);
    let entries = &entries[before..];
    assert_eq!(entries[0]["links"]["comment"], comment);
    assert_eq!(entries[0]["links"]["created_by"], 8);
    assert_eq!(entries[1]["kind"], "status_update");

    let bearer = api.sandbox.bearer_token_of("user7@sandbox.example");
    let idea = json!({ "suggestion": { "title": "Milk" } });
    let url = format!("{}/api/end_users/forums/1/ideas", api.sandbox.url());
    let request = api.sandbox.http.post(url);
    let request = request.header("Authorization", format!("Bearer {bearer}"));
    let idea = read_response(request.send_json(idea).unwrap()).json()["id"]
        .as_u64()
        .unwrap();
    assert_eq!(api.activity(idea)[0]["new_title"], "Milk");

    api.send("DELETE", &format!("suggestions/{idea}"), Value::Null);
    assert!(api.activity(idea).is_empty());
}

#[test]
fn activity_is_filtered_by_what_its_suggestion_is() {
    let api = api();
    let body = json!({ "title": "Tea", "links": { "forum": 2 } });
    let created = api.send("POST", "suggestions", body)["suggestions"][0].take();
    let total = |filter: &str| api.total(&format!("suggestion_activity_entries?{filter}"));
    let before = (
        total("forum=2"),
        total("status_none=true"),
        total("spam=true"),
    );
    assert_eq!(before.2, 0);
    api.send(
        "PUT",
        &format!("suggestions/{}/spam", created["id"]),
        Value::Null,
    );
    assert_eq!(total("spam=true"), 2);
    assert_eq!(total("state=spam&kind=create"), 1);
    assert_eq!(total("forum=2"), before.0 + 1);
    assert_eq!(total("status_none=true"), before.1 + 1);
}

#[test]
fn message_is_sent_to_the_supporters_and_has_two_names() {
    let api = api();
    let supporters = api.get("suggestions/2")["suggestions"][0]["supporters_count"].take();
    let body = json!({ "body": "Which tea?", "links": { "suggestion": 2 } });
    let message = api.send("POST", "messages", body)["messages"][0].take();
    assert_eq!(message["mail_sent_count"], supporters);
    let newest = api.get("supporter_messages")["supporter_messages"][0].take();
    assert_eq!(
        (&newest["id"], &newest["body"]),
        (&message["id"], &json!("Which tea?"))
    );
}
