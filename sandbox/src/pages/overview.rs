//! `/_sandbox`: the last requests.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::html::html_response;
use crate::site::Site;

/// Shows the last requests, newest first.
pub async fn overview(State(site): State<Arc<Site>>) -> Response {
    const MAX_ROWS: usize = 200;
    let state = site.lock();
    let entries = state.journal.entries();
    let content = html! {
        p { "The last " (entries.len().min(MAX_ROWS)) " of " (entries.len())
            " requests, newest first. As JSON: "
            a href="/_sandbox/requests" { "/_sandbox/requests" } }
        table {
            tr { th { "Method" } th { "Path" } th { "Status" } th { "Signed" } th { "For" } }
            @for entry in entries.iter().rev().take(MAX_ROWS) {
                tr {
                    td { (entry.method) }
                    td { (entry.path) @if !entry.query.is_empty() { "?" (entry.query) } }
                    td .bad[entry.status >= 400] { (entry.status) }
                    td { @if entry.identity.signed { "yes" } @else { "no" } }
                    td { (entry.identity.acting_as.as_deref().unwrap_or("-")) }
                }
            }
        }
    };
    html_response(StatusCode::OK, "UserVoice sandbox", content)
}
