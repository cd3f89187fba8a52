//! The layout of the pages.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

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

pub fn html_response(status: StatusCode, title: &str, content: Markup) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, headers, page(title, content).into_string()).into_response()
}

pub fn error_page(message: &str) -> Response {
    let content = html! { p .bad { (message) "." } };
    html_response(StatusCode::BAD_REQUEST, "Not possible", content)
}
