//! The faults of the sandbox, one of each kind.

use serde_json::{Value, json};

/// The probability that a request fails.
const PROBABILITY: f64 = 0.02;

/// The probability of each fault that makes all threads wait for a second.
const RARE_PROBABILITY: f64 = 0.0002;

/// Returns random faults. None reports that the service did not handle the request (429, or 503
/// with `Retry-After`) although it did: after these the client may repeat a write.
pub fn random(seed: u64) -> Value {
    let mut faults = vec![
        json!({ "status": 500 }),
        json!({ "status": 500, "apply": true }),
        json!({ "status": 502 }),
        json!({ "status": 503, "apply": true }),
        json!({ "status": 503, "retry_after": "1" }),
        json!({ "status": 504, "apply": true }),
        json!({ "status": 408 }),
        json!({ "status": 401 }),
        json!({ "status": 404, "method": "GET" }),
        json!({ "status": 422 }),
        json!({ "status": 429 }),
        json!({ "status": 302, "headers": { "Location": "http://127.0.0.1:1/elsewhere" } }),
        json!({ "status": 200, "content_type": "text/html", "body": "<html></html>" }),
        json!({ "close": "before" }),
        json!({ "close": "before", "apply": true }),
        json!({ "close": "middle" }),
        json!({ "close": "after" }),
        json!({ "truncate": 20 }),
        json!({ "not_json": true }),
        json!({ "not_json": true, "apply": true }),
        json!({ "oversize": 4 << 20 }),
        json!({ "gzip_bomb": 1 << 30 }),
        json!({ "delay_ms": 100 }),
        json!({ "delay_ms": 10_000 }),
        json!({ "drip_ms": 300 }),
    ];
    let rare = [
        json!({ "status": 429, "retry_after": "1" }),
        json!({ "headers": { "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1" } }),
    ];
    let probability = (PROBABILITY - RARE_PROBABILITY * rare.len() as f64) / faults.len() as f64;
    for fault in &mut faults {
        fault["probability"] = probability.into();
    }
    for mut fault in rare {
        fault["probability"] = RARE_PROBABILITY.into();
        faults.push(fault);
    }
    for fault in &mut faults {
        fault["path"] = "/api/v1/*".into();
    }
    faults[0]["seed"] = seed.into();
    faults.into()
}
