//! The journal of requests.

use super::*;

#[test]
fn journal_records_requests() {
    let sandbox = start(&[]);
    sandbox.get("/api/v1/forums?page=1");
    sandbox.get_unsigned("/api/v1/users");
    let list = sandbox.control("GET", "requests", Value::Null).json();
    assert_eq!(list[0]["query"], "page=1");
    assert_eq!(
        (&list[0]["signed"], &list[0]["for"]),
        (&json!(true), &json!("sandbox-trusted-key"))
    );
    assert_eq!(
        (&list[1]["signed"], &list[1]["status"]),
        (&json!(false), &json!(401))
    );
    let page = sandbox.get_unsigned("/_sandbox").text;
    assert!(page.contains("/api/v1/forums?page=1"));
    sandbox.control("DELETE", "requests", Value::Null);
    assert_eq!(
        sandbox.control("GET", "requests", Value::Null).json(),
        json!([])
    );
}

#[test]
fn journal_records_sender_of_requests_not_handled() {
    let sandbox = start(&["--rate-limit", "3"]);
    let user = sandbox.login("user2@sandbox.example");
    let bearer = sandbox.bearer_token();
    sandbox.control("DELETE", "requests", Value::Null);
    sandbox.add_fault(json!({ "path": "/api/v*", "times": 4, "status": 503 }));
    sandbox.request_as(&user, "GET", "/api/v1/forums", Value::Null);
    sandbox.get("/api/v1/forums");
    sandbox.v2(&bearer, "GET", "users", Value::Null);
    sandbox.get_unsigned("/api/v1/forums?client=sandbox-trusted-key");
    let status = || {
        sandbox
            .request_as(&user, "GET", "/api/v1/forums", Value::Null)
            .status
    };
    assert_eq!([(); 3].map(|()| status()), [200, 200, 429]);

    let journal = sandbox.requests();
    let sender = |index: usize| {
        (
            journal[index]["signed"].as_bool().unwrap(),
            journal[index]["for"].as_str().unwrap(),
        )
    };
    assert_eq!(sender(0), (true, "user2@sandbox.example"));
    assert_eq!(sender(1), (true, "sandbox-trusted-key"));
    assert_eq!(sender(2), (true, "owner@sandbox.example"));
    assert_eq!(sender(3), (false, "sandbox-trusted-key"));
    assert_eq!(journal[6]["status"], 429);
    assert_eq!(sender(6), (true, "user2@sandbox.example"));
}

#[test]
fn request_of_disconnected_client_is_neither_handled_nor_recorded() {
    let sandbox = start(&[]);
    let bearer = sandbox.bearer_token();
    sandbox.control("DELETE", "requests", Value::Null);
    sandbox.add_fault(json!({ "path": "/api/v2/admin/forums", "delay_ms": 300 }));
    let address = sandbox.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let body = r#"{"name":"lost"}"#;
    let request = format!(
        "POST /api/v2/admin/forums HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {bearer}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    while sandbox.control("GET", "faults", Value::Null).json() != json!([]) {
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(stream);
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(sandbox.requests(), json!([]));
    let forums = sandbox.v2(&bearer, "GET", "forums", Value::Null).json();
    assert_eq!(forums["pagination"]["total_records"], 3);
}

#[test]
fn journal_records_body_and_headers_as_received() {
    let sandbox = start(&[]);
    let request = sandbox
        .http
        .post(format!("{}/none", sandbox.url()))
        .header("x-twice", "one")
        .header("x-twice", "two");
    request.send(r#"{"a":1.10,"a":2}"#).unwrap();
    let entry = &sandbox.requests()[0];
    assert_eq!(entry["body_text"], r#"{"a":1.10,"a":2}"#);
    assert_eq!(entry["body"], json!({ "a": 2 }));
    assert_eq!(entry["headers"]["x-twice"], "one, two");
}

#[test]
fn journal_size_is_limited() {
    let sandbox = start(&[]);
    for _ in 0..3 {
        assert_eq!(sandbox.post_megabytes("/none", 30), 404);
    }
    let page = sandbox.get_unsigned("/_sandbox").text;
    assert!(page.contains(">2 requests<"), "{page}");
}
