//! Sends events to the receiver: form-encoded, and signed with the SSO key.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, Uri};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use time::OffsetDateTime;

use super::event::Event;
use crate::auth::credentials::SSO_KEY;
use crate::data::OWNER;
use crate::journal::Identity;
use crate::site::{Site, SiteState};

const TIMEOUT: Duration = Duration::from_secs(10);

/// A webhook that was sent, for the pages.
pub struct Delivery {
    pub event: &'static str,
    pub sent_at: OffsetDateTime,
    /// The status of the receiver's response, or why there is none.
    pub result: Result<u16, String>,
}

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

/// Sends what a request has changed. `identity` is its sender, if it is known.
pub fn send_changes(site: &Arc<Site>, method: &Method, identity: Option<&Identity>, origin: &str) {
    if [Method::GET, Method::HEAD].contains(method) {
        return;
    }
    let mut state = site.lock();
    if state.webhooks.receiver.is_none() {
        return;
    }
    let SiteState { webhooks, data, .. } = &mut *state;
    let email = identity.and_then(|identity| identity.acting_as.as_deref());
    let user = email.and_then(|email| data.user_by_email(email));
    let user = user.map_or(OWNER, |user| user.id);
    let events = webhooks.changes.observe(data, user, site.now());
    send(site, &state, &events, origin);
}

/// Sends events to the receiver, if there is one: in the background, one after the other.
pub fn send(site: &Arc<Site>, state: &SiteState, events: &[Event], origin: &str) {
    let Some(url) = state.webhooks.receiver.clone() else {
        return;
    };
    if events.is_empty() {
        return;
    }
    let audits = &state.webhooks.changes.audits;
    let data = |event: &Event| event.data(&state.data, audits, origin);
    let events: Vec<(&'static str, Value)> = events
        .iter()
        .map(|event| (event.name(), data(event)))
        .collect();
    let site = site.clone();
    tokio::task::spawn_blocking(move || {
        for (event, data) in events {
            deliver(&site, &url, event, &data);
        }
    });
}

fn deliver(site: &Site, url: &str, event: &'static str, data: &Value) {
    let sent = ureq::post(url)
        .config()
        .timeout_global(Some(TIMEOUT))
        .build()
        .header("content-type", "application/x-www-form-urlencoded")
        .send(signed_form(event, &data.to_string()));
    let result = match sent {
        Ok(response) => Ok(response.status().as_u16()),
        Err(ureq::Error::StatusCode(status)) => Ok(status),
        Err(error) => Err(error.to_string()),
    };
    if !matches!(result, Ok(200..300)) {
        let reason = match &result {
            Ok(status) => format!("http status: {status}"),
            Err(error) => error.clone(),
        };
        site.log.line(format!(
            "uservoice-sandbox: webhook {event} to {url}: {reason}"
        ));
    }
    site.lock().webhooks.add_delivery(Delivery {
        event,
        sent_at: site.now(),
        result,
    });
}
