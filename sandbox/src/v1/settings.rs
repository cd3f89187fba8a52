//! The site's settings: statuses, custom fields, API clients and support queues.

use serde_json::{Value, json};

use super::context::{Context, OLDEST_FIRST};
use super::fields::text;
use super::response::{ApiError, ApiResult, created, invalid, not_found, ok};
use crate::auth::credentials::{SUBDOMAIN, UNTRUSTED};
use crate::data::{CustomField, Id, Status, SupportQueue};

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
    public_custom_fields(ctx)
}

/// Lists the custom fields of the contact form, which needs no signature.
pub fn public_custom_fields(ctx: &Context) -> ApiResult {
    let rows = ctx.data.custom_fields.iter().collect();
    ctx.page("custom_fields", OLDEST_FIRST, rows, custom_field_to_json)
}

fn custom_field_to_json(field: &CustomField) -> Value {
    let values = field.possible_values.iter();
    let values = values.map(|value| json!({ "value": value }));
    json!({
        "id": field.id,
        "name": field.key,
        "field_type": field.kind,
        "allow_blank": true,
        "possible_values": values.collect::<Vec<_>>(),
    })
}

/// Returns the settings of an API client, with the fields that UserVoice's mobile SDKs read.
fn client_to_json(ctx: &Context, key: &str) -> Value {
    let fields = ctx.data.custom_fields.iter();
    let host = ctx.origin.split("://").last();
    json!({
        "id": 1,
        "key": key,
        "tickets_enabled": true,
        "feedback_enabled": true,
        "white_label": false,
        "display_suggestions_by_rank": false,
        "forum": { "id": ctx.data.forums.iter().next().map(|forum| forum.id) },
        "subdomain": {
            "id": 1, "name": "Sandbox", "host": host, "key": SUBDOMAIN, "default_sort": "votes",
        },
        "custom_fields": fields.map(custom_field_to_json).collect::<Vec<_>>(),
    })
}

/// Reads the API client that the request is of.
pub fn client(ctx: &Context) -> ApiResult {
    ok("client", client_to_json(ctx, ctx.caller.api_key))
}

/// Reads the API client for programs that have no key: an untrusted one, with its secret.
pub fn default_client(ctx: &Context) -> ApiResult {
    let mut client = client_to_json(ctx, UNTRUSTED.key);
    client["secret"] = UNTRUSTED.secret.into();
    ok("client", client)
}

fn support_queue_to_json(queue: &SupportQueue) -> Value {
    json!({ "id": queue.id, "name": queue.name })
}

pub fn support_queues(ctx: &Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let rows = ctx.data.support_queues.iter().collect();
    ctx.page("support_queues", OLDEST_FIRST, rows, support_queue_to_json)
}

pub fn support_queue(ctx: &Context, id: Id) -> ApiResult {
    ctx.require_trusted_client()?;
    let queue = ctx.data.support_queues.get(id);
    let queue = queue.ok_or_else(|| not_found("Support queue"))?;
    ok("support_queue", support_queue_to_json(queue))
}

/// Returns the name of a queue in the body.
fn queue_name(ctx: &Context) -> Result<String, ApiError> {
    ctx.require_admin()?;
    let input = ctx.object("support_queue")?;
    let name = text(&input, "name").ok_or_else(|| invalid("Name can't be blank"))?;
    Ok(name.into())
}

pub fn create_support_queue(ctx: &mut Context) -> ApiResult {
    let name = queue_name(ctx)?;
    let queue = ctx
        .data
        .support_queues
        .insert(|id| SupportQueue { id, name });
    created("support_queue", support_queue_to_json(queue))
}

pub fn update_support_queue(ctx: &mut Context, id: Id) -> ApiResult {
    let name = queue_name(ctx)?;
    let queue = ctx.data.support_queues.get_mut(id);
    let queue = queue.ok_or_else(|| not_found("Support queue"))?;
    queue.name = name;
    ok("support_queue", support_queue_to_json(queue))
}

pub fn delete_support_queue(ctx: &mut Context, id: Id) -> ApiResult {
    ctx.require_admin()?;
    let queue = ctx.data.support_queues.remove(id);
    let queue = queue.ok_or_else(|| not_found("Support queue"))?;
    ok("support_queue", support_queue_to_json(&queue))
}
