//! Faults, limits, the list of requests, TLS, and the end.

use super::*;

#[test]
fn faults_come_when_and_how_they_were_asked_for() {
    let site = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    site.fault(json!({ "path": "/api/v1/forums", "times": 2, "after": 1, "status": 503, "retry_after": "1" }));
    assert_eq!(site.plain(path).status, 200);
    let failed = site.plain(path);
    assert_eq!((failed.status, failed.header("retry-after")), (503, "1"));
    assert_eq!(site.plain(path).status, 503);
    assert_eq!(site.plain(path).status, 200);

    site.fault(json!({ "path": "/api/v1/f*", "not_json": true }));
    assert!(serde_json::from_str::<Value>(&site.plain(path).text).is_err());
    site.fault(json!({ "path": "/api/v1/forums", "truncate": 7 }));
    assert_eq!(site.plain(path).text.len(), 7);
    site.fault(json!({ "path": "/api/v1/forums", "oversize": 200_000 }));
    assert_eq!(site.plain(path).text.len(), 200_000);

    site.fault(json!({ "path": "/api/v1/forums", "close": "before" }));
    assert_eq!(site.raw(path), b"");
    site.fault(json!({ "path": "/api/v1/forums", "close": "middle" }));
    let text = String::from_utf8(site.raw(path)).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
    // The whole answer, no word of the end, and the end.
    site.fault(json!({ "path": "/api/v1/forums", "close": "after" }));
    let text = String::from_utf8(site.raw(path)).unwrap();
    assert!(
        text.ends_with("]}") && !text.to_lowercase().contains("connection:"),
        "{text}"
    );

    let wrong = site.control("POST", "faults", json!({ "path": "/", "colour": 1 }));
    assert!(
        wrong.status == 422 && wrong.text.contains("colour"),
        "{}",
        wrong.text
    );
    site.fault(json!({ "path": "/api/v1/forums", "status": 500 }));
    assert_eq!(site.control("DELETE", "faults", Value::Null).status, 204);
    assert_eq!(site.plain(path).status, 200);
}

#[test]
fn a_connection_closes_after_an_answer_without_a_body() {
    let site = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    for close in ["middle", "after"] {
        let closes = |method: &str, mut fault: Value| {
            fault["path"] = "/api/v1/forums".into();
            fault["close"] = close.into();
            site.fault(fault);
            let (bytes, closed) = site.exchanged(method, path, "\r\n");
            let text = String::from_utf8(bytes).unwrap();
            let announced = text.to_lowercase().contains("connection:");
            assert!(
                closed && text.starts_with("HTTP/1.1 2") && !announced,
                "{method} {close}: {text}"
            );
        };
        closes("GET", json!({ "status": 204 }));
        closes("GET", json!({ "body": "" }));
        closes("GET", json!({ "truncate": 0 }));
        closes("GET", json!({ "drip_ms": 1 }));
        closes("HEAD", json!({}));
    }
}

#[test]
fn answers_without_a_body_have_their_own_length() {
    let site = start(&[]);
    let path = "/api/v1/forums.json?client=sandbox-trusted-key";
    let head = |method: &str| {
        let (bytes, _) = site.exchanged(method, path, "Connection: close\r\n\r\n");
        String::from_utf8(bytes).unwrap().to_lowercase()
    };
    let length = |head: &str| {
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        length.map(|text| text.parse::<u64>().unwrap())
    };
    site.fault(json!({ "path": "/api/v1/forums", "status": 204 }));
    let empty = head("GET");
    assert!(empty.starts_with("http/1.1 204"), "{empty}");
    assert!(
        length(&empty).is_none() && !empty.contains("transfer-encoding"),
        "{empty}"
    );
    let usual = length(&head("HEAD"));
    assert!(usual > Some(0));
    site.fault(json!({ "path": "/api/v1/forums", "headers": { "X-Why": "test" } }));
    let faulted = head("HEAD");
    assert!(faulted.contains("x-why"));
    assert_eq!(length(&faulted), usual);
}

