//! Every way in which the sandbox knows to fail.

use serde_json::{Value, json};

/// Calls that fail, of all.
const SHARE: f64 = 0.02;

/// The share of a fault that holds all threads back for a second.
const RARE: f64 = 0.0002;

/// None of them says "not taken" (429, or 503 with `Retry-After`) about a call that it
/// lets through: after these the client may send a write again.
pub fn at_random(seed: u64) -> Value {
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
    let usual = (SHARE - RARE * rare.len() as f64) / faults.len() as f64;
    for fault in &mut faults {
        fault["probability"] = usual.into();
    }
    for mut fault in rare {
        fault["probability"] = RARE.into();
        faults.push(fault);
    }
    for fault in &mut faults {
        fault["path"] = "/api/v1/*".into();
    }
    faults[0]["seed"] = seed.into();
    faults.into()
}
