//! Web hooks: tells another program when something changes, as the service does.

use axum::http::{Method, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::sso;

/// The event that an answered call is, if it is one.
fn event(method: &Method, path: &str) -> Option<&'static str> {
    let path = path.strip_suffix(".json").unwrap_or(path);
    let last = path.rsplit('/').next()?;
    match (method.as_str(), last) {
        ("POST", "suggestions") => Some("new_suggestion"),
        ("POST", "comments") => Some("new_comment"),
        ("POST", "tickets") => Some("new_ticket"),
        ("POST", "ticket_messages") => Some("new_ticket_reply"),
        ("PUT", "respond") => Some("suggestion_status_update"),
        _ => None,
    }
}

/// The delivery: form-encoded, its data signed with the SSO key.
fn delivery(event: &str, data: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(sso::KEY.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(data.as_bytes());
    let signature = mac.finalize().into_bytes();
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    form_urlencoded::Serializer::new(String::new())
        .append_pair("event", event)
        .append_pair("data", data)
        .append_pair("signature", &hex)
        .finish()
}

/// Sends what an answered call tells to `url`, and does not wait for it.
pub fn tell(url: &str, method: &Method, path: &str, status: StatusCode, answer: &[u8]) {
    let Some(event) = event(method, path).filter(|_| status.is_success()) else {
        return;
    };
    // The same JSON, but in one line and sure to be UTF-8.
    let Ok(data) = serde_json::from_slice::<Value>(answer) else {
        return;
    };
    let (url, body) = (url.to_string(), delivery(event, &data.to_string()));
    tokio::task::spawn_blocking(move || {
        let sent = ureq::post(&url)
            .header("content-type", "application/x-www-form-urlencoded")
            .send(body);
        if let Err(why) = sent {
            eprintln!("uservoice-sandbox: web hook {event} to {url}: {why}");
        }
    });
}
