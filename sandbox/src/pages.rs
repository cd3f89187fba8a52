//! The pages for people: plain HTML, made on the server.

use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::data::OWNER_EMAIL;
use crate::oauth::{self, Allowed, Grant, random_text};
use crate::site::Site;
use crate::{sso, v1, v2};

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
pub async fn front(State(site): State<Arc<Site>>, Fields(front): Fields<Front>) -> Response {
    let Some(token) = front.sso else {
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
pub async fn authorize(State(site): State<Arc<Site>>, Fields(query): Fields<Asked>) -> Response {
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
pub async fn decide(State(site): State<Arc<Site>>, Fields(form): Fields<Decided>) -> Response {
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
    let email = match v1::checked_address(form.email.as_deref().unwrap_or(OWNER_EMAIL)) {
        Ok(email) => email,
        Err(why) => return refused(&why.to_string()),
    };
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
    // What stands behind the '#' stays in the browser.
    let (address, fragment) = callback.split_at(callback.find('#').unwrap_or(callback.len()));
    let joint = if address.contains('?') { '&' } else { '?' };
    let location = format!("{address}{joint}{results}{fragment}");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// What an application asks for (RFC 6749, section 4.1.1; RFC 7636, section 4.3).
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
    /// The key that asks, or why the request is refused.
    fn check(&self) -> Result<&'static str, &'static str> {
        let key = oauth::key(&self.client_id).ok_or("The client_id is unknown")?;
        if self.response_type != "code" {
            return Err("The response_type is not \"code\"");
        }
        if self.code_challenge_method != "S256" || self.code_challenge.len() != 43 {
            return Err("The code_challenge is not one of S256");
        }
        match v1::is_absolute_url(&self.redirect_uri) {
            true => Ok(key.key),
            false => Err("The redirect_uri is not a URL"),
        }
    }
}

/// The fields of a query or a form, or a page that says why they cannot be read.
pub struct Fields<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let form = Form::from_request(request, state).await;
        form.map(|Form(fields)| Fields(fields))
            .map_err(|why| refused(&why.body_text()))
    }
}

fn refused(why: &str) -> Response {
    let content = html! { p .bad { (why) "." } };
    html_answer(StatusCode::BAD_REQUEST, page("Not possible", content))
}

/// Has a person sign in, and asks whether the application may act for them.
pub async fn sign_in(Fields(asked): Fields<CodeRequest>) -> Response {
    let key = match asked.check() {
        Ok(key) => key,
        Err(why) => return refused(why),
    };
    let content = html! {
        p { "The application with the API key " code { (key) }
            " wants to act for you on this site." }
        form method="post" {
            @for (name, value) in [
                ("client_id", &asked.client_id),
                ("redirect_uri", &asked.redirect_uri),
                ("response_type", &asked.response_type),
                ("code_challenge", &asked.code_challenge),
                ("code_challenge_method", &asked.code_challenge_method),
            ] {
                input type="hidden" name=(name) value=(value);
            }
            @if let Some(state) = &asked.state {
                input type="hidden" name="state" value=(state);
            }
            label { "E-mail " input type="email" name="email" value=(OWNER_EMAIL) required; }
            label { "Password " input type="password" name="password" required; }
            button name="decision" value="allow" { "Allow" }
            button name="decision" value="deny" formnovalidate { "Deny" }
        }
    };
    html_answer(StatusCode::OK, page("Sign in", content))
}

#[derive(Deserialize)]
pub struct SignedIn {
    #[serde(flatten)]
    asked: CodeRequest,
    decision: Decision,
    email: Option<String>,
    password: Option<String>,
}

pub async fn signed_in(State(site): State<Arc<Site>>, Fields(form): Fields<SignedIn>) -> Response {
    let asked = &form.asked;
    let key = match asked.check() {
        Ok(key) => key,
        Err(why) => return refused(why),
    };
    let mut results = vec![];
    if let Some(state) = &asked.state {
        results.push(("state", state.as_str()));
    }
    if let Decision::Deny = form.decision {
        results.push(("error", "access_denied"));
        return back(&asked.redirect_uri, &results, || html! {});
    }
    let mut world = site.world();
    let world = &mut *world;
    let user = form
        .email
        .as_deref()
        .and_then(|email| world.data.user_by_email(email));
    let user = user.filter(|_| form.password.as_deref() == Some(v2::PASSWORD));
    let Some(user) = user.map(|user| user.id) else {
        return refused("E-mail or password is wrong");
    };
    let now = site.now().unix_timestamp();
    let code = world
        .bearers
        .code(key, user, &asked.redirect_uri, &asked.code_challenge, now);
    results.push(("code", &code));
    back(&asked.redirect_uri, &results, || html! {})
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
