//! Bodies of requests: their size, their forms, and what the journal says of them.

use super::*;

const MEGABYTE: usize = 1024 * 1024;

impl Sandbox {
    /// The status of a POST of so many megabytes.
    fn posted(&self, path: &str, megabytes: usize) -> u16 {
        let url = format!("{}{path}", self.url());
        let body = vec![b' '; megabytes * MEGABYTE];
        self.http.post(url).send(&body[..]).unwrap().status().into()
    }
}

#[test]
fn bodies_may_have_64_megabytes() {
    let site = start(&[]);
    let name = "x".repeat(3 * MEGABYTE);
    let forum = json!({ "forum": { "name": name } });
    let owner = site.user("owner@sandbox.example");
    let created = site.acting(&owner, "POST", "/api/v1/forums", forum);
    assert_eq!(created.status, 201, "{}", created.text);
    site.fault(json!({ "path": "/api/v1/forums", "body": name }));

    site.control("DELETE", "requests", Value::Null);
    assert_eq!(site.posted("/api/v1/forums", 65), 413);
    assert_eq!(site.posted("/_sandbox/faults", 65), 413);
    let seen = site.requests();
    assert_eq!(seen.as_array().unwrap().len(), 1);
    assert_eq!(
        (&seen[0]["path"], &seen[0]["status"]),
        (&json!("/api/v1/forums"), &json!(413))
    );
}

#[test]
fn a_broken_body_is_answered() {
    let site = start(&[]);
    let chunk = "Transfer-Encoding: chunked\r\n\r\nno number\r\n";
    let (answer, _) = site.exchanged("POST", "/api/v1/forums", chunk);
    assert!(answer.starts_with(b"HTTP/1.1 400 "));
    assert_eq!(site.requests()[0]["status"], 400);
}

#[test]
fn a_form_has_objects() {
    let site = start(&[]);
    let path = "/api/v1/users.json";
    let pairs = Encoded(&[
        ("user%255Bemail%255D", "jo%40sandbox.example"),
        ("user%255Bname%255D", "Jo%20%2B%20Jo"),
    ]);
    let fields = [
        ("user[email]", "jo@sandbox.example"),
        ("user[name]", "Jo + Jo"),
    ];
    let request = site
        .http
        .post(format!("{}{path}", site.url()))
        .header("authorization", site.authorization("POST", path, pairs));
    let created = answer(request.send_form(fields).unwrap());
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.json()["user"]["name"], "Jo + Jo");
}

#[test]
fn the_journal_has_what_came() {
    let site = start(&[]);
    let request = site
        .http
        .post(format!("{}/none", site.url()))
        .header("x-twice", "one")
        .header("x-twice", "two");
    request.send(r#"{"a":1.10,"a":2}"#).unwrap();
    let seen = &site.requests()[0];
    assert_eq!(seen["body_text"], r#"{"a":1.10,"a":2}"#);
    assert_eq!(seen["body"], json!({ "a": 2 }));
    assert_eq!(seen["headers"]["x-twice"], "one, two");
}

#[test]
fn the_journal_does_not_grow_without_end() {
    let site = start(&[]);
    for _ in 0..3 {
        assert_eq!(site.posted("/none", 30), 404);
    }
    let page = site.plain("/_sandbox").text;
    assert!(page.contains("of 2 requests"), "{page}");
}
