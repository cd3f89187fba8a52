//! Support tickets and their notes.

use serde_json::{Map, Value, json};

use super::context::{Context, OLDEST_FIRST};
use super::fields::{number, text};
use super::response::{ApiError, ApiResult, created, format_time, invalid, not_found, ok};
use super::{notes, ticket_messages, users};
use crate::data::{Id, Message, NoteSubject, Ticket};

const STATES: [&str; 4] = ["open", "closed", "spam", "deleted"];

pub fn to_json(ctx: &Context, ticket: &Ticket) -> Value {
    let contact = ctx.data.users.get(ticket.contact);
    let notes = ctx.data.notes.iter();
    let notes = notes.filter(|note| note.subject == NoteSubject::Ticket(ticket.id));
    json!({
        "id": ticket.id,
        "ticket_number": ticket.id,
        "subject": ticket.subject,
        "state": ticket.state,
        "url": format!("{}/admin/tickets/{}", ctx.origin, ticket.id),
        "from_email_address": contact.map(|user| &user.email),
        "custom_fields": ticket.custom_fields.iter()
            .map(|(key, value)| json!({ "key": key, "value": value })).collect::<Vec<_>>(),
        "messages": ticket.messages.iter().rev()
            .map(|message| ticket_messages::to_json(ctx, message)).collect::<Vec<_>>(),
        "notes": notes.map(|note| notes::to_json(ctx, note)).collect::<Vec<_>>(),
        "assignee": ticket.assignee.map(|id| users::summary(ctx, id)),
        "created_by": users::summary(ctx, ticket.contact),
        "contact": contact.map(|user| users::to_json(ctx, user)),
        "last_message_at": ticket.messages.last().map(|message| format_time(message.created_at)),
        "created_at": format_time(ticket.created_at),
        "updated_at": format_time(ticket.updated_at),
    })
}

pub fn find<'a>(ctx: &'a Context, id: Id) -> Result<&'a Ticket, ApiError> {
    ctx.require_trusted_client()?;
    ctx.data.tickets.get(id).ok_or_else(|| not_found("Ticket"))
}

pub fn list(ctx: &Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let state = ctx.parameter("state");
    let rows = ctx.data.tickets.iter();
    let rows = rows.filter(|ticket| state.is_none_or(|state| ticket.state == state));
    ctx.page("tickets", OLDEST_FIRST, rows.collect(), |record| {
        to_json(ctx, record)
    })
}

pub fn search(ctx: &Context) -> ApiResult {
    ctx.require_trusted_client()?;
    let query = ctx.search_query()?;
    let rows = ctx.data.tickets.iter().filter(|ticket| {
        let bodies = ticket.messages.iter().map(|message| &message.body);
        bodies
            .chain([&ticket.subject])
            .any(|text| text.to_lowercase().contains(&query))
    });
    ctx.page("tickets", OLDEST_FIRST, rows.collect(), |record| {
        to_json(ctx, record)
    })
}

pub fn read(ctx: &Context, id: Id) -> ApiResult {
    ok("ticket", to_json(ctx, find(ctx, id)?))
}

/// Creates a ticket of the acting user, or of the user with the `email` beside the ticket.
pub fn create(ctx: &mut Context) -> ApiResult {
    let input = ctx.object("ticket")?;
    let subject = text(&input, "subject").ok_or_else(|| invalid("Subject can't be blank"))?;
    let body = text(&input, "message").ok_or_else(|| invalid("Message can't be blank"))?;
    let state = state(&input)?.unwrap_or("open");
    let custom_fields = custom_fields(ctx, &input)?;
    let attachments = ticket_messages::attachments(&input)?;
    let now = ctx.now;
    let contact = match ctx.caller.user {
        // Checked: the token stays valid after its user is deleted.
        Some(_) => ctx.require_user()?,
        None => {
            let body = ctx.body.as_object().cloned().unwrap_or_default();
            let email = users::required_email(&body)?.to_string();
            ctx.data
                .find_or_create_user(&email, text(&body, "name"), now)
        }
    };
    let message = Message {
        id: ctx.data.next_message_id(),
        body: body.into(),
        sender: contact,
        attachments,
        created_at: now,
    };
    let id = ctx
        .data
        .tickets
        .insert(|id| Ticket {
            id,
            subject: subject.into(),
            state: state.into(),
            contact,
            assignee: None,
            custom_fields,
            messages: vec![message],
            created_at: now,
            updated_at: now,
        })
        .id;
    match ctx.data.tickets.get(id) {
        Some(ticket) => created("ticket", to_json(ctx, ticket)),
        None => Err(not_found("Ticket")),
    }
}

fn state(ticket: &Map<String, Value>) -> Result<Option<&str>, ApiError> {
    match text(ticket, "state") {
        Some(state) if !STATES.contains(&state) => Err(invalid("State is unknown")),
        state => Ok(state),
    }
}

fn custom_fields(
    ctx: &Context,
    ticket: &Map<String, Value>,
) -> Result<Vec<(String, String)>, ApiError> {
    let values = match ticket.get("custom_field_values") {
        None | Some(Value::Null) => return Ok(vec![]),
        Some(Value::Object(values)) => values,
        Some(_) => return Err(invalid("custom_field_values is not an object")),
    };
    values
        .iter()
        .map(|(key, value)| {
            let field = ctx
                .data
                .custom_fields
                .iter()
                .find(|field| field.key == *key);
            let field = field.ok_or_else(|| invalid(format!("Custom field {key} is unknown")))?;
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return Err(invalid(format!("Custom field {key} must be a string"))),
            };
            if field.kind == "predefined" && !field.possible_values.contains(&value.as_str()) {
                return Err(invalid(format!("Custom field {key} has no such value")));
            }
            Ok((key.clone(), value))
        })
        .collect()
}

pub fn update(ctx: &mut Context, id: Id) -> ApiResult {
    find(ctx, id)?;
    let input = ctx.object("ticket")?;
    let state = state(&input)?;
    let fields = custom_fields(ctx, &input)?;
    let assignee = number(&input, "assignee_id")?;
    if let Some(assignee) = assignee {
        ctx.find_user(assignee)?;
    }
    let now = ctx.now;
    if let Some(ticket) = ctx.data.tickets.get_mut(id) {
        if let Some(state) = state {
            ticket.state = state.into();
        }
        if let Some(subject) = text(&input, "subject") {
            ticket.subject = subject.into();
        }
        for (key, value) in fields {
            ticket
                .custom_fields
                .retain(|(existing, _)| *existing != key);
            ticket.custom_fields.push((key, value));
        }
        ticket.assignee = assignee.or(ticket.assignee);
        ticket.updated_at = now;
    }
    read(ctx, id)
}

pub fn delete(ctx: &mut Context, id: Id) -> ApiResult {
    let deleted = to_json(ctx, find(ctx, id)?);
    ctx.data.tickets.remove(id);
    ctx.data
        .notes
        .retain(|note| note.subject != NoteSubject::Ticket(id));
    ok("ticket", deleted)
}

pub fn list_notes(ctx: &Context, id: Id) -> ApiResult {
    find(ctx, id)?;
    notes::list(ctx, NoteSubject::Ticket(id))
}

pub fn add_note(ctx: &mut Context, id: Id) -> ApiResult {
    find(ctx, id)?;
    notes::create(ctx, NoteSubject::Ticket(id))
}
