//! The pages for people: plain HTML, made on the server.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde_json::Value;

use crate::data::OWNER_EMAIL;
use crate::oauth::{Allowed, Grant, random_text};
use crate::site::Site;
use crate::{sso, v1};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
    padding:0 1rem;color:#222}h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}\
    td,th{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ddd;\
    overflow-wrap:anywhere}.bad{color:#a00}label{display:block;margin:1rem 0}\
    button{font:inherit;padding:.4rem 1rem;margin-right:1rem}";

fn page(title: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (STYLE) }
            }
            body { h1 { (title) } (content) }
        }
    }
}

fn html_answer(status: StatusCode, content: Markup) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, kind, content.into_string()).into_response()
}

#[derive(Deserialize)]
pub struct Front {
    sso: Option<String>,
}

/// The site's front page, which logs in whom a single sign-on token tells of.
pub async fn front(State(site): State<Arc<Site>>, Query(query): Query<Front>) -> Response {
    let Some(token) = query.sso else {
        let welcome = html! {
            p { "Nobody is logged in. A single sign-on token goes here: " code { "/?sso=TOKEN" } }
            p { a href="/_sandbox" { "What came in so far" } }
        };
        return html_answer(StatusCode::OK, page("UserVoice sandbox", welcome));
    };
    let user = sso::user(&token, sso::KEY, site.now());
    let logged_in = user.and_then(|user| {
        v1::from_claims(&mut site.world().data, &user, site.now())
            .map(|_| user)
            .map_err(|refusal| refusal.to_string())
    });
    match logged_in {
        Err(why) => {
            let content = html! { p .bad { "The single sign-on token is refused: " (why) "." } };
            html_answer(StatusCode::UNAUTHORIZED, page("Not logged in", content))
        }
        Ok(user) => {
            let content = html! {
                table {
                    @for (name, value) in &user {
                        tr { th { (name) } td { (shown(value)) } }
                    }
                }
            };
            html_answer(StatusCode::OK, page("Logged in", content))
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
pub struct Asked {
    oauth_token: String,
}

/// Asks a person whether the holder of the API key may act for them.
pub async fn authorize(State(site): State<Arc<Site>>, Query(query): Query<Asked>) -> Response {
    let world = site.world();
    let token = world.tokens.issued.get(&query.oauth_token);
    let Some(token) = token.filter(|token| matches!(token.grant, Grant::Request { .. })) else {
        return unknown_token();
    };
    let content = html! {
        p { "The application with the API key " code { (token.key) }
            " wants to act for you on this site." }
        form method="post" {
            input type="hidden" name="oauth_token" value=(query.oauth_token);
            label { "You are " input type="email" name="email" value=(OWNER_EMAIL) required; }
            button name="decision" value="allow" { "Allow" }
            button name="decision" value="deny" formnovalidate { "Deny" }
        }
    };
    html_answer(StatusCode::OK, page("Allow access?", content))
}

fn unknown_token() -> Response {
    let content = html! { p .bad { "The request token is unknown, or was used already." } };
    html_answer(StatusCode::UNAUTHORIZED, page("Not possible", content))
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Allow,
    Deny,
}

#[derive(Deserialize)]
pub struct Decided {
    oauth_token: String,
    decision: Decision,
    email: Option<String>,
}

/// What the person decided; they go back to the application with it.
pub async fn decide(State(site): State<Arc<Site>>, Form(form): Form<Decided>) -> Response {
    let mut world = site.world();
    let world = &mut *world;
    let Some(token) = world.tokens.issued.get_mut(&form.oauth_token) else {
        return unknown_token();
    };
    let Grant::Request { callback, allowed } = &mut token.grant else {
        return unknown_token();
    };
    let callback = callback.clone();
    if let Decision::Deny = form.decision {
        world.tokens.issued.remove(&form.oauth_token);
        return back(&callback, &[("denied", &form.oauth_token)], || {
            html! { p { "Nothing was allowed. You can close this page." } }
        });
    }
    let email = form.email.as_deref().unwrap_or(OWNER_EMAIL);
    let verifier = random_text();
    *allowed = Some(Allowed {
        user: world.data.find_or_create_user(email, None, site.now()),
        verifier: verifier.clone(),
    });
    let results = [
        ("oauth_token", form.oauth_token.as_str()),
        ("oauth_verifier", &verifier),
    ];
    back(&callback, &results, || {
        html! { p { "Give this to the application: " code #verifier { (verifier) } } }
    })
}

/// To the callback with the results, or a page where there is none.
fn back(callback: &str, results: &[(&str, &str)], page_text: impl Fn() -> Markup) -> Response {
    if callback == "oob" {
        return html_answer(StatusCode::OK, page("Thank you", page_text()));
    }
    let results = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(results)
        .finish();
    let joint = if callback.contains('?') { '&' } else { '?' };
    let location = format!("{callback}{joint}{results}");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// The last requests, the newest first.
pub async fn overview(State(site): State<Arc<Site>>) -> Response {
    const SHOWN: usize = 200;
    let world = site.world();
    let entries = world.journal.entries();
    let content = html! {
        p { "The last " (entries.len().min(SHOWN)) " of " (entries.len())
            " requests, the newest first. As JSON: "
            a href="/_sandbox/requests" { "/_sandbox/requests" } }
        table {
            tr { th { "Method" } th { "Path" } th { "Status" } th { "Signed" } th { "For" } }
            @for entry in entries.iter().rev().take(SHOWN) {
                tr {
                    td { (entry.method) }
                    td { (entry.path) @if !entry.query.is_empty() { "?" (entry.query) } }
                    td .bad[entry.status >= 400] { (entry.status) }
                    td { @if entry.signed { "yes" } @else { "no" } }
                    td { (entry.acting_for.as_deref().unwrap_or("-")) }
                }
            }
        }
    };
    html_answer(StatusCode::OK, page("UserVoice sandbox", content))
}
