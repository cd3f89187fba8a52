//! Attachments of API v2, and its form bodies.

use super::*;

impl Sandbox {
    /// Sends a body of any media type to API v2.
    fn send_v2(&self, method: &str, path: &str, content_type: &str, body: &str) -> Response {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v2/admin/{path}", self.url()))
            .header("authorization", format!("Bearer {}", self.bearer_token()))
            .header("content-type", content_type);
        read_response(self.http.run(request.body(body).unwrap()).unwrap())
    }

    /// Uploads a file with the request that `curl -F file=@note.txt` sends.
    fn upload(&self, content: &str) -> Value {
        let body = format!(
            "--------------------------d74496d66958873e\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n{content}\r\n\
             --------------------------d74496d66958873e--\r\n"
        );
        let content_type = "multipart/form-data; boundary=------------------------d74496d66958873e";
        let created = self.send_v2("POST", "attachments", content_type, &body);
        assert_eq!(created.status, 201, "{}", created.text);
        created.json()["attachments"][0].take()
    }
}

#[test]
fn an_upload_is_attached_by_its_token() {
    let sandbox = start(&[]);
    let content = "a\r\n--b\r\n\u{e9}";
    let file = sandbox.upload(content);
    assert_eq!(file["file_name"], "note.txt");
    assert_eq!(file["content_type"], "text/plain");
    assert_eq!(file["size_in_bytes"], content.len());
    assert_eq!(file["links"], json!({ "suggestion": null, "note": null }));
    let path = file["url"]
        .as_str()
        .unwrap()
        .strip_prefix(sandbox.url())
        .unwrap();
    assert_eq!(sandbox.get_unsigned(path).text, content);
    assert_eq!(sandbox.get_unsigned("/attachments/no/note.txt").status, 404);

    let form = "application/x-www-form-urlencoded";
    let second = sandbox.upload("2");
    let tokens = [&file["token"], &second["token"]].map(|token| token.as_str().unwrap());
    let tokens = format!("attachment_tokens={},{}", tokens[0], tokens[1]);
    let updated = sandbox.send_v2("PUT", "suggestions/1", form, &tokens);
    assert_eq!(updated.status, 200, "{}", updated.text);
    let bearer = sandbox.bearer_token();
    let get = |path: &str| sandbox.v2(&bearer, "GET", path, Value::Null).json();
    let listed = get("attachments?suggestion=1");
    assert_eq!(listed["pagination"]["total_records"], 2);
    assert_eq!(listed["attachments"][0]["links"]["suggestion"], 1);
    assert_eq!(
        get("attachments?suggestion=2")["pagination"]["total_records"],
        0
    );

    // A note, with JSON.
    let note = json!({ "body": "see file", "links": { "suggestion": 2 },
                       "attachment_tokens": file["token"] });
    let created = sandbox.v2(&bearer, "POST", "notes", note);
    assert_eq!(created.status, 201, "{}", created.text);
    let id = &created.json()["notes"][0]["id"];
    assert_eq!(
        get(&format!("attachments?note={id}"))["attachments"][0]["id"],
        file["id"]
    );

    let path = format!("attachments/{}", file["id"]);
    assert_eq!(
        sandbox.v2(&bearer, "DELETE", &path, Value::Null).json()["attachments"][0]["id"],
        file["id"]
    );
    assert_eq!(sandbox.v2(&bearer, "GET", &path, Value::Null).status, 404);
    // The other one goes with its suggestion.
    let total = || get("attachments")["pagination"]["total_records"].as_u64();
    let before = total();
    sandbox.v2(&bearer, "DELETE", "suggestions/1", Value::Null);
    assert_eq!(total(), before.map(|total| total - 1));
}

#[test]
fn rejects_an_upload_without_a_file_and_unknown_tokens() {
    let sandbox = start(&[]);
    let bearer = sandbox.bearer_token();
    let errors = |method: &str, path: &str, body: Value| {
        let response = sandbox.v2(&bearer, method, path, body);
        assert_eq!(response.status, 422, "{}", response.text);
        response.json()["errors"].take()
    };
    let file = json!({ "file": "required" });
    assert_eq!(
        errors("POST", "attachments", json!({ "file": "text" })),
        file
    );
    let tokens = |tokens: Value| json!({ "attachment_tokens": tokens });
    assert_eq!(
        errors("PUT", "suggestions/1", tokens(json!("no"))),
        tokens(json!("not_found"))
    );
    assert_eq!(
        errors("PUT", "suggestions/1", tokens(json!([]))),
        tokens(json!("string"))
    );
    let malformed = sandbox.send_v2("POST", "attachments", "multipart/form-data", "a");
    assert_eq!(malformed.status, 400, "{}", malformed.text);
}

/// The example of the Admin API's guide.
#[test]
fn form_fields_have_dots_where_json_has_objects() {
    let sandbox = start(&[]);
    let form = "application/x-www-form-urlencoded";
    let body = "title=Test+Suggestion&links.forum=1";
    let created = sandbox.send_v2("POST", "suggestions", form, body);
    assert_eq!(created.status, 201, "{}", created.text);
    let suggestion = &created.json()["suggestions"][0];
    assert_eq!(suggestion["title"], "Test Suggestion");
    assert_eq!(suggestion["links"]["forum"], 1);
    let deleted = sandbox.send_v2(
        "DELETE",
        &format!("suggestions/{}", suggestion["id"]),
        form,
        "includes=users",
    );
    assert_eq!(deleted.status, 200, "{}", deleted.text);
}