#[test]
fn a_fault_that_would_do_nothing_is_refused() {
    let site = start(&[]);
    let refused = |mut fault: Value, word: &str| {
        if fault["path"].is_null() {
            fault["path"] = "/api/v1/forums".into();
        }
        let answer = site.control("POST", "faults", fault.clone());
        assert!(
            answer.status == 422 && answer.text.contains(word),
            "{fault}: {}",
            answer.text
        );
    };
    for body in ["oversize", "gzip_bomb"] {
        refused(json!({ body: 100, "close": "after" }), "close");
        refused(json!({ body: 100, "truncate": 1 }), "truncate");
        refused(json!({ body: 100, "drip_ms": 1 }), "drip_ms");
    }
    refused(json!({ "not_json": true, "body": "x" }), "not_json");
    refused(json!({ "oversize": 1, "gzip_bomb": 1 }), "oversize");
    refused(json!({ "close": "before", "status": 500 }), "status");
    refused(
        json!({ "headers": { "Content-Length": "1" } }),
        "content-length",
    );
    refused(
        json!({ "headers": { "Transfer-Encoding": "chunked" } }),
        "transfer-encoding",
    );
    refused(
        json!({ "path": "/api/v1/forums?page=1", "status": 500 }),
        "query",
    );
    refused(
        json!({ "path": "/_sandbox/requests", "status": 500 }),
        "_sandbox",
    );
}

#[test]
fn who_called_is_known_of_calls_that_the_application_never_saw() {
    let site = start(&["--rate-limit", "3"]);
    let user = site.user("user2@sandbox.example");
    let bearer = site.bearer();
    site.control("DELETE", "requests", Value::Null);
    site.fault(json!({ "path": "/api/v*", "times": 4, "status": 503 }));
    site.acting(&user, "GET", "/api/v1/forums", Value::Null);
    site.get("/api/v1/forums");
    site.v2(&bearer, "GET", "users", Value::Null);
    site.plain("/api/v1/forums?client=sandbox-trusted-key");
    let called = || {
        site.acting(&user, "GET", "/api/v1/forums", Value::Null)
            .status
    };
    assert_eq!([(); 3].map(|()| called()), [200, 200, 429]);

    let seen = site.requests();
    let who = |at: usize| {
        (
            seen[at]["signed"].as_bool().unwrap(),
            seen[at]["for"].as_str().unwrap(),
        )
    };
    assert_eq!(who(0), (true, "user2@sandbox.example"));
    assert_eq!(who(1), (true, "sandbox-trusted-key"));
    assert_eq!(who(2), (true, "owner@sandbox.example"));
    assert_eq!(who(3), (false, "sandbox-trusted-key"));
    assert_eq!(seen[6]["status"], 429);
    assert_eq!(who(6), (true, "user2@sandbox.example"));
}

#[test]
fn a_slow_call_costs_more_of_the_rate_limit() {
    let site = start(&["--rate-limit", "10", "--latency-ms", "1000"]);
    let left = site.get("/api/v1/forums");
    let left: u64 = left.header("x-rate-limit-remaining").parse().unwrap();
    assert!(left <= 8, "{left}");
}

#[test]
fn faults_come_at_random_and_the_same_every_time() {
    let site = start(&[]);
    let path = "/api/v1/forums?client=sandbox-trusted-key";
    let met = |seed: u64| {
        site.fault(json!({ "path": "/api/v1/*", "probability": 0.3, "seed": seed, "status": 500 }));
        let met: Vec<bool> = (0..60).map(|_| site.plain(path).status == 500).collect();
        assert_eq!(site.control("DELETE", "faults", Value::Null).status, 204);
        met
    };
    let first = met(7);
    let count = first.iter().filter(|met| **met).count();
    assert!((5..40).contains(&count), "{count} of 60");
    assert_eq!(met(7), first);
    assert_ne!(met(8), first);

    site.fault(json!({ "path": "/api/v1/forums", "probability": 1.0, "times": 2, "status": 500 }));
    site.fault(json!({ "path": "/api/v1/forums", "probability": 0.0, "status": 501 }));
    let statuses = [(); 3].map(|()| site.plain(path).status);
    assert_eq!(statuses, [500, 500, 200]);
    let wrong = json!({ "path": "/", "probability": 2, "status": 500 });
    assert_eq!(site.control("POST", "faults", wrong).status, 422);
}

