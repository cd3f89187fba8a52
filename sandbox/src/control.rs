//! `/_sandbox/…`: the control interface for tests. It needs no signature.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use crate::faults::Fault;
use crate::site::Site;
use crate::webhooks::{self, Event};

pub async fn requests(State(site): State<Arc<Site>>) -> Response {
    Json(site.lock().journal.entries()).into_response()
}

pub async fn clear_requests(State(site): State<Arc<Site>>) -> StatusCode {
    site.lock().journal.clear();
    StatusCode::NO_CONTENT
}

pub async fn reset(State(site): State<Arc<Site>>) -> StatusCode {
    site.reset();
    StatusCode::NO_CONTENT
}

pub async fn expire_tokens(State(site): State<Arc<Site>>) -> StatusCode {
    site.lock().bearer_tokens.expire_all();
    StatusCode::NO_CONTENT
}

pub async fn faults(State(site): State<Arc<Site>>) -> Response {
    Json(site.lock().faults.pending()).into_response()
}

pub async fn clear_faults(State(site): State<Arc<Site>>) -> StatusCode {
    site.lock().faults.clear();
    StatusCode::NO_CONTENT
}

/// Adds one fault, or an array of them.
pub async fn add_faults(State(site): State<Arc<Site>>, Json(body): Json<Value>) -> Response {
    let faults = match body {
        Value::Array(faults) => faults,
        fault => vec![fault],
    };
    let faults: Result<Vec<Fault>, String> = faults.iter().map(Fault::parse).collect();
    let added = faults.and_then(|faults| site.lock().faults.add(faults));
    match added {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{error}\n")).into_response(),
    }
}

#[derive(Deserialize)]
pub struct Webhook {
    event: String,
}

/// Sends a webhook with this event, about the newest record of its kind.
pub async fn send_webhook(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Json(webhook): Json<Webhook>,
) -> Response {
    match send_sample(&site, &webhook.event, &site.origin(&headers)) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{error}\n")).into_response(),
    }
}

pub fn send_sample(site: &Arc<Site>, event: &str, origin: &str) -> Result<(), String> {
    let state = site.lock();
    if state.webhooks.receiver().is_none() {
        return Err(
            "There is no receiver: start the sandbox with --webhook-url, or set it at \
                    /_sandbox/webhooks"
                .into(),
        );
    }
    let sample = Event::sample(event, &state.data, site.now())
        .ok_or_else(|| format!("event: {event:?} is unknown, or there is no record for it"))?;
    webhooks::send(site, &state, &[sample], origin);
    Ok(())
}
