//! API v2: what calls change, as other calls show it.

use super::*;

pub(super) struct Api {
    pub(super) sandbox: Sandbox,
    token: String,
}

pub(super) fn api() -> Api {
    let sandbox = start(&["--records", "40"]);
    let token = sandbox.bearer_token();
    Api { sandbox, token }
}

impl Api {
    pub(super) fn send(&self, method: &str, path: &str, body: Value) -> Value {
        let response = self.sandbox.v2(&self.token, method, path, body);
        assert!(response.status < 300, "{method} {path}: {}", response.text);
        response.json()
    }

    pub(super) fn get(&self, path: &str) -> Value {
        self.send("GET", path, Value::Null)
    }

    pub(super) fn total(&self, path: &str) -> u64 {
        let total = self.get(path)["pagination"]["total_records"].take();
        total.as_u64().unwrap()
    }

    fn suggestion(&self, id: u64) -> Value {
        self.get(&format!("suggestions/{id}"))["suggestions"][0].take()
    }
}

#[test]
fn new_suggestion_is_approved_and_changes_its_state() {
    let api = api();
    let body = json!({ "title": "Tea", "links": { "forum": 1 } });
    let created = api.send("POST", "suggestions", body)["suggestions"][0].take();
    assert_eq!(
        (&created["state"], &created["votes_count"]),
        (&json!("approved"), &json!(1))
    );
    let id = created["id"].as_u64().unwrap();
    for (verb, state) in [
        ("spam", "spam"),
        ("unremove", "approved"),
        ("publish", "published"),
    ] {
        let path = format!("suggestions/{id}/{verb}");
        let changed = api.send("PUT", &path, Value::Null);
        assert_eq!(changed["suggestions"][0]["state"], state);
        assert_eq!(api.suggestion(id)["state"], state);
    }
    assert_eq!(api.total("suggestions?state=spam"), 0);
}

#[test]
fn unremove_restores_what_was_deleted() {
    let api = api();
    for (resource, path) in [("suggestions", "suggestions/2"), ("comments", "comments/2")] {
        let before = api.total(resource);
        let deleted = api.send("DELETE", path, Value::Null);
        assert_eq!(deleted[resource][0]["id"], 2);
        assert_eq!(api.total(resource), before - 1);
        let restored = api.send("PUT", &format!("{path}/unremove"), Value::Null);
        assert_eq!(restored[resource][0]["id"], 2);
        assert_eq!(api.total(resource), before);
    }
}

#[test]
fn status_update_changes_the_suggestion_and_its_response() {
    let api = api();
    let body = json!({ "body": "Soon", "notify_supporters": true,
        "links": { "suggestion": 2, "status": 3 } });
    let update = api.send("POST", "status_updates", body)["status_updates"][0].take();
    assert_eq!(update["links"]["old_status"], Value::Null);
    assert_eq!(update["links"]["new_status"], 3);
    assert_eq!(update["mail_sent_count"], 1);
    let links = api.suggestion(2)["links"].take();
    assert_eq!(
        (&links["status"], &links["last_status_update"]),
        (&json!(3), &update["id"])
    );
    let v1 = api.sandbox.get("/api/v1/suggestions/2").json();
    assert_eq!(v1["suggestion"]["response"]["text"], "Soon");
    assert_eq!(v1["suggestion"]["status"]["key"], "started");
}

#[test]
fn response_by_api_v1_is_a_status_update() {
    let api = api();
    let owner = api.sandbox.login("owner@sandbox.example");
    let before = api.total("status_updates");
    let response = json!({ "response": { "text": "Done", "status_id": 4 } });
    let path = "/api/v1/suggestions/2/respond";
    assert_eq!(
        api.sandbox.request_as(&owner, "PUT", path, response).status,
        200
    );
    assert_eq!(api.total("status_updates"), before + 1);
    let updates = api.get("status_updates?suggestion=2");
    assert_eq!(updates["status_updates"][0]["body"], "Done");
}

