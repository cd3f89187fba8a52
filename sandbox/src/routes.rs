//! Maps URLs to their handlers.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use crate::site::Site;
use crate::{control, end_users, pages, response, v1, v2};

pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/api/v1/{*path}", any(v1::api))
        .route("/oauth/request_token", post(v1::request_token))
        .route("/oauth/access_token", post(v1::access_token))
        .route("/api/v2/admin/{*path}", any(v2::api))
        .route("/api/v2/oauth/token", post(v2::token))
        .route("/api/end_users/{*path}", any(end_users::api))
        .route("/attachments/{token}/{name}", get(v2::download))
        .route("/_sandbox/reset", post(control::reset))
        .route("/_sandbox/expire_tokens", post(control::expire_tokens))
        .route(
            "/_sandbox/requests",
            get(control::requests).delete(control::clear_requests),
        )
        .route(
            "/_sandbox/faults",
            get(control::faults)
                .post(control::add_faults)
                .delete(control::clear_faults),
        )
        .route(
            "/_sandbox/webhooks",
            get(pages::webhooks).post(control::send_webhook),
        )
        .merge(pages::router(site.clone()))
        .fallback(async || response::page_not_found())
        // `server` has read the whole body already, up to its own limit.
        .layer(DefaultBodyLimit::disable())
        .with_state(site)
}
