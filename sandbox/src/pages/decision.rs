//! The user's decision about an application's access, and the way back to the application.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde::Deserialize;

use super::html::html_response;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Allow,
    Deny,
}

/// Redirects to the callback with these parameters, or shows a page if the callback is "oob".
pub fn redirect_back(
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
