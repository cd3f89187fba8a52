//! The context of a request, and the results of handlers.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::input::Input;
use super::record::View;
use crate::api::Match;
use crate::data::{Act, Data, Id};

pub struct Context<'a> {
    pub data: &'a mut Data,
    pub user: Id,
    pub call: Match<'a>,
    pub input: Input,
    pub now: OffsetDateTime,
    /// The origin that the request was sent to.
    pub origin: &'a str,
    /// Ignores unknown parameters, as the service does.
    pub lenient: bool,
}

impl Context<'_> {
    pub fn view(&self) -> View<'_> {
        View {
            data: self.data,
            origin: self.origin,
        }
    }

    /// Returns the act of the request's user.
    pub fn act(&self) -> Act {
        Act {
            user: self.user,
            now: self.now,
        }
    }

    /// Returns the id in the path.
    pub fn id(&self) -> Result<Id, ApiError> {
        self.call.id.parse().map_err(|_| ApiError::NotFound)
    }
}

/// The JSON of a successful response. Its status code is the one in the table.
pub type ApiResult = Result<Value, ApiError>;

pub enum ApiError {
    /// Validation errors: an object from parameters to what is wrong with them.
    Invalid(Value),
    /// The same, with a message for people.
    Unknown(Value, String),
    BadRequest(String),
    NotFound,
    /// The table has no call with this method and path.
    NoCall(String),
    Forbidden,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            ApiError::Invalid(errors) => (422, json!({ "errors": errors })),
            ApiError::Unknown(errors, message) => {
                (422, json!({ "message": message, "errors": errors }))
            }
            ApiError::BadRequest(message) => (400, json!({ "message": message })),
            ApiError::NotFound => (404, json!({ "message": "Record not found" })),
            ApiError::NoCall(call) => (
                404,
                json!({ "message": format!("There is no call {call}") }),
            ),
            ApiError::Forbidden => (403, json!({ "message": "Admin required" })),
        };
        let status = StatusCode::from_u16(status).expect("a status code of the list above");
        (status, axum::Json(body)).into_response()
    }
}

/// Returns the error for one parameter. `links.forum` is `forum` in the object `links`.
pub fn invalid(parameter: &str, word: &str) -> ApiError {
    let mut errors = Map::new();
    add_error(&mut errors, parameter, word);
    ApiError::Invalid(errors.into())
}

/// Adds what is wrong with a parameter. Dots in its name are levels of objects.
pub fn add_error(errors: &mut Map<String, Value>, parameter: &str, word: &str) {
    let Some((object, rest)) = parameter.split_once('.') else {
        errors.insert(parameter.into(), word.into());
        return;
    };
    let object = errors.entry(object).or_insert_with(|| json!({}));
    if let Some(object) = object.as_object_mut() {
        add_error(object, rest, word);
    }
}
