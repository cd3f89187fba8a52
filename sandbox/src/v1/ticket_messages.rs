//! Messages of support tickets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::context::{Context, NEWEST_FIRST};
use super::fields::text;
use super::response::{
    ApiError, ApiResult, created, format_time, invalid, not_found, unauthorized,
};
use super::{tickets, users};
use crate::data::{Attachment, Id, Message};

pub fn to_json(ctx: &Context, message: &Message) -> Value {
    let sender = ctx.data.users.get(message.sender);
    json!({
        "id": message.id,
        "channel": "api",
        "body": message.body,
        "plaintext_body": message.body,
        "is_admin_response": sender.is_some_and(|user| user.admin),
        "sender": users::summary(ctx, message.sender),
        "attachments": message.attachments.iter().enumerate().map(|(index, attachment)| json!({
            "name": attachment.name,
            "content_type": attachment.content_type,
            "size": attachment.content.len(),
            "url": format!("{}/ticket_messages/{}/attachments/{index}", ctx.origin, message.id),
        })).collect::<Vec<_>>(),
        "created_at": format_time(message.created_at),
    })
}

pub fn attachments(ticket: &Map<String, Value>) -> Result<Vec<Attachment>, ApiError> {
    let list = ticket.get("attachments").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .map(|attachment| {
            let name =
                text(attachment, "name").ok_or_else(|| invalid("An attachment needs a name"))?;
            let data = text(attachment, "data").unwrap_or_default();
            // Many encoders break lines.
            let data: String = data.split_ascii_whitespace().collect();
            let bytes = STANDARD
                .decode(data)
                .map_err(|_| invalid(format!("Attachment {name} is not base64")))?;
            Ok(Attachment {
                name: name.into(),
                content_type: text(attachment, "content_type")
                    .unwrap_or("application/octet-stream")
                    .into(),
                content: bytes.into(),
            })
        })
        .collect()
}

pub fn list(ctx: &Context, id: Id) -> ApiResult {
    let rows = tickets::find(ctx, id)?.messages.iter().collect();
    ctx.page("messages", NEWEST_FIRST, rows, |record| {
        to_json(ctx, record)
    })
}

/// Lists the messages of all tickets.
pub fn list_all(ctx: &Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let mut rows: Vec<&Message> = ctx
        .data
        .tickets
        .iter()
        .flat_map(|ticket| &ticket.messages)
        .collect();
    rows.sort_by_key(|message| message.id);
    ctx.page("messages", NEWEST_FIRST, rows, |record| {
        to_json(ctx, record)
    })
}

/// Returns the sender of a reply: the acting user, or the user with the `email` beside the
/// message. It must be an admin, or the ticket's requester with a trusted API key.
fn require_sender(ctx: &Context, id: Id) -> Result<Id, ApiError> {
    let sender = match ctx.parameter("email") {
        Some(email) if ctx.caller.user.is_none() => {
            ctx.require_trusted_key()?;
            let user = ctx.data.user_by_email(email);
            user.ok_or_else(|| not_found("User"))?.id
        }
        _ => ctx.require_user()?,
    };
    let ticket = ctx
        .data
        .tickets
        .get(id)
        .ok_or_else(|| not_found("Ticket"))?;
    let is_requester = ctx.caller.trusted && ticket.contact == sender;
    match is_requester || ctx.find_user(sender)?.admin {
        true => Ok(sender),
        false => Err(unauthorized("Trusted client or user required")),
    }
}

/// Adds a message. An admin's reply closes the ticket, the requester's opens it again.
pub fn reply(ctx: &mut Context, id: Id) -> ApiResult {
    let sender = require_sender(ctx, id)?;
    let input = ctx.object("ticket_message")?;
    let body = text(&input, "text")
        .or(text(&input, "body"))
        .ok_or_else(|| invalid("Text can't be blank"))?;
    let message = Message {
        id: ctx.data.next_message_id(),
        body: body.into(),
        sender,
        attachments: attachments(&input)?,
        created_at: ctx.now,
    };
    let message_json = to_json(ctx, &message);
    let is_admin = ctx.find_user(sender)?.admin;
    let now = ctx.now;
    let ticket = ctx
        .data
        .tickets
        .get_mut(id)
        .ok_or_else(|| not_found("Ticket"))?;
    ticket.messages.push(message);
    ticket.state = if is_admin { "closed" } else { "open" }.into();
    ticket.updated_at = now;
    let ticket = ctx
        .data
        .tickets
        .get(id)
        .ok_or_else(|| not_found("Ticket"))?;
    let (status, mut body) = created("ticket", tickets::to_json(ctx, ticket))?;
    body["message"] = message_json;
    Ok((status, body))
}
