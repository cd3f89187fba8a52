//! `/_sandbox/control`: forms that switch faults and the rate limit on and off.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::form::Fields;
use super::html::site_page;
use super::visitor::Visitor;
use crate::faults::Fault;
use crate::site::{Site, SiteState};

/// The effects of the form, with the fields of the faults that they become.
const EFFECTS: [(&str, &str, &str); 9] = [
    (
        "503",
        "503 Service Unavailable, Retry-After: 1",
        r#"{"status":503,"retry_after":"1"}"#,
    ),
    ("500", "500 Internal Server Error", r#"{"status":500}"#),
    (
        "429",
        "429 Too Many Requests, Retry-After: 1",
        r#"{"status":429,"retry_after":"1"}"#,
    ),
    ("401", "401 Unauthorized", r#"{"status":401}"#),
    (
        "close",
        "Connection closed without a response",
        r#"{"close":"before"}"#,
    ),
    (
        "middle",
        "Connection closed in the middle of the body",
        r#"{"close":"middle"}"#,
    ),
    (
        "lost",
        "Request handled, response lost",
        r#"{"close":"before","apply":true}"#,
    ),
    ("json", "A body that is not JSON", r#"{"not_json":true}"#),
    ("delay", "A delay of 3 seconds", r#"{"delay_ms":3000}"#),
];
const METHODS: [&str; 5] = ["any", "GET", "POST", "PUT", "DELETE"];

#[derive(Deserialize)]
pub struct FaultForm {
    path: String,
    method: String,
    effect: String,
    times: String,
    percent: String,
}

impl Default for FaultForm {
    fn default() -> FaultForm {
        FaultForm {
            path: "/api/*".into(),
            method: "any".into(),
            effect: "503".into(),
            times: "1".into(),
            percent: "100".into(),
        }
    }
}

impl FaultForm {
    fn fault(&self) -> Result<Fault, String> {
        let effect = EFFECTS.iter().find(|(name, ..)| *name == self.effect);
        let (.., fields) = effect.ok_or("The effect is unknown")?;
        let mut fault: Value = serde_json::from_str(fields).map_err(|error| error.to_string())?;
        fault["path"] = self.path.trim().into();
        if self.method != "any" {
            fault["method"] = self.method.as_str().into();
        }
        if !self.times.trim().is_empty() {
            let times: u32 = self
                .times
                .trim()
                .parse()
                .map_err(|_| "times: must be a number")?;
            fault["times"] = times.into();
        }
        let percent: f64 = self
            .percent
            .trim()
            .parse()
            .map_err(|_| "percent: must be a number")?;
        if percent != 100.0 || self.times.trim().is_empty() {
            fault["probability"] = (percent / 100.0).into();
        }
        Fault::parse(&fault)
    }
}

pub async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    site_page(
        &visitor,
        PATH,
        "Faults",
        content(&site.lock(), &FaultForm::default(), None),
    )
}

const PATH: &str = "/_sandbox/control";

fn done() -> Response {
    Redirect::to(PATH).into_response()
}

fn content(state: &SiteState, form: &FaultForm, error: Option<&str>) -> Markup {
    html! {
        h1 { "Faults" }
        p .lede { "Make requests fail, to see how a program copes." }
        @if let Some(error) = error { p .bad role="alert" { (error) } }
        section { h2 { "Add a fault" } (fault_form(form)) }
        section {
            div .heading {
                h2 { "Pending faults" }
                @if !state.faults.pending().is_empty() {
                    form method="post" action="/_sandbox/control/clear_faults" { button { "Remove all" } }
                }
            }
            @if state.faults.pending().is_empty() { p .empty { "No fault is pending." } }
            ul .pending { @for fault in state.faults.pending() { (pending(fault)) } }
        }
        section {
            h2 { "Rate limit" }
            p {
                @match state.rate_limit() {
                    Some(limit) => { "On: " b { (limit) } " requests per minute to the API." }
                    None => "Off.",
                }
            }
            form .inline method="post" action="/_sandbox/control/rate_limit" {
                label for="limit" { "Requests per minute" }
                input #limit type="number" name="limit" min="0" required value=(state.rate_limit().unwrap_or(60));
                button { "Switch on" }
            }
            @if state.rate_limit().is_some() {
                form method="post" action="/_sandbox/control/rate_limit" { button { "Switch off" } }
            }
        }
        section {
            h2 { "Tokens and data" }
            div .inline {
                form method="post" action="/_sandbox/control/expire_tokens" { button { "Expire all bearer tokens" } }
                form method="post" action="/_sandbox/control/reset" { button { "Restore the initial state" } }
            }
        }
    }
}

fn fault_form(form: &FaultForm) -> Markup {
    html! {
        form .fields method="post" action="/_sandbox/control/faults" {
            div {
                label for="effect" { "Effect" }
                select #effect name="effect" {
                    @for (value, label, _) in EFFECTS {
                        option value=(value) selected[value == form.effect] { (label) }
                    }
                }
            }
            div {
                label for="path" { "Path; " code { "*" } " at the end matches any rest" }
                input #path name="path" value=(form.path) required;
            }
            div {
                label for="method" { "Method" }
                select #method name="method" {
                    @for method in METHODS { option selected[method == form.method] { (method) } }
                }
            }
            div {
                label for="times" { "Times; empty: until removed" }
                input #times type="number" name="times" min="1" value=(form.times);
            }
            div {
                label for="percent" { "Percentage of the requests" }
                input #percent type="number" name="percent" min="0" max="100" step="any" value=(form.percent) required;
            }
            div { button .primary { "Add" } }
        }
    }
}

/// A pending fault with the fields that are set.
fn pending(fault: &Fault) -> Markup {
    let mut fields = json!(fault);
    let method = fields["method"].take();
    let path = fields["path"].take();
    let set = fields
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null() && **value != json!(0) && **value != json!(false));
    html! {
        li {
            span {
                code { (method.as_str().unwrap_or("any method")) " " (path.as_str().unwrap_or_default()) }
                @for (name, value) in set { " " span .tag { (name) " " (value) } }
            }
            form method="post" action="/_sandbox/control/remove_fault" {
                input type="hidden" name="id" value=(fault.id);
                button { "Remove" }
            }
        }
    }
}

pub async fn add_fault(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Fields(form): Fields<FaultForm>,
) -> Response {
    let mut state = site.lock();
    let added = form.fault().and_then(|fault| state.faults.add(vec![fault]));
    match added {
        Ok(()) => done(),
        Err(error) => {
            let page = site_page(
                &visitor,
                PATH,
                "Faults",
                content(&state, &form, Some(&error)),
            );
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
    }
}

#[derive(Deserialize)]
pub struct FaultId {
    id: u64,
}

pub async fn remove_fault(
    State(site): State<Arc<Site>>,
    Fields(fault): Fields<FaultId>,
) -> Response {
    site.lock().faults.remove(fault.id);
    done()
}

pub async fn clear_faults(State(site): State<Arc<Site>>) -> Response {
    site.lock().faults.clear();
    done()
}

#[derive(Deserialize)]
pub struct RateLimit {
    limit: Option<u64>,
}

/// Switches the rate limit on, or off without a limit.
pub async fn rate_limit(
    State(site): State<Arc<Site>>,
    Fields(form): Fields<RateLimit>,
) -> Response {
    site.lock().set_rate_limit(form.limit);
    done()
}

pub async fn expire_tokens(State(site): State<Arc<Site>>) -> Response {
    site.lock().bearer_tokens.expire_all();
    done()
}

pub async fn reset(State(site): State<Arc<Site>>) -> Response {
    site.reset();
    done()
}
