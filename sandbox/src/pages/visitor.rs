//! The user who is signed in to the pages, by a cookie.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;

use super::form::Fields;
use super::html::html_response;
use crate::auth::credentials::random_token;
use crate::data::Id;
use crate::site::{Site, SiteState};

const COOKIE: &str = "uservoice_sandbox_session";

#[derive(Default)]
pub struct Visitor {
    /// The id and name of the signed-in user.
    pub user: Option<(Id, String)>,
}

impl FromRequestParts<Arc<Site>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let state = site.lock();
        let session = session(&head.headers).and_then(|session| state.sessions.get(session));
        Ok(match session {
            Some(user) => Visitor::of(&state, *user),
            None => Visitor::default(),
        })
    }
}

impl Visitor {
    fn of(state: &SiteState, user: Id) -> Visitor {
        let user = state.data.users.get(user);
        Visitor {
            user: user.map(|user| (user.id, user.name.clone())),
        }
    }
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let pairs = cookies
        .split(';')
        .filter_map(|cookie| cookie.trim().split_once('='));
    let mut found = pairs.filter(|(name, _)| *name == COOKIE);
    found.next().map(|(_, value)| value)
}

/// Signs a user in. Returns the visitor and the cookie for the response.
pub fn sign_in(state: &mut SiteState, user: Id) -> (Visitor, HeaderMap) {
    let session = random_token();
    let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax");
    state.sessions.insert(session, user);
    let cookie = HeaderValue::try_from(cookie).expect("the session is hexadecimal");
    let headers = HeaderMap::from_iter([(header::SET_COOKIE, cookie)]);
    (Visitor::of(state, user), headers)
}

#[derive(Deserialize)]
pub struct SignInForm {
    email: String,
}

/// Signs the user with this e-mail address in, without a password: all data is made up.
pub async fn submit(State(site): State<Arc<Site>>, Fields(form): Fields<SignInForm>) -> Response {
    let mut state = site.lock();
    let user = state
        .data
        .user_by_email(form.email.trim())
        .map(|user| user.id);
    match user {
        Some(user) => (sign_in(&mut state, user).1, Redirect::to("/")).into_response(),
        None => {
            let content = html! {
                p .bad { "There is no user with the e-mail address " (form.email) "." }
                p { a href="/#sign-in" { "Back" } }
            };
            html_response(StatusCode::NOT_FOUND, "Not signed in", content)
        }
    }
}

pub async fn sign_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    if let Some(session) = session(&headers) {
        site.lock().sessions.remove(session);
    }
    Redirect::to("/").into_response()
}