#[test]
fn converted_suggestion_has_a_ticket_with_its_text() {
    let api = api();
    let path = "suggestions/3/convert_to_ticket";
    let converted = api.send("PUT", path, json!({ "includes": ["tickets"] }));
    let ticket = &converted["tickets"][0];
    assert_eq!(ticket["id"], converted["suggestions"][0]["links"]["ticket"]);
    assert_eq!(ticket["subject"], converted["suggestions"][0]["title"]);
    // It has one only.
    let again = api.send("PUT", path, Value::Null);
    assert_eq!(again["suggestions"][0]["links"]["ticket"], ticket["id"]);
}

#[test]
fn import_creates_the_author_of_a_suggestion() {
    let api = api();
    let body = json!({ "title": "Tea", "user_email": "new@example.com", "user_name": "New",
        "state": "spam", "links": { "forum": 1 }, "includes": ["users"] });
    let imported = api.send("POST", "suggestions/import", body);
    assert_eq!(imported["suggestions"][0]["state"], "spam");
    assert_eq!(imported["users"][0]["email_address"], "new@example.com");
}

#[test]
fn label_is_attached_detached_and_nested() {
    let api = api();
    let links = json!({ "links": { "label": 1, "suggestion": 2 } });
    api.send("POST", "labels/attach", links.clone());
    assert_eq!(api.suggestion(2)["links"]["labels"], json!([1]));
    assert!(api.total("suggestions?label=1") > 0);
    api.send("POST", "labels/detach", links.clone());
    assert_eq!(api.suggestion(2)["links"]["labels"], json!([]));
    api.send("POST", "labels/attach", links);
    let nested = json!({ "name": "soon", "links": { "parent": 1 } });
    let nested = api.send("POST", "labels", nested)["labels"][0].take();
    assert_eq!(
        (&nested["full_name"], &nested["level"]),
        (&json!("quick win / soon"), &json!(1))
    );
    api.send("DELETE", "labels/1", Value::Null);
    assert_eq!(api.suggestion(2)["links"]["labels"], json!([]));
}

#[test]
fn blocked_user_is_found_by_the_filter() {
    let api = api();
    api.send("PUT", "users/7/block", Value::Null);
    assert_eq!(api.get("users?allowed_state=blocked")["users"][0]["id"], 7);
    api.send("PUT", "users/7/unblock", Value::Null);
    assert_eq!(api.total("users?allowed_state=blocked"), 0);
}

#[test]
fn external_users_are_identified_imported_and_deleted() {
    let api = api();
    let identity = json!({ "id": "u-9", "email": "u9@example.com",
        "account": { "id": "a-9", "name": "Nine", "monthly_rate": 12.5 } });
    let body = json!({ "identities": [identity] });
    assert_eq!(
        api.send("POST", "bulk_identify", body),
        json!({ "status": "queued" })
    );
    let user = api.get("external_users?external_id=u-9&includes=external_accounts");
    assert_eq!(user["external_users"][0]["email"], "u9@example.com");
    assert_eq!(user["external_accounts"][0]["mrr"], 12.5);
    let ids = json!({ "external_ids": ["u-9", "none"] });
    let deleted = api.send("DELETE", "external_users/bulk_delete_by_external_id", ids);
    assert_eq!(deleted["external_users"].as_array().unwrap().len(), 1);
    assert_eq!(api.total("external_users?external_id=u-9"), 0);
}

#[test]
fn rating_has_a_group_and_the_difference_from_the_last_one() {
    let api = api();
    let rating = json!({ "rating": 10, "links": { "user": 3 } });
    let rating = api.send("POST", "nps_ratings", rating)["nps_ratings"][0].take();
    assert_eq!(
        (&rating["group"], &rating["rating_delta"]),
        (&json!("promoter"), &json!(6))
    );
    let invalid = json!({ "rating": 11, "links": { "user": 3 } });
    let invalid = api.sandbox.v2(&api.token, "POST", "nps_ratings", invalid);
    assert_eq!(
        (invalid.status, invalid.json()["errors"].take()),
        (422, json!({ "rating": "invalid" }))
    );
}

