//! `/`: the overview of the site. It also signs in the user of a single sign-on token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::form::Fields;
use super::html::{html_response, site_page};
use super::parts::grouped;
use super::visitor::{self, Visitor};
use super::{journal, parts};
use crate::auth::credentials::{PASSWORD, SSO_KEY, SUBDOMAIN, TRUSTED, UNTRUSTED};
use crate::auth::sso;
use crate::data::OWNER_EMAIL;
use crate::journal::{Page, Rejection};
use crate::site::{Site, SiteState};
use crate::v1;

#[derive(Deserialize)]
pub struct HomeQuery {
    sso: Option<String>,
}

pub async fn home(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    headers: HeaderMap,
    Fields(query): Fields<HomeQuery>,
) -> Response {
    if let Some(token) = query.sso {
        return log_in(&site, &token);
    }
    let content = overview(&site, &site.lock(), &site.origin(&headers));
    site_page(&visitor, "/", "UserVoice sandbox", content)
}

/// Signs in the user of a single sign-on token, and shows its claims.
fn log_in(site: &Site, token: &str) -> Response {
    let mut state = site.lock();
    let claims = sso::verify(token, SSO_KEY, site.now());
    let logged_in = claims.and_then(|claims| {
        v1::find_or_create_by_claims(&mut state.data, &claims, site.now())
            .map(|user| (user, claims))
            .map_err(|error| error.to_string())
    });
    match logged_in {
        Err(reason) => {
            let content = html! {
                p .bad { "The single sign-on token is invalid: " (reason) "." }
                p { a href="/" { "Overview of the site" } }
            };
            let response = html_response(StatusCode::UNAUTHORIZED, "Not logged in", content);
            (axum::Extension(Rejection(reason)), response).into_response()
        }
        Ok((user, claims)) => {
            let (visitor, cookie) = visitor::sign_in(&mut state, user);
            let mut page = site_page(&visitor, "", "Logged in", claims_page(&claims));
            // A login is a request that the lists of requests show.
            page.extensions_mut().remove::<Page>();
            (cookie, page).into_response()
        }
    }
}

fn claims_page(claims: &Map<String, Value>) -> Markup {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    html! {
        h1 { "Logged in" }
        p .lede { "The single sign-on token is valid. It contains:" }
        dl .pairs { @for (name, value) in claims { dt { (name) } dd { (text(value)) } } }
        p { a href="/" { "Overview of the site" } }
    }
}

fn overview(site: &Site, state: &SiteState, origin: &str) -> Markup {
    let data = &state.data;
    html! {
        h1 { "UserVoice sandbox" }
        p .lede { "A UserVoice site on your own machine. Its data is made up, in memory, and the \
                   same at every start." }
        section {
            div .heading {
                h2 #environment { "Environment" }
                button .copy type="button" data-copy="environment-lines" hidden { "Copy" }
            }
            p { "The packages and examples read these variables:" }
            pre #environment-lines tabindex="0" aria-labelledby="environment" {
                @for (name, value) in environment(site, origin) { "export " b { (name) } "=" (value) "\n" }
            }
        }
        section {
            h2 { "Credentials" }
            dl .pairs {
                dt { "API key" } dd { code { (TRUSTED.key) } " (trusted)" }
                dt { "API secret" } dd { code { (TRUSTED.secret) } }
                dt { "Untrusted API key" } dd { code { (UNTRUSTED.key) } }
                dt { "Untrusted API secret" } dd { code { (UNTRUSTED.secret) } }
                dt { "SSO key" } dd { code { (SSO_KEY) } }
                dt { "Owner" } dd { code { (OWNER_EMAIL) } }
                dt { "Password of every user" } dd { code { (PASSWORD) } }
            }
        }
        section {
            h2 { "Forums" }
            ul .cards {
                @for forum in data.forums.iter() {
                    @let suggestions = data.suggestions.iter().filter(|suggestion| suggestion.forum == forum.id).count();
                    li {
                        a .title href={ "/forums/" (forum.id) } { (forum.name) }
                        @if forum.private { " " span .tag { "private" } }
                        p .meta { (parts::count(suggestions, "suggestion")) }
                    }
                }
            }
        }
        section {
            h2 { "Records" }
            ul .counts {
                @for (number, name) in [
                    (data.users.iter().len(), "users"),
                    (data.suggestions.iter().len(), "suggestions"),
                    (data.comments.iter().len(), "comments"),
                    (data.tickets.iter().len(), "tickets"),
                    (data.articles.iter().len(), "articles"),
                ] { li { b { (grouped(number)) } " " (name) } }
            }
        }
        section {
            div .heading { h2 { "Last requests" } a href="/_sandbox" { "All requests" } }
            (journal::list(state, 5))
        }
        section {
            h2 #sign-in { "Sign in" }
            p { "As any user, such as user1@sandbox.example to user249@sandbox.example. A single \
                 sign-on link, " code { "/?sso=TOKEN" } ", signs its user in." }
            form .inline method="post" action="/_sandbox/sign_in" {
                label for="email" { "E-mail address" }
                input #email type="email" name="email" value=(OWNER_EMAIL) required;
                button { "Sign in" }
            }
        }
    }
}

fn environment(site: &Site, origin: &str) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("USERVOICE_BASE_URL", origin.to_string()),
        ("USERVOICE_SUBDOMAIN", SUBDOMAIN.into()),
        ("USERVOICE_API_KEY", TRUSTED.key.into()),
        ("USERVOICE_API_SECRET", TRUSTED.secret.into()),
        ("USERVOICE_SSO_KEY", SSO_KEY.into()),
    ];
    if let Some(ca_file) = &site.settings.ca_file {
        variables.push(("USERVOICE_CA_FILE", ca_file.clone()));
    }
    variables
}
