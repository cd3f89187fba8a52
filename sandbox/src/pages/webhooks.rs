//! `/_sandbox/webhooks`: where webhooks are sent, the last ones, and forms that send one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Fields;
use super::html::site_page;
use super::parts;
use super::visitor::Visitor;
use crate::control::send_sample;
use crate::site::{Site, SiteState};
use crate::webhooks::{Delivery, NAMES, parse_receiver};

const PATH: &str = "/_sandbox/webhooks";

pub async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    site_page(&visitor, PATH, "Webhooks", content(&site.lock(), None))
}

fn content(state: &SiteState, error: Option<&str>) -> Markup {
    let receiver = state.webhooks.receiver();
    html! {
        h1 { "Webhooks" }
        p .lede { "Changes of the site are sent to a program, signed with the SSO key." }
        @if let Some(error) = error { p .bad role="alert" { (error) } }
        section {
            h2 { "Receiver" }
            form .inline method="post" action="/_sandbox/webhooks/receiver" {
                label for="url" { "URL; empty: none" }
                input #url .wide name="url" value=(receiver.unwrap_or_default()) placeholder="http://127.0.0.1:9000/hooks";
                button { "Save" }
            }
        }
        section {
            h2 { "Send an event" }
            p { "About the newest record of its kind, as if it had just happened." }
            form .inline method="post" action="/_sandbox/webhooks/send" {
                label for="event" { "Event" }
                select #event name="event" { @for name in NAMES { option { (name) } } }
                button { "Send" }
            }
        }
        section {
            h2 { "Last webhooks" }
            @if state.webhooks.deliveries.is_empty() { p .empty { "None was sent yet." } }
            ul .pending { @for sent in &state.webhooks.deliveries { (delivery(sent)) } }
        }
    }
}

fn delivery(delivery: &Delivery) -> Markup {
    html! {
        li {
            span { span .meta { (parts::clock(delivery.sent_at)) } " " code { (delivery.event) } }
            @match &delivery.result {
                Ok(status) => b class=(if *status < 300 { "good" } else { "bad" }) { (status) },
                Err(error) => span .bad { (error) },
            }
        }
    }
}

fn done() -> Response {
    Redirect::to(PATH).into_response()
}

fn rejected(state: &SiteState, visitor: &Visitor, error: &str) -> Response {
    let page = site_page(visitor, PATH, "Webhooks", content(state, Some(error)));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

#[derive(Deserialize)]
pub struct ReceiverForm {
    url: String,
}

pub async fn set_receiver(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Fields(form): Fields<ReceiverForm>,
) -> Response {
    let receiver = match form.url.trim() {
        "" => Ok(None),
        url => parse_receiver(url).map(Some),
    };
    let mut state = site.lock();
    let SiteState { webhooks, data, .. } = &mut *state;
    match receiver {
        Ok(receiver) => {
            webhooks.set_receiver(receiver, data);
            done()
        }
        Err(error) => rejected(&state, &visitor, &format!("URL: {error}")),
    }
}

#[derive(Deserialize)]
pub struct EventForm {
    event: String,
}

pub async fn send(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    headers: HeaderMap,
    Fields(form): Fields<EventForm>,
) -> Response {
    match send_sample(&site, &form.event, &site.origin(&headers)) {
        Ok(()) => done(),
        Err(error) => rejected(&site.lock(), &visitor, &error),
    }
}
