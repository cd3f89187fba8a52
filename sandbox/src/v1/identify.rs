//! The input of `identify`, which assigns the ids of another system to records.

use serde_json::{Map, Value, json};

use super::context::Context;
use super::fields::{number, text};
use super::response::{ApiError, invalid};
use crate::data::{ExternalId, Id};

/// Parses a body such as
/// `{"external_scope":"crm","identifications":[{"id":1,"external_id":"A-7"}]}`.
pub fn parse(ctx: &Context) -> Result<Vec<(Id, ExternalId)>, ApiError> {
    let scope = ctx
        .parameter("external_scope")
        .ok_or_else(|| invalid("external_scope is missing"))?;
    let list = ctx.body.get("identifications").and_then(Value::as_array);
    let list = list.ok_or_else(|| invalid("identifications is missing"))?;
    list.iter()
        .map(|entry| {
            let incomplete = || invalid("An identification needs id and external_id");
            let entry = entry.as_object().ok_or_else(incomplete)?;
            let id = number(entry, "id")?.ok_or_else(incomplete)?;
            let external_id = ExternalId {
                scope: scope.into(),
                id: external_id(entry).ok_or_else(incomplete)?,
            };
            Ok((id, external_id))
        })
        .collect()
}

/// Returns the id in the other system, a string or a number.
fn external_id(entry: &Map<String, Value>) -> Option<String> {
    match entry.get("external_id")? {
        Value::Number(number) => Some(number.to_string()),
        _ => text(entry, "external_id").map(String::from),
    }
}

/// Returns the ids of the identified records, in ascending order, as the service responds.
pub fn ids(identities: &[(Id, ExternalId)]) -> Value {
    let mut ids: Vec<Id> = identities.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    json!({ "ids": ids })
}