#[test]
fn filters_select_records() {
    let api = api();
    let all = api.total("suggestions");
    for (filter, is_in, is_not_in) in [
        ("forum=2", 5, 1),
        ("creator=3", 3, 1),
        ("category_none=true", 2, 1),
        ("status_none=true", 2, 1),
        ("supporter=3", 3, 1),
        ("has_response=true", 1, 2),
        ("external_account=1", 2, 5),
        ("feature=1", 1, 2),
        ("q=DARK%20MODE", 1, 2),
        ("period_start=2013-05-11T00:00:00Z", 40, 1),
        ("period_end=2013-05-11T00:00:00Z", 1, 40),
        ("forum=1,2&state=published", 5, 999),
    ] {
        let list = api.get(&format!("suggestions?{filter}&per_page=100"));
        let ids = list["suggestions"].as_array().unwrap().iter();
        let ids: Vec<u64> = ids.map(|one| one["id"].as_u64().unwrap()).collect();
        assert!(
            ids.contains(&is_in) && !ids.contains(&is_not_in),
            "{filter}: {ids:?}"
        );
        assert!(ids.len() as u64 <= all, "{filter}");
    }
}

#[test]
fn list_is_sorted_by_any_field_with_cursors() {
    let api = api();
    for sort in [
        "votes_count",
        "-votes_count",
        "title",
        "-title",
        "closed_at",
    ] {
        let (mut ids, mut cursor) = (vec![], String::new());
        loop {
            let page = api.get(&format!("suggestions?per_page=7&sort={sort}{cursor}"));
            let records = page["suggestions"].as_array().unwrap();
            ids.extend(records.iter().map(|one| one["id"].as_u64().unwrap()));
            match page["pagination"]["cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let whole = api.get(&format!("suggestions?per_page=100&sort={sort}"));
        let whole = whole["suggestions"].as_array().unwrap().iter();
        let whole: Vec<u64> = whole.map(|one| one["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, whole, "{sort}");
        ids.sort_unstable();
        assert_eq!(ids, (1..=40).collect::<Vec<u64>>(), "{sort}");
    }
    let most = api.get("suggestions?sort=-votes_count")["suggestions"].take();
    assert!(most[0]["votes_count"].as_u64() >= most[19]["votes_count"].as_u64());
}

#[test]
fn urls_of_records_are_absolute_and_open() {
    let api = api();
    for field in ["portal_url", "admin_url"] {
        let url = api.suggestion(1)[field].take();
        let path = url
            .as_str()
            .unwrap()
            .strip_prefix(api.sandbox.url())
            .unwrap();
        assert_eq!(api.sandbox.get_unsigned(path).status, 200, "{url}");
    }
}

#[test]
fn features_are_filtered_by_their_suggestions_and_who_supports_them() {
    let api = api();
    let total = |filter: &str| api.total(&format!("features?{filter}"));
    assert_eq!((total("suggestion=1"), total("suggestion=39")), (1, 0));
    let supporter = api.get("supporters?suggestion=1")["supporters"][0]["links"]["user"].take();
    assert!(total(&format!("user={supporter}")) > 0);
    assert_eq!(total("user=249"), 0);
}

#[test]
fn accounts_and_invitations_are_filtered_by_what_no_field_shows() {
    let api = api();
    let users = api.get("external_users?external_id=crm-2")["external_users"][0].take();
    let (account, user) = (&users["links"]["external_account"], &users["links"]["user"]);
    let supported = api.get(&format!("supporters?user={user}"));
    let suggestion = &supported["supporters"][0]["links"]["suggestion"];
    let accounts = api.get(&format!("external_accounts?suggestion={suggestion}"));
    assert_eq!(&accounts["external_accounts"][0]["id"], account);
    let feature = api.get("features?suggestion=2")["features"][0]["id"].take();
    assert!(api.total(&format!("external_accounts?feature={feature}")) > 0);
    let claimed = |claimed| api.total(&format!("forum_invitations?claimed={claimed}"));
    assert_eq!((claimed(true), claimed(false)), (1, 1));
}
