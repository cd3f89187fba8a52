//! `/`: the overview of the site.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::html::site_page;
use super::parts::grouped;
use super::visitor::Visitor;
use super::{journal, parts};
use crate::auth::credentials::{PASSWORD, SSO_KEY, SUBDOMAIN, TRUSTED, UNTRUSTED};
use crate::data::OWNER_EMAIL;
use crate::site::{Site, SiteState};

pub async fn home(State(site): State<Arc<Site>>, visitor: Visitor, headers: HeaderMap) -> Response {
    let content = overview(&site, &site.lock(), &site.origin(&headers));
    site_page(&visitor, "/", "UserVoice sandbox", content)
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
                 sign-on link, such as " code { "/?sso=TOKEN" } ", signs its user in." }
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
