//! Responses that both API versions send.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

/// Returns the service's page for a URL that has no route.
pub fn page_not_found() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Page not found</title></head>\
                <body><h1>The page you were looking for does not exist.</h1></body></html>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

/// Returns an error response whose JSON has `errors`.
pub fn errors(status: StatusCode, errors: Value) -> Response {
    (status, axum::Json(json!({ "errors": errors }))).into_response()
}
