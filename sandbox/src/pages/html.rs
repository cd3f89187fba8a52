//! The layout of the pages. `maud` escapes every value that is put into a page.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::visitor::Visitor;
use crate::journal::Page;

/// Only the site's own script and style: a record with HTML cannot run a script.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
    viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%231f5fbf'/%3E%3Cpath \
    d='M4.5 4v4a3.5 3.5 0 0 0 7 0V4' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E";

const SECTIONS: [(&str, &str); 5] = [
    ("/", "Overview"),
    ("/_sandbox", "Requests"),
    ("/_sandbox/control", "Faults"),
    ("/_sandbox/webhooks", "Webhooks"),
    ("/knowledgebase", "Articles"),
];

/// Returns a page with navigation. `path` is the section of the navigation that it belongs to.
pub fn site_page(visitor: &Visitor, path: &str, title: &str, content: Markup) -> Response {
    let navigation = html! {
        nav aria-label="Site" {
            @for (target, name) in SECTIONS {
                a href=(target) aria-current=[(target == path).then_some("page")] { (name) }
            }
        }
        div .account {
            @match &visitor.user {
                Some((id, name)) => {
                    "Signed in as " a href={ "/users/" (id) } { (name) }
                    form method="post" action="/_sandbox/sign_out" {
                        button .link { "Sign out" }
                    }
                }
                None => a href="/#sign-in" { "Sign in" },
            }
        }
    };
    let mut response = respond(StatusCode::OK, title, navigation, content);
    response.extensions_mut().insert(Page);
    response
}

/// Returns a page without navigation: a login, or its result.
pub fn html_response(status: StatusCode, title: &str, content: Markup) -> Response {
    let content = html! { div .narrow { h1 { (title) } (content) } };
    respond(status, title, html! {}, content)
}

pub fn error_page(message: &str) -> Response {
    let content = html! { p .bad { (message) "." } };
    html_response(StatusCode::BAD_REQUEST, "Not possible", content)
}

/// Returns the page for a record that does not exist.
pub fn not_found() -> Response {
    let content = html! {
        p { "There is no such record on this site. It may have been deleted." }
        p { a href="/" { "Overview of the site" } }
    };
    html_response(StatusCode::NOT_FOUND, "Not found", content)
}

fn respond(status: StatusCode, title: &str, navigation: Markup, content: Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href="/_sandbox/site.css";
                script src="/_sandbox/site.js" defer {}
            }
            body {
                a .skip href="#main" { "Skip to the content" }
                header { div .wrap { a .brand href="/" { "UserVoice " b { "sandbox" } } (navigation) } }
                main #main .wrap { (content) }
                footer { div .wrap {
                    "A local server for development and tests, with made-up data. "
                    "libuservoice " (env!("CARGO_PKG_VERSION"))
                } }
            }
        }
    };
    (status, headers, page.into_string()).into_response()
}
