//! `/`: the front page, which logs in the user of a single sign-on token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::Value;

use super::form::Fields;
use super::html::html_response;
use crate::auth::credentials::SSO_KEY;
use crate::auth::sso;
use crate::site::Site;
use crate::v1;

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
