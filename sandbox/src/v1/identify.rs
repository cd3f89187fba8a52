//! The input of `identify`, which assigns the ids of another system to records.

use serde_json::Value;

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
                id: text(entry, "external_id").ok_or_else(incomplete)?.into(),
            };
            Ok((id, external_id))
        })
        .collect()
}