#[test]
fn a_fault_can_hide_a_call_that_was_made() {
    let site = start(&[]);
    let owner = site.user("owner@sandbox.example");
    let forum = |name: &str| json!({ "forum": { "name": name } });
    site.fault(json!({ "path": "/api/v1/forums", "status": 502 }));
    site.acting(&owner, "POST", "/api/v1/forums", forum("lost"));
    site.fault(json!({ "path": "/api/v1/forums", "status": 502, "apply": true }));
    site.acting(&owner, "POST", "/api/v1/forums", forum("kept"));
    let text = site.get("/api/v1/forums").text;
    assert!(text.contains("kept") && !text.contains("lost"));
    assert_eq!(site.control("POST", "reset", Value::Null).status, 204);
    assert!(!site.get("/api/v1/forums").text.contains("kept"));
}

#[test]
fn the_rate_limit_answers_as_the_service_does() {
    let site = start(&["--rate-limit", "2"]);
    let first = site.get("/api/v1/forums");
    assert_eq!(
        (first.status, first.header("x-rate-limit-remaining")),
        (200, "1")
    );
    site.get("/api/v1/forums");
    let refused = site.get("/api/v1/forums");
    assert_eq!(refused.status, 429);
    assert!(serde_json::from_str::<Value>(&refused.text).is_err());
    let wait = refused.header("retry-after").parse::<i64>().unwrap() - now();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[test]
fn requests_are_written_down() {
    let site = start(&[]);
    site.get("/api/v1/forums?page=1");
    site.plain("/api/v1/users");
    let list = site.control("GET", "requests", Value::Null).json();
    assert_eq!(list[0]["query"], "page=1");
    assert_eq!(
        (&list[0]["signed"], &list[0]["for"]),
        (&json!(true), &json!("sandbox-trusted-key"))
    );
    assert_eq!(
        (&list[1]["signed"], &list[1]["status"]),
        (&json!(false), &json!(401))
    );
    let page = site.plain("/_sandbox").text;
    assert!(page.contains("/api/v1/forums?page=1"));
    site.control("DELETE", "requests", Value::Null);
    assert_eq!(
        site.control("GET", "requests", Value::Null).json(),
        json!([])
    );
}

#[test]
fn tls_with_its_own_authority() {
    use ureq::tls::{Certificate, RootCerts, TlsConfig};
    let site = start(&["--tls"]);
    let file = site.told["ca_file"].as_str().unwrap().to_string();
    let authority = Certificate::from_pem(&std::fs::read(&file).unwrap()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[authority]))
        .build();
    let http = Agent::new_with_config(Agent::config_builder().tls_config(tls).proxy(None).build());
    assert!(http.get(format!("{}/", site.url())).call().is_ok());
    assert!(site.http.get(format!("{}/", site.url())).call().is_err());
}

/// What OpenSSL asks of a certificate, above all as Python has it do.
#[test]
fn the_certificate_is_for_strict_readers() {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};
    let site = start(&["--tls"]);
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(site.told["ca_file"].as_str().unwrap());
    roots.add(authority.unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let name = ServerName::try_from("sandbox.localhost").unwrap();
    let config = std::sync::Arc::new(config.with_no_client_auth());
    let mut tls = ClientConnection::new(config, name).unwrap();
    let address = site.url().strip_prefix("https://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut stream).unwrap();
    }
    let certificate = &tls.peer_certificates().unwrap()[0];
    let holds = |bytes: &[u8]| certificate.windows(bytes.len()).any(|part| part == bytes);
    // The authority key identifier, 2.5.29.35.
    assert!(holds(&[0x06, 0x03, 0x55, 0x1d, 0x23]));
    assert!(holds(b"sandbox.localhost"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_it_and_leaves_nothing() {
    let mut site = start(&["--tls"]);
    let file = site.told["ca_file"].as_str().unwrap().to_string();
    let pid = site.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(site.process.wait().unwrap().success());
    assert!(!std::path::Path::new(&file).exists());
}
