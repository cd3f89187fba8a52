//! The HTML pages: logins, and an overview of the last requests.

use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::auth::credentials::{PASSWORD, SSO_KEY, find_api_key, random_token};
use crate::auth::oauth1::{Approval, Grant};
use crate::auth::sso;
use crate::auth::url::is_absolute_url;
use crate::data::OWNER_EMAIL;
use crate::site::Site;
use crate::v1;

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

fn html_response(status: StatusCode, title: &str, content: Markup) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, headers, page(title, content).into_string()).into_response()
}

/// The fields of a query or a form. If they cannot be parsed, the response is an HTML page.
pub struct Fields<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let form = Form::from_request(request, state).await;
        form.map(|Form(fields)| Fields(fields))
            .map_err(|rejection| error_page(&rejection.body_text()))
    }
}

fn error_page(message: &str) -> Response {
    let content = html! { p .bad { (message) "." } };
    html_response(StatusCode::BAD_REQUEST, "Not possible", content)
}

#[derive(Deserialize)]
pub struct FrontQuery {
    sso: Option<String>,
}

/// The site's front page, which logs in the user of a single sign-on token.
pub async fn front(State(site): State<Arc<Site>>, Fields(query): Fields<FrontQuery>) -> Response {
    let Some(token) = query.sso else {
        let content = html! {
            p { "Nobody is logged in. To log in with a single sign-on token, open "
                code { "/?sso=TOKEN" } "." }
            p { a href="/_sandbox" { "Requests received so far" } }
        };
        return html_response(StatusCode::OK, "UserVoice sandbox", content);
    };
    let claims = sso::verify(&token, SSO_KEY, site.now());
    let logged_in = claims.and_then(|claims| {
        v1::find_or_create_by_claims(&mut site.lock().data, &claims, site.now())
            .map(|_| claims)
            .map_err(|error| error.to_string())
    });
    match logged_in {
        Err(reason) => {
            let content = html! { p .bad { "The single sign-on token is invalid: " (reason) "." } };
            html_response(StatusCode::UNAUTHORIZED, "Not logged in", content)
        }
        Ok(claims) => {
            let content = html! {
                table {
                    @for (name, value) in &claims {
                        tr { th { (name) } td { (claim_text(value)) } }
                    }
                }
            };
            html_response(StatusCode::OK, "Logged in", content)
        }
    }
}

fn claim_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

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
#[serde(rename_all = "lowercase")]
enum Decision {
    Allow,
    Deny,
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

/// Redirects to the callback with these parameters, or shows a page if the callback is "oob".
fn redirect_back(
    callback: &str,
    parameters: &[(&str, &str)],
    content: impl Fn() -> Markup,
) -> Response {
    if callback == "oob" {
        return html_response(StatusCode::OK, "Thank you", content());
    }
    let parameters = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let (url, fragment) = callback.split_at(callback.find('#').unwrap_or(callback.len()));
    let separator = if url.contains('?') { '&' } else { '?' };
    let location = format!("{url}{separator}{parameters}{fragment}");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// An authorization request (RFC 6749, section 4.1.1; RFC 7636, section 4.3).
#[derive(Deserialize)]
pub struct CodeRequest {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    state: Option<String>,
    code_challenge: String,
    code_challenge_method: String,
}

impl CodeRequest {
    /// Validates the request and returns its API key.
    fn validate(&self) -> Result<&'static str, &'static str> {
        let api_key = find_api_key(&self.client_id).ok_or("The client_id is unknown")?;
        if self.response_type != "code" {
            return Err("The response_type is not \"code\"");
        }
        if self.code_challenge_method != "S256" || self.code_challenge.len() != 43 {
            return Err("The code_challenge is not an S256 challenge");
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
                ("code_challenge", &request.code_challenge),
                ("code_challenge_method", &request.code_challenge_method),
            ] {
                input type="hidden" name=(name) value=(value);
            }
            @if let Some(state) = &request.state {
                input type="hidden" name="state" value=(state);
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
        &request.code_challenge,
        site.now().unix_timestamp(),
    );
    parameters.push(("code", &code));
    redirect_back(&request.redirect_uri, &parameters, || html! {})
}

/// Shows the last requests, newest first.
pub async fn overview(State(site): State<Arc<Site>>) -> Response {
    const MAX_ROWS: usize = 200;
    let state = site.lock();
    let entries = state.journal.entries();
    let content = html! {
        p { "The last " (entries.len().min(MAX_ROWS)) " of " (entries.len())
            " requests, newest first. As JSON: "
            a href="/_sandbox/requests" { "/_sandbox/requests" } }
        table {
            tr { th { "Method" } th { "Path" } th { "Status" } th { "Signed" } th { "For" } }
            @for entry in entries.iter().rev().take(MAX_ROWS) {
                tr {
                    td { (entry.method) }
                    td { (entry.path) @if !entry.query.is_empty() { "?" (entry.query) } }
                    td .bad[entry.status >= 400] { (entry.status) }
                    td { @if entry.identity.signed { "yes" } @else { "no" } }
                    td { (entry.identity.acting_as.as_deref().unwrap_or("-")) }
                }
            }
        }
    };
    html_response(StatusCode::OK, "UserVoice sandbox", content)
}
