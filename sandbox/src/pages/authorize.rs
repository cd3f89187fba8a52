//! `/oauth/authorize`: the login page of OAuth 1.0a.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::decision::{Decision, redirect_back};
use super::form::Fields;
use super::html::{error_page, html_response};
use crate::auth::credentials::random_token;
use crate::auth::oauth1::{Approval, Grant};
use crate::data::OWNER_EMAIL;
use crate::site::Site;
use crate::v1;

#[derive(Deserialize)]
pub struct AuthorizeQuery {
    oauth_token: String,
}

/// Asks the user whether the application may act for them (OAuth 1.0a).
pub async fn authorize(
    State(site): State<Arc<Site>>,
    Fields(query): Fields<AuthorizeQuery>,
) -> Response {
    let state = site.lock();
    let token = state.tokens.issued.get(&query.oauth_token);
    let Some(token) = token.filter(|token| matches!(token.grant, Grant::Request { .. })) else {
        return unknown_request_token();
    };
    let content = html! {
        p { "The application with the API key " code { (token.api_key) }
            " wants to act for you on this site." }
        form method="post" {
            input type="hidden" name="oauth_token" value=(query.oauth_token);
            label { "You are " input type="email" name="email" value=(OWNER_EMAIL) required; }
            button name="decision" value="allow" { "Allow" }
            button name="decision" value="deny" formnovalidate { "Deny" }
        }
    };
    html_response(StatusCode::OK, "Allow access?", content)
}

fn unknown_request_token() -> Response {
    let content = html! { p .bad { "The request token is unknown, or was used already." } };
    html_response(StatusCode::UNAUTHORIZED, "Not possible", content)
}

#[derive(Deserialize)]
pub struct AuthorizeForm {
    oauth_token: String,
    decision: Decision,
    email: Option<String>,
}

/// Stores the user's decision and redirects back to the application.
pub async fn submit_authorize(
    State(site): State<Arc<Site>>,
    Fields(form): Fields<AuthorizeForm>,
) -> Response {
    let mut state = site.lock();
    let state = &mut *state;
    let Some(token) = state.tokens.issued.get_mut(&form.oauth_token) else {
        return unknown_request_token();
    };
    let Grant::Request { callback, approval } = &mut token.grant else {
        return unknown_request_token();
    };
    let callback = callback.clone();
    if let Decision::Deny = form.decision {
        state.tokens.issued.remove(&form.oauth_token);
        return redirect_back(&callback, &[("denied", &form.oauth_token)], || {
            html! { p { "Access was denied. You can close this page." } }
        });
    }
    let email = match v1::validate_email(form.email.as_deref().unwrap_or(OWNER_EMAIL)) {
        Ok(email) => email,
        Err(error) => return error_page(&error.to_string()),
    };
    let verifier = random_token();
    *approval = Some(Approval {
        user: state.data.find_or_create_user(email, None, site.now()),
        verifier: verifier.clone(),
    });
    let parameters = [
        ("oauth_token", form.oauth_token.as_str()),
        ("oauth_verifier", &verifier),
    ];
    redirect_back(&callback, &parameters, || {
        html! { p { "Enter this code in the application: " code #verifier { (verifier) } } }
    })
}
