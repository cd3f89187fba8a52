//! Maps the URLs of the pages to their handlers.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::{
    assets, authorize, control, forums, home, journal, knowledge, people, sign_in, single_sign_on,
    take_part, tickets, visitor, webhooks,
};
use crate::site::Site;

pub fn router(site: Arc<Site>) -> Router<Arc<Site>> {
    let follow_link = from_fn_with_state(site, single_sign_on::follow_link);
    records()
        .route_layer(follow_link)
        .merge(logins())
        .merge(sandbox())
        .route(
            "/forums/{forum}/suggestions/{id}/votes",
            post(take_part::vote),
        )
        .route(
            "/forums/{forum}/suggestions/{id}/comments",
            post(take_part::comment),
        )
}

/// The pages that a single sign-on link may lead to.
fn records() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(home::home))
        .route("/forums/{forum}", get(forums::forum))
        .route("/forums/{forum}/suggestions/{id}", get(forums::suggestion))
        .route("/admin/v3/suggestions/{id}", get(forums::admin_suggestion))
        .route("/admin/tickets/{id}", get(tickets::ticket))
        .route(
            "/ticket_messages/{message}/attachments/{index}",
            get(tickets::attachment),
        )
        .route("/users/{id}", get(people::user))
        .route("/avatars/{file}", get(people::picture))
        .route("/knowledgebase", get(knowledge::articles))
        .route("/knowledgebase/articles/{id}", get(knowledge::article))
}

fn logins() -> Router<Arc<Site>> {
    Router::new()
        .route(
            "/oauth/authorize",
            get(authorize::authorize).post(authorize::submit_authorize),
        )
        .route(
            "/api/v2/oauth/auth",
            get(sign_in::sign_in).post(sign_in::submit_sign_in),
        )
}

fn sandbox() -> Router<Arc<Site>> {
    Router::new()
        .route("/_sandbox/site.css", get(assets::style))
        .route("/_sandbox/site.js", get(assets::script))
        .route("/_sandbox/sign_in", post(visitor::submit))
        .route("/_sandbox/sign_out", post(visitor::sign_out))
        .route("/_sandbox", get(journal::page))
        .route("/_sandbox/journal", get(journal::new_requests))
        .route("/_sandbox/journal/{number}", get(journal::details))
        .route("/_sandbox/clear_requests", post(journal::clear))
        .route("/_sandbox/control", get(control::page))
        .route("/_sandbox/control/faults", post(control::add_fault))
        .route(
            "/_sandbox/control/remove_fault",
            post(control::remove_fault),
        )
        .route(
            "/_sandbox/control/clear_faults",
            post(control::clear_faults),
        )
        .route("/_sandbox/control/rate_limit", post(control::rate_limit))
        .route(
            "/_sandbox/control/expire_tokens",
            post(control::expire_tokens),
        )
        .route("/_sandbox/control/reset", post(control::reset))
        .route("/_sandbox/webhooks/receiver", post(webhooks::set_receiver))
        .route("/_sandbox/webhooks/send", post(webhooks::send))
}
