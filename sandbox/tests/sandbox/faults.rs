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
