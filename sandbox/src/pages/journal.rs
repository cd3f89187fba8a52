//! `/_sandbox` and `/_sandbox/journal…`: the last requests, as they arrive.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::form::Fields;
use super::html::{not_found, site_page};
use super::visitor::Visitor;
use super::{mask, parts};
use crate::journal::{Authentication, Entry, MAX_RESPONSES, header_map};
use crate::site::{Site, SiteState};

pub async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let state = site.lock();
    let total = state.journal.requests().count();
    let content = html! {
        div .heading {
            h1 { "Requests" }
            form .inline method="post" action="/_sandbox/clear_requests" {
                label .check hidden { input #live type="checkbox" checked; "Live" }
                button { "Clear" }
            }
        }
        p .meta {
            "The last " span #shown { (total.min(MAX_RESPONSES)) } " of "
            span #total { (parts::count(total, "request")) } ", newest first, without views of these pages. "
            "Secrets are masked, but not in the " a href="/_sandbox/requests" { "JSON" } "."
        }
        (list(&state, MAX_RESPONSES))
        p .empty #no-requests hidden[total > 0] { "No requests yet. They appear here as they arrive." }
    };
    site_page(&visitor, "/_sandbox", "Requests", content)
}

/// The newest requests, newest first.
pub fn list(state: &SiteState, max: usize) -> Markup {
    let journal = &state.journal;
    html! {
        div .requests {
            div .columns aria-hidden="true" {
                span { "Time" } span { "Method" } span { "Path" } span { "Status" } span { "Took" }
                span { "Who" } span { "Authentication" }
            }
            ol #requests data-last=(journal.last_number()) data-max=(max) {
                @for entry in journal.requests().take(max) { (item(entry)) }
            }
        }
    }
}

/// One request, whose details a script loads when it is opened.
fn item(entry: &Entry) -> Markup {
    let details = format!("/_sandbox/journal/{}", entry.number);
    html! {
        li data-number=(entry.number) {
            details {
                summary {
                    span .time { (parts::clock(entry.received_at)) }
                    span .method { (entry.method) }
                    span .path { (entry.path) @if !entry.query.is_empty() { "?" (mask::form(&entry.query)) } }
                    (status(entry))
                    span .took { (parts::milliseconds(entry.duration)) }
                    span .who { (entry.identity.acting_as.as_deref().unwrap_or("–")) }
                    span .authentication { (authentication(&entry.authentication)) }
                }
                p { a .more href=(details) { "Headers and bodies" } }
            }
        }
    }
}

fn status(entry: &Entry) -> Markup {
    let class = match entry.status {
        0 => "bad",
        500.. => "bad",
        400.. => "warn",
        _ => "good",
    };
    html! {
        span .code {
            b class=(class) { @if entry.status == 0 { "closed" } @else { (entry.status) } }
            @if entry.fault { " " span .tag { "fault" } }
        }
    }
}

fn authentication(authentication: &Authentication) -> Markup {
    let class = match authentication {
        Authentication::Verified => "good",
        Authentication::Rejected(_) => "bad",
        Authentication::None | Authentication::NotChecked => "muted",
    };
    html! { span class=(class) { (authentication) } }
}

#[derive(Deserialize)]
pub struct NewQuery {
    after: u64,
}

/// Returns the requests after the one with the number `after`, for the script: their HTML, the
/// newest number, and the oldest number that is still in the journal.
pub async fn new_requests(
    State(site): State<Arc<Site>>,
    Fields(query): Fields<NewQuery>,
) -> Response {
    let state = site.lock();
    let journal = &state.journal;
    let newest = journal
        .requests()
        .take_while(|entry| entry.number > query.after);
    let html = html! { @for entry in newest.take(MAX_RESPONSES) { (item(entry)) } };
    let oldest = journal.entries().front().map(|entry| entry.number);
    Json(json!({
        "html": html.into_string(),
        "last": journal.last_number(),
        "first": oldest.unwrap_or(journal.last_number() + 1),
        "total": parts::count(journal.requests().count(), "request"),
    }))
    .into_response()
}

/// One request with its headers and bodies.
pub async fn details(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Response {
    let state = site.lock();
    let Some(entry) = number
        .parse()
        .ok()
        .and_then(|number| state.journal.entry(number))
    else {
        return not_found();
    };
    let title = format!("{} {}", entry.method, entry.path);
    let content = html! {
        p .crumbs { a href="/_sandbox" { "Requests" } " / " (entry.number) }
        h1 .url { (title) }
        (details_of(entry))
    };
    site_page(&visitor, "", &title, content)
}

fn details_of(entry: &Entry) -> Markup {
    let response = &entry.response;
    let content_type = entry.headers.get("content-type").map_or("", String::as_str);
    let response_headers = header_map(&response.headers);
    html! {
        div .exchange {
            dl .pairs {
                dt { "Status" } dd { (status(entry)) }
                dt { "Time taken" } dd { (parts::milliseconds(entry.duration)) }
                dt { "Who" } dd { (entry.identity.acting_as.as_deref().unwrap_or("–")) }
                dt { "Authentication" } dd { (authentication(&entry.authentication)) }
                @for (name, value) in form_urlencoded::parse(mask::form(&entry.query).as_bytes()) {
                    dt { "Parameter " code { (name) } } dd { (value) }
                }
            }
            section {
                h2 { "Request" }
                (headers(&entry.headers))
                (body(content_type, Some(&entry.body.0)))
            }
            section {
                h2 { "Response" }
                (headers(&response_headers))
                @let content_type = response_headers.get("content-type").map_or("", String::as_str);
                @match &response.body {
                    Some(bytes) => (body(content_type, Some(&String::from_utf8_lossy(bytes)))),
                    None => (body(content_type, None)),
                }
            }
        }
    }
}

fn headers(headers: &BTreeMap<String, String>) -> Markup {
    html! {
        dl .headers {
            @for (name, value) in headers { dt { (name) } dd { (mask::header(name, value)) } }
        }
    }
}

fn body(content_type: &str, text: Option<&str>) -> Markup {
    let Some(text) = text else {
        return html! { p .empty { "The body is not kept." } };
    };
    if text.is_empty() {
        return html! { p .empty { "No body." } };
    }
    match mask::body(content_type, text) {
        Some(text) => html! { pre tabindex="0" aria-label="Body" { (text) } },
        None => html! { p .empty { "A body of " (parts::count(text.len(), "byte")) "." } },
    }
}

pub async fn clear(State(site): State<Arc<Site>>) -> Response {
    site.lock().journal.clear();
    Redirect::to("/_sandbox").into_response()
}
