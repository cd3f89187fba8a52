//! The rate limit.

use super::*;

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
fn slow_request_uses_more_of_the_rate_limit() {
    let sandbox = start(&["--rate-limit", "10", "--latency-ms", "1000"]);
    let response = sandbox.get("/api/v1/forums");
    let remaining: u64 = response.header("x-rate-limit-remaining").parse().unwrap();
    assert!(remaining <= 8, "{remaining}");
}

/// UserVoice's C# SDK looks them up with these letters, although HTTP ignores their case.
#[test]
fn header_names_are_capitalized() {
    let sandbox = start(&["--records", "10"]);
    let path = "/api/v1/forums.json?client=sandbox-untrusted-key";
    let (response, _) = sandbox.raw_request("GET", path, "Connection: close\r\n\r\n");
    let response = String::from_utf8(response).unwrap();
    for name in ["Limit", "Remaining", "Reset"] {
        let header = format!("\r\nX-Rate-Limit-{name}: ");
        assert!(response.contains(&header), "{response}");
    }
}
