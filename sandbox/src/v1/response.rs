//! Results of handlers, and their conversion to HTTP responses.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::response::{errors, page_not_found};

pub type ApiResult = Result<(StatusCode, Value), ApiError>;

#[derive(Debug)]
pub enum ApiError {
    /// An error that the service reports as JSON.
    Json {
        status: StatusCode,
        kind: &'static str,
        message: String,
    },
    /// No such route, for which the service sends an HTML page.
    NoRoute,
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            ApiError::Json { message, .. } => out.write_str(message),
            ApiError::NoRoute => out.write_str("there is no such page"),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            ApiError::NoRoute => page_not_found(),
            ApiError::Json {
                status,
                kind,
                message,
            } => errors(status, json!({ "type": kind, "message": message })),
        }
    }
}

pub fn bad_request(message: String) -> ApiError {
    ApiError::Json {
        status: StatusCode::BAD_REQUEST,
        kind: "bad_request",
        message,
    }
}

pub fn unauthorized(message: &str) -> ApiError {
    ApiError::Json {
        status: StatusCode::UNAUTHORIZED,
        kind: "unauthorized",
        message: message.into(),
    }
}

/// Returns the error for a record that does not exist, such as "Forum".
pub fn not_found(record: &str) -> ApiError {
    ApiError::Json {
        status: StatusCode::NOT_FOUND,
        kind: "record_not_found",
        message: format!("{record} not found"),
    }
}

pub fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::Json {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        kind: "record_invalid",
        message: message.into(),
    }
}

/// Returns a record as the member `name` of a JSON object.
pub fn ok(name: &str, record: Value) -> ApiResult {
    Ok((StatusCode::OK, json!({ name: record })))
}

pub fn created(name: &str, record: Value) -> ApiResult {
    Ok((StatusCode::CREATED, json!({ name: record })))
}

/// Formats a timestamp as API v1 does.
pub fn format_time(time: OffsetDateTime) -> String {
    let format = format_description!("[year]/[month]/[day] [hour]:[minute]:[second] +0000");
    time.format(format)
        .expect("every timestamp has the fields of this format")
}
