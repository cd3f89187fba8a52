//! `/api/v2/oauth/auth`: the login page of OAuth 2.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::decision::{Decision, redirect_back};
use super::form::Fields;
use super::html::{error_page, html_response};
use crate::auth::credentials::{PASSWORD, find_api_key};
use crate::auth::url::is_absolute_url;
use crate::data::OWNER_EMAIL;
use crate::site::Site;

/// An authorization request (RFC 6749, section 4.1.1; RFC 7636, section 4.3).
#[derive(Deserialize)]
pub struct CodeRequest {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    state: Option<String>,
    /// Without it, PKCE is not used.
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

impl CodeRequest {
    /// Validates the request and returns its API key.
    fn validate(&self) -> Result<&'static str, &'static str> {
        let api_key = find_api_key(&self.client_id).ok_or("The client_id is unknown")?;
        if self.response_type != "code" {
            return Err("The response_type is not \"code\"");
        }
        // Base64 of a hash, or of its hexadecimal digits.
        let is_s256 = self.code_challenge_method.as_deref() == Some("S256");
        match &self.code_challenge {
            None if self.code_challenge_method.is_none() => {}
            Some(challenge) if is_s256 && matches!(challenge.len(), 43 | 86) => {}
            _ => return Err("The code_challenge is not an S256 challenge"),
        }
        match is_absolute_url(&self.redirect_uri) {
            true => Ok(api_key.key),
            false => Err("The redirect_uri is not a URL"),
        }
    }
}

/// Asks the user to sign in, and whether the application may act for them (OAuth 2).
pub async fn sign_in(Fields(request): Fields<CodeRequest>) -> Response {
    let api_key = match request.validate() {
        Ok(api_key) => api_key,
        Err(message) => return error_page(message),
    };
    let content = html! {
        p { "The application with the API key " code { (api_key) }
            " wants to act for you on this site." }
        form method="post" {
            @for (name, value) in [
                ("client_id", &request.client_id),
                ("redirect_uri", &request.redirect_uri),
                ("response_type", &request.response_type),
            ] {
                input type="hidden" name=(name) value=(value);
            }
            @for (name, value) in [
                ("code_challenge", &request.code_challenge),
                ("code_challenge_method", &request.code_challenge_method),
                ("state", &request.state),
            ] {
                @if let Some(value) = value {
                    input type="hidden" name=(name) value=(value);
                }
            }
            label { "E-mail " input type="email" name="email" value=(OWNER_EMAIL) required; }
            label { "Password " input type="password" name="password" required; }
            button name="decision" value="allow" { "Allow" }
            button name="decision" value="deny" formnovalidate { "Deny" }
        }
    };
    html_response(StatusCode::OK, "Sign in", content)
}

#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(flatten)]
    request: CodeRequest,
    decision: Decision,
    email: Option<String>,
    password: Option<String>,
}

/// Checks the password and redirects back to the application with a code.
pub async fn submit_sign_in(
    State(site): State<Arc<Site>>,
    Fields(form): Fields<SignInForm>,
) -> Response {
    let request = &form.request;
    let api_key = match request.validate() {
        Ok(api_key) => api_key,
        Err(message) => return error_page(message),
    };
    let mut parameters = vec![];
    if let Some(state) = &request.state {
        parameters.push(("state", state.as_str()));
    }
    if let Decision::Deny = form.decision {
        parameters.push(("error", "access_denied"));
        return redirect_back(&request.redirect_uri, &parameters, || html! {});
    }
    let mut state = site.lock();
    let state = &mut *state;
    let user = form
        .email
        .as_deref()
        .and_then(|email| state.data.user_by_email(email));
    let user = user.filter(|_| form.password.as_deref() == Some(PASSWORD));
    let Some(user) = user.map(|user| user.id) else {
        return error_page("E-mail or password is wrong");
    };
    let code = state.bearer_tokens.issue_code(
        api_key,
        user,
        &request.redirect_uri,
        request.code_challenge.as_deref(),
        site.now().unix_timestamp(),
    );
    parameters.push(("code", &code));
    redirect_back(&request.redirect_uri, &parameters, || html! {})
}
