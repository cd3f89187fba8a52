//! Faults, the rate limit, the journal, TLS, and stopping the sandbox.

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
        .find_map(|line| line.strip_prefix("content-length: "))
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
fn slow_request_uses_more_of_the_rate_limit() {
    let sandbox = start(&["--rate-limit", "10", "--latency-ms", "1000"]);
    let response = sandbox.get("/api/v1/forums");
    let remaining: u64 = response.header("x-rate-limit-remaining").parse().unwrap();
    assert!(remaining <= 8, "{remaining}");
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
fn rate_limit_responds_429_with_retry_after() {
    let sandbox = start(&["--rate-limit", "2"]);
    let first = sandbox.get("/api/v1/forums");
    assert_eq!(
        (first.status, first.header("x-rate-limit-remaining")),
        (200, "1")
    );
    sandbox.get("/api/v1/forums");
    let rejected = sandbox.get("/api/v1/forums");
    assert_eq!(rejected.status, 429);
    assert!(serde_json::from_str::<Value>(&rejected.text).is_err());
    let wait = rejected.header("retry-after").parse::<i64>().unwrap() - now();
    assert!((1..=60).contains(&wait), "{wait}");
}

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
fn serves_tls_with_generated_authority() {
    use ureq::tls::{Certificate, RootCerts, TlsConfig};
    let sandbox = start(&["--tls"]);
    let file = sandbox.start_up["ca_file"].as_str().unwrap().to_string();
    let authority = Certificate::from_pem(&std::fs::read(&file).unwrap()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[authority]))
        .build();
    let http = Agent::new_with_config(Agent::config_builder().tls_config(tls).proxy(None).build());
    assert!(http.get(format!("{}/", sandbox.url())).call().is_ok());
    assert!(
        sandbox
            .http
            .get(format!("{}/", sandbox.url()))
            .call()
            .is_err()
    );
}

/// Checks what OpenSSL requires of a certificate in strict mode, which Python uses.
#[test]
fn certificate_satisfies_strict_verifiers() {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};
    let sandbox = start(&["--tls"]);
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(sandbox.start_up["ca_file"].as_str().unwrap());
    roots.add(authority.unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let name = ServerName::try_from("sandbox.localhost").unwrap();
    let config = std::sync::Arc::new(config.with_no_client_auth());
    let mut tls = ClientConnection::new(config, name).unwrap();
    let address = sandbox.url().strip_prefix("https://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut stream).unwrap();
    }
    let certificate = &tls.peer_certificates().unwrap()[0];
    let contains = |bytes: &[u8]| {
        certificate
            .windows(bytes.len())
            .any(|window| window == bytes)
    };
    // The object identifier of the authority key identifier, 2.5.29.35.
    assert!(contains(&[0x06, 0x03, 0x55, 0x1d, 0x23]));
    assert!(contains(b"sandbox.localhost"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_it_and_deletes_the_ca_file() {
    let mut sandbox = start(&["--tls"]);
    let file = sandbox.start_up["ca_file"].as_str().unwrap().to_string();
    let pid = sandbox.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(sandbox.process.wait().unwrap().success());
    assert!(!std::path::Path::new(&file).exists());
}
