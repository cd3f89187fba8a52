//! Fields of request bodies.

use serde_json::{Value, json};

use super::context::ApiError;
use crate::data::{Id, Row, Table};

/// Returns a string, or `None` if the field is missing, not a string or blank.
pub fn text<'a>(body: &'a Value, field: &str) -> Option<&'a str> {
    body[field].as_str().filter(|text| !text.trim().is_empty())
}

/// Returns a boolean, which may be encoded as a string, or an error for any other value.
pub fn flag(body: &Value, field: &str) -> Result<Option<bool>, ApiError> {
    match &body[field] {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        Value::String(text) if text == "true" => Ok(Some(true)),
        Value::String(text) if text == "false" => Ok(Some(false)),
        _ => Err(ApiError::Invalid(json!({ field: "boolean" }))),
    }
}

/// Returns the id of an existing record in `links`, which may be encoded as a string, or what
/// is wrong with it.
pub fn link<T: Row>(
    body: &Value,
    name: &str,
    records: &Table<T>,
) -> Result<Option<Id>, &'static str> {
    let link = &body["links"][name];
    if link.is_null() {
        return Ok(None);
    }
    let id = link.as_u64().or_else(|| link.as_str()?.parse().ok());
    let id = id.ok_or("int")?;
    match records.get(id) {
        Some(_) => Ok(Some(id)),
        None => Err("not_found"),
    }
}
