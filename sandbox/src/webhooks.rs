//! Web hooks: tells another program when something changes, as the service does.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{Method, Response, Uri};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::log::Log;
use crate::sso;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A URL that web hooks can be sent to, or why they cannot.
pub fn receiver(text: &str) -> Result<String, String> {
    let url: Uri = text.parse().map_err(|why| format!("{why}"))?;
    if url.scheme_str() == Some("https") {
        return Err("web hooks are sent without TLS: give an http:// URL".into());
    }
    if url.scheme_str() != Some("http") || url.host().is_none_or(str::is_empty) {
        return Err("not a URL such as http://127.0.0.1:9000/hooks".into());
    }
    Ok(text.into())
}

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
pub fn tell(log: &Log, url: &str, head: &Parts, answer: &Response<Bytes>) {
    let event = event(&head.method, head.uri.path());
    let Some(event) = event.filter(|_| answer.status().is_success()) else {
        return;
    };
    // The same JSON, but in one line and sure to be UTF-8.
    let Ok(data) = serde_json::from_slice::<Value>(answer.body()) else {
        return;
    };
    let (log, url) = (log.clone(), url.to_string());
    let body = delivery(event, &data.to_string());
    tokio::task::spawn_blocking(move || {
        let sent = ureq::post(&url)
            .config()
            .timeout_global(Some(PATIENCE))
            .build()
            .header("content-type", "application/x-www-form-urlencoded")
            .send(body);
        if let Err(why) = sent {
            log.line(format!(
                "uservoice-sandbox: web hook {event} to {url}: {why}"
            ));
        }
    });
}
