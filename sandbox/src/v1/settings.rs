//! The site's settings: statuses and custom fields.

use serde_json::{Value, json};

use super::context::{Context, OLDEST_FIRST};
use super::response::ApiResult;
use crate::data::{CustomField, Status};

pub fn status_to_json(status: &Status) -> Value {
    json!({
        "id": status.id,
        "name": status.name,
        "hex_color": status.hex_color,
        "key": status.key,
    })
}

pub fn statuses(ctx: &Context) -> ApiResult {
    let rows = ctx.data.statuses.iter().collect();
    ctx.page("statuses", OLDEST_FIRST, rows, status_to_json)
}

pub fn custom_fields(ctx: &Context) -> ApiResult {
    ctx.require_signature()?;
    let rows = ctx.data.custom_fields.iter().collect();
    ctx.page(
        "custom_fields",
        OLDEST_FIRST,
        rows,
        |field: &CustomField| {
            json!({
                "id": field.id,
                "name": field.key,
                "field_type": field.kind,
                "possible_values": field.possible_values,
            })
        },
    )
}
