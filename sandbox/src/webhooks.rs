//! Webhooks: notifies another program of changes, as the service does.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{Method, Response, Uri};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::auth::credentials::SSO_KEY;
use crate::log::Log;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Validates the URL of a receiver.
pub fn parse_receiver(text: &str) -> Result<String, String> {
    let url: Uri = text.parse().map_err(|error| format!("{error}"))?;
    if url.scheme_str() == Some("https") {
        return Err("webhooks are sent without TLS: use an http:// URL".into());
    }
    if url.scheme_str() != Some("http") || url.host().is_none_or(str::is_empty) {
        return Err("not a URL such as http://127.0.0.1:9000/hooks".into());
    }
    Ok(text.into())
}

/// Returns the event that a request triggers, if any.
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

/// Returns the form-encoded body of a webhook, with its data signed with the SSO key.
fn signed_form(event: &str, data: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SSO_KEY.as_bytes())
        .expect("HMAC accepts keys of any length");
    mac.update(data.as_bytes());
    let signature = mac.finalize().into_bytes();
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    form_urlencoded::Serializer::new(String::new())
        .append_pair("event", event)
        .append_pair("data", data)
        .append_pair("signature", &hex)
        .finish()
}

/// Sends the event of a successful request to `url` in the background, if it has one.
pub fn send(log: &Log, url: &str, request: &Parts, response: &Response<Bytes>) {
    let event = event(&request.method, request.uri.path());
    let Some(event) = event.filter(|_| response.status().is_success()) else {
        return;
    };
    // Parsed and serialized again, so that it is one line and valid UTF-8.
    let Ok(data) = serde_json::from_slice::<Value>(response.body()) else {
        return;
    };
    let (log, url) = (log.clone(), url.to_string());
    let body = signed_form(event, &data.to_string());
    tokio::task::spawn_blocking(move || {
        let sent = ureq::post(&url)
            .config()
            .timeout_global(Some(TIMEOUT))
            .build()
            .header("content-type", "application/x-www-form-urlencoded")
            .send(body);
        if let Err(error) = sent {
            log.line(format!(
                "uservoice-sandbox: webhook {event} to {url}: {error}"
            ));
        }
    });
}
