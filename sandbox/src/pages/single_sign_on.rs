//! Single sign-on links: any page of the site with a token as the parameter `sso`.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::html::{error_page, html_response, site_page};
use super::visitor;
use crate::auth::credentials::SSO_KEY;
use crate::auth::sso;
use crate::journal::{Page, Rejection};
use crate::site::Site;
use crate::v1;

#[derive(Deserialize)]
pub struct LinkQuery {
    sso: Option<String>,
}

/// Signs in the user of a link's token. A link without one is passed on to the page.
pub async fn follow_link(
    State(site): State<Arc<Site>>,
    query: Result<Query<LinkQuery>, QueryRejection>,
    request: Request,
    next: Next,
) -> Response {
    match query {
        Err(rejection) => error_page(&rejection.body_text()),
        Ok(Query(LinkQuery { sso: None })) => next.run(request).await,
        Ok(Query(LinkQuery { sso: Some(token) })) => log_in(&site, &token, request.uri()),
    }
}

/// Signs in the user of a token. Shows its claims if the link leads to the front page, otherwise
/// redirects to the page of the link.
fn log_in(site: &Site, token: &str, link: &Uri) -> Response {
    let mut state = site.lock();
    let claims = sso::verify(token, SSO_KEY, site.now());
    let logged_in = claims.and_then(|claims| {
        v1::find_or_create_by_claims(&mut state.data, &claims, site.now())
            .map(|user| (user, claims))
            .map_err(|error| error.to_string())
    });
    let (user, claims) = match logged_in {
        Ok(logged_in) => logged_in,
        Err(reason) => return rejected(reason),
    };
    let (visitor, cookie) = visitor::sign_in(&mut state, user);
    if link.path() != "/" {
        return (cookie, Redirect::to(&without_token(link))).into_response();
    }
    let mut page = site_page(&visitor, "", "Logged in", claims_page(&claims));
    // A login is a request that the lists of requests show.
    page.extensions_mut().remove::<Page>();
    (cookie, page).into_response()
}

fn rejected(reason: String) -> Response {
    let content = html! {
        p .bad { "The single sign-on token is invalid: " (reason) "." }
        p { a href="/" { "Overview of the site" } }
    };
    let response = html_response(StatusCode::UNAUTHORIZED, "Not logged in", content);
    (axum::Extension(Rejection(reason)), response).into_response()
}

/// Returns the path and query of a link, without the token, which would stay in the address bar.
fn without_token(link: &Uri) -> String {
    let pairs = link.query().unwrap_or_default().split('&');
    let others: Vec<&str> = pairs.filter(|pair| !pair.starts_with("sso=")).collect();
    match others.is_empty() {
        true => link.path().into(),
        false => format!("{}?{}", link.path(), others.join("&")),
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
