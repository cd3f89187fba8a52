//! Faults.

use super::*;

#[test]
fn applies_faults_of_each_kind() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "times": 2, "after": 1, "status": 503, "retry_after": "1" }));
    assert_eq!(sandbox.get_unsigned(path).status, 200);
    let failed = sandbox.get_unsigned(path);
    assert_eq!((failed.status, failed.header("retry-after")), (503, "1"));
    assert_eq!(sandbox.get_unsigned(path).status, 503);
    assert_eq!(sandbox.get_unsigned(path).status, 200);

    sandbox.add_fault(json!({ "path": "/api/v1/f*", "not_json": true }));
    assert!(serde_json::from_str::<Value>(&sandbox.get_unsigned(path).text).is_err());
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "truncate": 7 }));
    assert_eq!(sandbox.get_unsigned(path).text.len(), 7);
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "oversize": 200_000 }));
    assert_eq!(sandbox.get_unsigned(path).text.len(), 200_000);

    sandbox.add_fault(json!({ "path": "/api/v1/forums", "close": "before" }));
    assert_eq!(sandbox.get_raw(path), b"");
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "close": "middle" }));
    let text = String::from_utf8(sandbox.get_raw(path)).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
    // The whole response, without `Connection: close`.
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "close": "after" }));
    let text = String::from_utf8(sandbox.get_raw(path)).unwrap();
    assert!(
        text.ends_with("]}") && !text.to_lowercase().contains("connection:"),
        "{text}"
    );

    let rejected = sandbox.control("POST", "faults", json!({ "path": "/", "colour": 1 }));
    assert!(
        rejected.status == 422 && rejected.text.contains("colour"),
        "{}",
        rejected.text
    );
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "status": 500 }));
    assert_eq!(sandbox.control("DELETE", "faults", Value::Null).status, 204);
    assert_eq!(sandbox.get_unsigned(path).status, 200);
}

#[test]
fn closes_connection_after_response_without_body() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    for close in ["middle", "after"] {
        let assert_closes = |method: &str, mut fault: Value| {
            fault["path"] = "/api/v1/forums".into();
            fault["close"] = close.into();
            sandbox.add_fault(fault);
            let (bytes, closed) = sandbox.raw_request(method, path, "\r\n");
            let text = String::from_utf8(bytes).unwrap();
            let announced = text.to_lowercase().contains("connection:");
            assert!(
                closed && text.starts_with("HTTP/1.1 2") && !announced,
                "{method} {close}: {text}"
            );
        };
        assert_closes("GET", json!({ "status": 204 }));
        assert_closes("GET", json!({ "body": "" }));
        assert_closes("GET", json!({ "truncate": 0 }));
        assert_closes("GET", json!({ "drip_ms": 1 }));
        assert_closes("HEAD", json!({}));
    }
}

#[test]
fn sends_correct_content_length_without_body() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    let head = |method: &str| {
        let (bytes, _) = sandbox.raw_request(method, path, "Connection: close\r\n\r\n");
        String::from_utf8(bytes).unwrap().to_lowercase()
    };
    let length = |head: &str| {
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        length.map(|text| text.parse::<u64>().unwrap())
    };
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "status": 204 }));
    let empty = head("GET");
    assert!(empty.starts_with("http/1.1 204"), "{empty}");
    assert!(
        length(&empty).is_none() && !empty.contains("transfer-encoding"),
        "{empty}"
    );
    let expected = length(&head("HEAD"));
    assert!(expected > Some(0));
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "headers": { "X-Why": "test" } }));
    let faulted = head("HEAD");
    assert!(faulted.contains("x-why"));
    assert_eq!(length(&faulted), expected);
}

#[test]
fn rejects_faults_without_effect() {
    let sandbox = start(&[]);
    let assert_rejected = |mut fault: Value, word: &str| {
        if fault["path"].is_null() {
            fault["path"] = "/api/v1/forums".into();
        }
        let response = sandbox.control("POST", "faults", fault.clone());
        assert!(
            response.status == 422 && response.text.contains(word),
            "{fault}: {}",
            response.text
        );
    };
    for body in ["oversize", "gzip_bomb"] {
        assert_rejected(json!({ body: 100, "close": "after" }), "close");
        assert_rejected(json!({ body: 100, "truncate": 1 }), "truncate");
        assert_rejected(json!({ body: 100, "drip_ms": 1 }), "drip_ms");
    }
    assert_rejected(json!({ "not_json": true, "body": "x" }), "not_json");
    assert_rejected(json!({ "oversize": 1, "gzip_bomb": 1 }), "oversize");
    assert_rejected(json!({ "close": "before", "status": 500 }), "status");
    assert_rejected(
        json!({ "headers": { "Content-Length": "1" } }),
        "content-length",
    );
    assert_rejected(
        json!({ "headers": { "Transfer-Encoding": "chunked" } }),
        "transfer-encoding",
    );
    for (name, field) in [
        ("retry-after", "retry_after"),
        ("Content-Type", "content_type"),
    ] {
        assert_rejected(json!({ "headers": { name: "1" }, field: "2" }), field);
    }
    for status in [204, 304] {
        assert_rejected(json!({ "status": status, "body": "x" }), "body");
        assert_rejected(json!({ "status": status, "oversize": 9 }), "oversize");
        assert_rejected(json!({ "status": status, "drip_ms": 1 }), "drip_ms");
        sandbox.add_fault(json!({ "path": "/api/v1/forums", "status": status, "body": "" }));
    }
    assert_rejected(
        json!({ "path": "/api/v1/forums?page=1", "status": 500 }),
        "query",
    );
    assert_rejected(
        json!({ "path": "/_sandbox/requests", "status": 500 }),
        "_sandbox",
    );
}

