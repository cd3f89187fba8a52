//! Fields of request bodies.

use serde_json::{Map, Value};

use super::response::{ApiError, invalid};

/// Returns a string, or `None` if the field is missing, null or blank.
pub fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object
        .get(name)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

/// Returns a value, or `None` if the field is missing, null or blank.
fn present<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let value = object.get(name)?;
    let blank = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    (!blank).then_some(value)
}

/// Returns a number, which may be encoded as a string, or an error for any other value.
pub fn number(object: &Map<String, Value>, name: &str) -> Result<Option<u64>, ApiError> {
    let Some(value) = present(object, name) else {
        return Ok(None);
    };
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let error = || invalid(format!("{name} is not a whole number of 0 or more"));
    number.map(Some).ok_or_else(error)
}

/// Returns a boolean, which may be encoded as a string, or an error for any other value.
pub fn flag(object: &Map<String, Value>, name: &str) -> Result<Option<bool>, ApiError> {
    let Some(value) = present(object, name) else {
        return Ok(None);
    };
    let flag = value.as_bool().or_else(|| value.as_str()?.parse().ok());
    let error = || invalid(format!("{name} is neither true nor false"));
    flag.map(Some).ok_or_else(error)
}
