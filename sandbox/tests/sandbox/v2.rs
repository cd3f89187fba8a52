//! API v2: lists with cursors, and changes.

use super::*;

#[test]
fn lists_support_cursors_filters_and_includes() {
    let sandbox = start(&["--records", "45"]);
    let token = sandbox.bearer_token();
    let get = |path: &str| sandbox.v2(&token, "GET", path, Value::Null).json();
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
    // The same timestamp in other forms of ISO 8601, and a date.
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
    for invalid in [
        "yesterday",
        "2013-05-32",
        "2013-05-12T99:00",
        "2013-05-12T12:00:60Z",
        "1368349424",
        "",
    ] {
        let rejected = get(&format!("suggestions?updated_before={invalid}"));
        let errors = json!({ "updated_before": "datetime" });
        assert_eq!(rejected["errors"], errors, "{invalid}");
    }
    let page = get("suggestions?sort=id&per_page=2&includes=forums,users");
    assert_eq!(
        (
            page["forums"][0]["id"].clone(),
            page["users"].as_array().unwrap().len()
        ),
        (json!(1), 2)
    );
    let page = get("suggestions/1?includes=forums,users");
    assert_eq!(
        (
            page["forums"][0]["id"].clone(),
            page["users"][0]["id"].clone()
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
        let page = get(list);
        assert!(
            page["pagination"]["total_records"].as_u64() > Some(0),
            "{list}"
        );
        assert!(page[list][0]["updated_at"].is_string(), "{list}");
    }
    assert_eq!(get("suggestions")["suggestions"][0]["id"], 45);
}

#[test]
fn creates_changes_and_validates_records() {
    let sandbox = start(&["--records", "3"]);
    let token = sandbox.bearer_token();
    let call = |method: &str, path: &str, body: Value| sandbox.v2(&token, method, path, body);
    let invalid = call("POST", "suggestions", json!({ "links": { "forum": "x" } }));
    assert_eq!(
        invalid.json()["errors"],
        json!({ "title": "required", "links": { "forum": "int" } })
    );
    let created = call(
        "POST",
        "suggestions",
        json!({ "title": "Tea", "links": { "forum": 1 } }),
    );
    let id = created.json()["suggestions"][0]["id"].as_u64().unwrap();
    let one = format!("suggestions/{id}");
    assert_eq!(
        call("PUT", &format!("{one}/spam"), Value::Null).json()["suggestions"][0]["state"],
        "spam"
    );
    let deleted = call("DELETE", &one, Value::Null);
    assert_eq!(
        (deleted.status, &deleted.json()["suggestions"][0]["id"]),
        (200, &json!(id))
    );
    assert_eq!(call("GET", &one, Value::Null).status, 404);
    let user = json!({ "email_address": "user2@sandbox.example" });
    assert_eq!(
        call("POST", "users/find_or_create", user).json()["users"][0]["id"],
        3
    );
    let user = |id: &str| json!({ "external_id": id, "email": format!("{id}@example.com") });
    let users = json!({ "users": [user("A-1"), user("A-2")] });
    for _ in 0..2 {
        let imported = call("POST", "external_users/import", users.clone()).json();
        assert_eq!(imported["external_users"][1]["external_id"], "A-2");
    }
    let imported = call("GET", "external_users?external_id=A-1,A-2", Value::Null).json();
    assert_eq!(imported["pagination"]["total_records"], 2);
}

#[test]
fn rejects_invalid_json_with_v2_message() {
    let sandbox = start(&[]);
    let request = sandbox
        .http
        .post(format!("{}/api/v2/admin/forums", sandbox.url()))
        .header(
            "authorization",
            format!("Bearer {}", sandbox.bearer_token()),
        );
    let rejected = read_response(request.send("{nonsense").unwrap());
    assert_eq!(rejected.status, 400);
    let body = rejected.json();
    assert!(body["errors"].is_null(), "{body}");
    assert!(body["message"].as_str().unwrap().contains("not JSON"));
    assert_eq!(sandbox.requests()[1]["for"], "owner@sandbox.example");
}

#[test]
fn rejects_invalid_links_and_flags() {
    let sandbox = start(&["--records", "3"]);
    let token = sandbox.bearer_token();
    let call = |method: &str, path: &str, body: Value| sandbox.v2(&token, method, path, body);
    let links = |links: Value| {
        let body = json!({ "title": "Tea", "links": links });
        call("POST", "suggestions", body).json()["errors"]["links"].take()
    };
    let unknown = links(json!({ "forum": 99, "category": 99 }));
    assert_eq!(
        unknown,
        json!({ "forum": "not_found", "category": "not_found" })
    );
    let invalid = links(json!({ "forum": 1, "category": "x" }));
    assert_eq!(invalid, json!({ "category": "int" }));
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
        let invalid = change(json!({ link: "x" }));
        assert_eq!(invalid["errors"]["links"], json!({ link: "int" }));
    }

    let forum = |private: Value| {
        let body = json!({ "name": "x", "is_private": private });
        call("POST", "forums", body).json()
    };
    let private = forum(json!("true"));
    assert_eq!(private["forums"][0]["is_private"], true);
    let invalid = forum(json!("perhaps"));
    assert_eq!(invalid["errors"], json!({ "is_private": "boolean" }));
}

#[test]
fn deletes_large_forum_with_its_records_quickly() {
    let sandbox = start(&["--records", "60000"]);
    let token = sandbox.bearer_token();
    let total = |list: &str| {
        let list = sandbox.v2(&token, "GET", list, Value::Null).json();
        list["pagination"]["total_records"].as_u64().unwrap()
    };
    let owner = sandbox.login("owner@sandbox.example");
    let note = json!({ "note": { "text": "x" } });
    sandbox.request_as(&owner, "POST", "/api/v1/suggestions/1/notes", note);
    let before = (total("suggestions"), total("comments"), total("notes"));
    assert_eq!(before, (60000, 6000, 31));
    let started = std::time::Instant::now();
    assert_eq!(
        sandbox.v2(&token, "DELETE", "forums/1", Value::Null).status,
        200
    );
    let elapsed = started.elapsed();
    assert!(elapsed.as_secs() < 2, "{elapsed:?}");
    let after = (total("suggestions"), total("comments"), total("notes"));
    assert_eq!(after, (12000, 0, 30));
}

#[test]
fn accepts_forms() {
    let sandbox = start(&["--records", "3"]);
    let request = sandbox
        .http
        .post(format!("{}/api/v2/admin/suggestions", sandbox.url()))
        .header(
            "authorization",
            format!("Bearer {}", sandbox.bearer_token()),
        );
    let fields = [("title", "Tea"), ("links[forum]", "2")];
    let created = read_response(request.send_form(fields).unwrap());
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.json()["suggestions"][0]["links"]["forum"], 2);
}

#[test]
fn errors_say_that_a_token_is_missing_and_which_call_does_not_exist() {
    let sandbox = start(&["--records", "3"]);
    let without = sandbox.get_unsigned("/api/v2/admin/forums");
    assert_eq!(
        (without.status, without.json()),
        (401, json!({ "message": "A bearer token is required" }))
    );
    let unknown = sandbox.v2(&sandbox.bearer_token(), "PATCH", "forums/1", Value::Null);
    let message = "There is no call PATCH /api/v2/admin/forums/1";
    assert_eq!(
        (unknown.status, unknown.json()),
        (404, json!({ "message": message }))
    );
}
