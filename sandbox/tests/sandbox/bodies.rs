//! Request bodies: their size and their formats.

use super::*;

const MEGABYTE: usize = 1024 * 1024;

impl Sandbox {
    /// Sends a POST request of this size and returns its status.
    pub(super) fn post_megabytes(&self, path: &str, megabytes: usize) -> u16 {
        let url = format!("{}{path}", self.url());
        let body = vec![b' '; megabytes * MEGABYTE];
        self.http.post(url).send(&body[..]).unwrap().status().into()
    }
}

#[test]
fn rejects_bodies_larger_than_64_megabytes() {
    let sandbox = start(&[]);
    let name = "x".repeat(3 * MEGABYTE);
    let forum = json!({ "forum": { "name": name } });
    let owner = sandbox.login("owner@sandbox.example");
    let created = sandbox.request_as(&owner, "POST", "/api/v1/forums", forum);
    assert_eq!(created.status, 201, "{}", created.text);
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "body": name }));

    sandbox.control("DELETE", "requests", Value::Null);
    assert_eq!(sandbox.post_megabytes("/api/v1/forums", 65), 413);
    assert_eq!(sandbox.post_megabytes("/_sandbox/faults", 65), 413);
    let journal = sandbox.requests();
    assert_eq!(journal.as_array().unwrap().len(), 1);
    assert_eq!(
        (&journal[0]["path"], &journal[0]["status"]),
        (&json!("/api/v1/forums"), &json!(413))
    );
}

#[test]
fn rejects_malformed_chunked_body() {
    let sandbox = start(&[]);
    let chunk = "Transfer-Encoding: chunked\r\n\r\nno number\r\n";
    let (response, _) = sandbox.raw_request("POST", "/api/v1/forums", chunk);
    assert!(response.starts_with(b"HTTP/1.1 400 "));
    assert_eq!(sandbox.requests()[0]["status"], 400);
}

#[test]
fn accepts_nested_form_fields() {
    let sandbox = start(&[]);
    let path = "/api/v1/users.json";
    let pairs = EncodedPairs(&[
        ("user%255Bemail%255D", "jo%40sandbox.example"),
        ("user%255Bname%255D", "Jo%20%2B%20Jo"),
    ]);
    let fields = [
        ("user[email]", "jo@sandbox.example"),
        ("user[name]", "Jo + Jo"),
    ];
    let request = sandbox
        .http
        .post(format!("{}{path}", sandbox.url()))
        .header("authorization", sandbox.authorization("POST", path, pairs));
    let created = read_response(request.send_form(fields).unwrap());
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.json()["user"]["name"], "Jo + Jo");
}

/// What `make test-api` found: such requests were accepted.
#[test]
fn v2_rejects_bodies_of_other_types_than_the_table_has() {
    let sandbox = start(&["--records", "10"]);
    let token = sandbox.bearer_token();
    let account = json!({ "external_id": "a", "colour": "red" });
    let user = json!({ "external_id": "u", "email": "u@sandbox.example", "account": "a" });
    for (method, path, body, errors) in [
        (
            "DELETE",
            "external_users/bulk_delete",
            json!({ "ids": [9223372036854775808_u64] }),
            json!({ "ids": "int" }),
        ),
        (
            "DELETE",
            "external_users/bulk_delete_by_external_id",
            json!({ "external_ids": "a" }),
            json!({ "external_ids": "array" }),
        ),
        (
            "POST",
            "external_accounts/import",
            json!({ "accounts": [account] }),
            json!({ "accounts": { "0": { "colour": "unknown" } } }),
        ),
        (
            "POST",
            "external_users/import",
            json!({ "users": [user] }),
            json!({ "users": { "0": { "account": "object" } } }),
        ),
    ] {
        let rejected = sandbox.v2(&token, method, path, body);
        assert_eq!(
            (rejected.status, &rejected.json()["errors"]),
            (422, &errors),
            "{path}"
        );
    }
}

#[test]
fn v2_forms_separate_the_items_of_a_list_by_commas_or_repeat_its_name() {
    let sandbox = start(&["--records", "10"]);
    let token = sandbox.bearer_token();
    let request = sandbox
        .http
        .post(format!("{}/api/v2/admin/categories", sandbox.url()))
        .header("Authorization", format!("Bearer {token}"));
    let fields = [
        ("name", "One"),
        ("links.forum", "1"),
        ("includes", "forums,colours"),
    ];
    let rejected = read_response(request.send_form(fields).unwrap());
    assert!(rejected.text.contains("colours"), "{}", rejected.text);

    let part = |name: &str, rest: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name={name}{rest}\r\n\r\n{value}\r\n")
    };
    let file = part("file", "; filename=f", "1");
    let includes = ["notes", "colours"].map(|name| part("includes", "", name));
    let request = sandbox
        .http
        .post(format!("{}/api/v2/admin/attachments", sandbox.url()))
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "multipart/form-data; boundary=b");
    let body = format!("{file}{}--b--\r\n", includes.concat());
    let rejected = read_response(request.send(body).unwrap());
    assert!(rejected.text.contains("colours"), "{}", rejected.text);
}

/// UserVoice's C# SDK sends forms, in which these are the names of a list's fields.
#[test]
fn v2_accepts_lists_in_forms() {
    let sandbox = start(&["--records", "10"]);
    let fields = [
        ("users[0].external_id", "crm.9"),
        ("users[0].email", "jo@sandbox.example"),
        ("users[0].account.external_id", "acme"),
        ("users[0].account.name", "A [1].b"),
    ];
    let request = sandbox
        .http
        .post(format!(
            "{}/api/v2/admin/external_users/import",
            sandbox.url()
        ))
        .header(
            "authorization",
            format!("Bearer {}", sandbox.bearer_token()),
        );
    let imported = read_response(request.send_form(fields).unwrap());
    assert_eq!(imported.status, 200, "{}", imported.text);
    let user = imported.json()["external_users"][0].clone();
    assert_eq!(user["external_id"], "crm.9");
    let account = format!("external_accounts/{}", user["links"]["external_account"]);
    let account = sandbox.v2(&sandbox.bearer_token(), "GET", &account, Value::Null);
    assert_eq!(account.json()["external_accounts"][0]["name"], "A [1].b");
}
