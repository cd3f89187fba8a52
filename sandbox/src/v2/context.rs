//! The context of a request, and the results of handlers.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::data::{Data, Id};
use crate::response::errors;

pub struct Context<'a> {
    pub data: &'a mut Data,
    pub user: Id,
    pub query: Vec<(String, String)>,
    pub body: Value,
    pub now: OffsetDateTime,
    /// The origin that the request was sent to.
    pub origin: String,
}

pub type ApiResult = Result<(StatusCode, Value), ApiError>;

pub enum ApiError {
    /// Validation errors: an object from field names to what is wrong with them.
    Invalid(Value),
    NotFound,
    Forbidden,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            ApiError::Invalid(fields) => errors(StatusCode::UNPROCESSABLE_ENTITY, fields),
            ApiError::NotFound => message(StatusCode::NOT_FOUND, "Record not found"),
            ApiError::Forbidden => message(StatusCode::FORBIDDEN, "Admin required"),
        }
    }
}

/// Returns an error response as API v2 sends it: without `errors`, unlike API v1.
pub fn message(status: StatusCode, text: &str) -> Response {
    (status, axum::Json(json!({ "message": text }))).into_response()
}