#[test]
fn random_faults_are_reproducible() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums?client=sandbox-trusted-key";
    let failures = |seed: u64| {
        sandbox.add_fault(
            json!({ "path": "/api/v1/*", "probability": 0.3, "seed": seed, "status": 500 }),
        );
        let failures: Vec<bool> = (0..60)
            .map(|_| sandbox.get_unsigned(path).status == 500)
            .collect();
        assert_eq!(sandbox.control("DELETE", "faults", Value::Null).status, 204);
        failures
    };
    let first = failures(7);
    let count = first.iter().filter(|failed| **failed).count();
    assert!((5..40).contains(&count), "{count} of 60");
    assert_eq!(failures(7), first);
    assert_ne!(failures(8), first);

    sandbox.add_fault(
        json!({ "path": "/api/v1/forums", "probability": 1.0, "times": 2, "status": 500 }),
    );
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "probability": 0.0, "status": 501 }));
    let statuses = [(); 3].map(|()| sandbox.get_unsigned(path).status);
    assert_eq!(statuses, [500, 500, 200]);
    let invalid = json!({ "path": "/", "probability": 2, "status": 500 });
    assert_eq!(sandbox.control("POST", "faults", invalid).status, 422);
}

#[test]
fn fault_with_apply_handles_the_request() {
    let sandbox = start(&[]);
    let owner = sandbox.login("owner@sandbox.example");
    let forum = |name: &str| json!({ "forum": { "name": name } });
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "status": 502 }));
    sandbox.request_as(&owner, "POST", "/api/v1/forums", forum("lost"));
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "status": 502, "apply": true }));
    sandbox.request_as(&owner, "POST", "/api/v1/forums", forum("applied"));
    let text = sandbox.get("/api/v1/forums").text;
    assert!(text.contains("applied") && !text.contains("lost"));
    assert_eq!(sandbox.control("POST", "reset", Value::Null).status, 204);
    assert!(!sandbox.get("/api/v1/forums").text.contains("applied"));
}

#[test]
fn delays_drips_and_compresses_bodies() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    let real = sandbox.get_unsigned(path).text;
    let fault = json!({ "path": "/api/v1/forums", "delay_ms": 200, "drip_ms": 1, "truncate": 300 });
    sandbox.add_fault(fault);
    let started = std::time::Instant::now();
    assert_eq!(sandbox.get_unsigned(path).text, real[..300]);
    assert!(started.elapsed() >= Duration::from_millis(500));

    sandbox.add_fault(json!({ "path": "/api/v1/forums", "gzip_bomb": 10_000_000 }));
    let response = sandbox.get_raw(path);
    let head = String::from_utf8_lossy(&response).to_lowercase();
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(response.len() < 200_000, "{}", response.len());
}

#[test]
fn affects_only_the_method_of_the_fault() {
    let sandbox = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    sandbox.add_fault(json!({ "path": "/api/v1/forums", "method": "post", "status": 500 }));
    assert_eq!(sandbox.get_unsigned(path).status, 200);
    assert_eq!(sandbox.post_form(path, &[]).status, 500);
}

#[test]
fn names_the_invalid_field_of_a_fault() {
    let sandbox = start(&[]);
    let assert_rejected = |fault: Value, message: &str| {
        let response = sandbox.control("POST", "faults", fault);
        assert_eq!(response.status, 422, "{}", response.text);
        assert!(response.text.starts_with(message), "{}", response.text);
    };
    assert_rejected(json!({ "status": 500 }), "missing field `path`");
    assert_rejected(json!({ "path": "/x", "status": 70_000 }), "status: ");
    assert_rejected(json!({ "path": "/x", "retry_after": 1 }), "retry_after: ");
    assert_rejected(
        json!({ "path": "/x", "headers": { "A": 1 } }),
        "headers.A: ",
    );
    assert_rejected(json!({ "path": "/x", "close": "never" }), "close: ");
    assert_rejected(json!({ "path": "/x", "method": "" }), "method: ");
    assert_rejected(json!([{ "path": "/x" }, { "path": 1 }]), "path: ");
    assert_rejected(json!(3), "invalid type: integer `3`, expected a fault");
    assert_rejected(
        json!({ "path": "/api/*/users" }),
        "path: must have '*' only",
    );
    // A list with an invalid fault adds none of its faults.
    assert_eq!(
        sandbox.control("GET", "faults", Value::Null).json(),
        json!([])
    );
}
