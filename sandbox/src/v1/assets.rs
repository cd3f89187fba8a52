//! Assets: uploaded files.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::context::Context;
use super::fields::text;
use super::response::{ApiError, ApiResult, format_time, invalid, not_found};
use crate::data::{Asset, Id};

/// Unlike other records, an asset is not the member of an object.
fn to_json(asset: &Asset) -> Value {
    json!({
        "id": asset.id,
        "name": asset.name,
        "file_name": asset.name,
        "description": null,
        "content_type": asset.content_type,
        "file_size": asset.size,
        "created_at": format_time(asset.created_at),
        "updated_at": format_time(asset.created_at),
    })
}

/// Requires a signed request of a user, or of a trusted API key.
fn require_owner(ctx: &Context) -> Result<(), ApiError> {
    match ctx.caller.user {
        Some(_) => ctx.require_user().map(|_| ()),
        None => ctx.require_trusted_key(),
    }
}

pub fn create(ctx: &mut Context) -> ApiResult {
    require_owner(ctx)?;
    let body = ctx.body.as_object().cloned().unwrap_or_default();
    let name = text(&body, "name").ok_or_else(|| invalid("Name can't be blank"))?;
    let data = text(&body, "data_base64").ok_or_else(|| invalid("data_base64 is missing"))?;
    let data: String = data.split_ascii_whitespace().collect();
    let bytes = STANDARD
        .decode(data)
        .map_err(|_| invalid("data_base64 is not base64"))?;
    let created_at = ctx.now;
    let asset = ctx.data.assets.insert(|id| Asset {
        id,
        name: name.into(),
        content_type: text(&body, "type")
            .unwrap_or("application/octet-stream")
            .into(),
        size: bytes.len(),
        created_at,
    });
    Ok((StatusCode::CREATED, to_json(asset)))
}

pub fn read(ctx: &Context, id: Id) -> ApiResult {
    require_owner(ctx)?;
    let asset = ctx.data.assets.get(id).ok_or_else(|| not_found("Asset"))?;
    Ok((StatusCode::OK, to_json(asset)))
}

pub fn delete(ctx: &mut Context, id: Id) -> ApiResult {
    require_owner(ctx)?;
    let asset = ctx
        .data
        .assets
        .remove(id)
        .ok_or_else(|| not_found("Asset"))?;
    Ok((StatusCode::OK, to_json(&asset)))
}
