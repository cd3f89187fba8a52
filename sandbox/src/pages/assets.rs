//! The style sheet and the script of the pages.

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("assets/site.css"))
}

pub async fn script() -> Response {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("assets/site.js"),
    )
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
