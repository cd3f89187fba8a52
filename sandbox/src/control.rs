//! `/_sandbox/…`: what tests ask of the sandbox. No signature is needed here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::faults::Fault;
use crate::site::{Site, World};

pub async fn requests(State(site): State<Arc<Site>>) -> Response {
    Json(site.world().journal.entries()).into_response()
}

pub async fn forget_requests(State(site): State<Arc<Site>>) -> StatusCode {
    site.world().journal.clear();
    StatusCode::NO_CONTENT
}

/// Everything as it was at the start.
pub async fn reset(State(site): State<Arc<Site>>) -> StatusCode {
    *site.world() = World::new(&site.settings);
    StatusCode::NO_CONTENT
}

/// No bearer token is good any more.
pub async fn expire_tokens(State(site): State<Arc<Site>>) -> StatusCode {
    site.world().bearers.expire();
    StatusCode::NO_CONTENT
}

pub async fn faults(State(site): State<Arc<Site>>) -> Response {
    Json(site.world().faults.remaining()).into_response()
}

pub async fn clear_faults(State(site): State<Arc<Site>>) -> StatusCode {
    site.world().faults.clear();
    StatusCode::NO_CONTENT
}

/// One fault, or an array of them.
pub async fn add_faults(State(site): State<Arc<Site>>, Json(given): Json<Value>) -> Response {
    let list = match given {
        Value::Array(list) => list,
        one => vec![one],
    };
    let faults: Result<Vec<Fault>, _> = list.into_iter().map(serde_json::from_value).collect();
    let added = faults
        .map_err(|why| why.to_string())
        .and_then(|faults| site.world().faults.add(faults));
    match added {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{why}\n")).into_response(),
    }
}
