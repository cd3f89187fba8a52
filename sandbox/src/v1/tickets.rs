//! Support tickets, their messages and notes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::call::{
    Call, OLDEST_FIRST, Refusal, Reply, created, date, invalid, not_found, number, one, text,
};
use super::suggestions::{create_note, list_notes, show_note};
use super::users;
use crate::data::{Attachment, Id, Message, Subject, Ticket};

const STATES: [&str; 4] = ["open", "closed", "spam", "deleted"];

fn show(call: &Call, ticket: &Ticket) -> Value {
    let contact = call.data.users.get(ticket.contact);
    let notes = call.data.notes.iter();
    let notes = notes.filter(|note| note.on == Subject::Ticket(ticket.id));
    json!({
        "id": ticket.id,
        "ticket_number": ticket.id,
        "subject": ticket.subject,
        "state": ticket.state,
        "url": format!("{}/admin/tickets/{}", call.site, ticket.id),
        "from_email_address": contact.map(|user| &user.email),
        "custom_fields": ticket.custom_fields.iter()
            .map(|(key, value)| json!({ "key": key, "value": value })).collect::<Vec<_>>(),
        "messages": ticket.messages.iter()
            .map(|message| show_message(call, message)).collect::<Vec<_>>(),
        "notes": notes.map(|note| show_note(call, note)).collect::<Vec<_>>(),
        "assignee": ticket.assignee.map(|id| users::show_name(call, id)),
        "created_by": users::show_name(call, ticket.contact),
        "contact": contact.map(|user| users::show(call, user)),
        "last_message_at": ticket.messages.last().map(|message| date(message.created_at)),
        "created_at": date(ticket.created_at),
        "updated_at": date(ticket.updated_at),
    })
}

fn show_message(call: &Call, message: &Message) -> Value {
    let sender = call.data.users.get(message.sender);
    json!({
        "id": message.id,
        "channel": "api",
        "body": maud::html! { p { (message.body) } }.into_string(),
        "plaintext_body": message.body,
        "is_admin_response": sender.is_some_and(|user| user.admin),
        "sender": users::show_name(call, message.sender),
        "attachments": message.attachments.iter().map(|attachment| json!({
            "name": attachment.name,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "url": format!("{}/attachments/{}", call.site, attachment.name),
        })).collect::<Vec<_>>(),
        "created_at": date(message.created_at),
    })
}

fn find<'a>(call: &'a Call, id: Id) -> Result<&'a Ticket, Refusal> {
    call.trusted()?;
    call.data.tickets.get(id).ok_or_else(|| not_found("Ticket"))
}

pub fn list(call: &Call) -> Reply {
    call.trusted()?;
    let state = call.parameter("state");
    let rows = call.data.tickets.iter();
    let rows = rows.filter(|ticket| state.is_none_or(|state| ticket.state == state));
    call.list("tickets", OLDEST_FIRST, rows.collect(), |one| {
        show(call, one)
    })
}

pub fn search(call: &Call) -> Reply {
    call.trusted()?;
    let wanted = call.search_text()?;
    let rows = call.data.tickets.iter().filter(|ticket| {
        let bodies = ticket.messages.iter().map(|message| &message.body);
        bodies
            .chain([&ticket.subject])
            .any(|text| text.to_lowercase().contains(&wanted))
    });
    call.list("tickets", OLDEST_FIRST, rows.collect(), |one| {
        show(call, one)
    })
}

pub fn read(call: &Call, id: Id) -> Reply {
    one("ticket", show(call, find(call, id)?))
}

/// Anyone may write to the support: a user, or a key with an `email` beside the
/// ticket.
pub fn create(call: &mut Call) -> Reply {
    let wanted = call.object("ticket")?;
    let subject = text(&wanted, "subject").ok_or_else(|| invalid("Subject can't be blank"))?;
    let body = text(&wanted, "message").ok_or_else(|| invalid("Message can't be blank"))?;
    let state = state(&wanted)?.unwrap_or("open");
    let custom_fields = custom_fields(call, &wanted)?;
    let attachments = attachments(&wanted)?;
    let now = call.now;
    let contact = match call.caller.user {
        // The token outlives a user who was deleted.
        Some(_) => call.user()?,
        None => {
            let body = call.body.as_object().cloned().unwrap_or_default();
            let email = users::address(&body)?.to_string();
            call.data
                .find_or_create_user(&email, text(&body, "name"), now)
        }
    };
    let message = Message {
        id: next_message(call),
        body: body.into(),
        sender: contact,
        attachments,
        created_at: now,
    };
    let id = call
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
    match call.data.tickets.get(id) {
        Some(ticket) => created("ticket", show(call, ticket)),
        None => Err(not_found("Ticket")),
    }
}

fn next_message(call: &Call) -> Id {
    let tickets = call.data.tickets.iter();
    let ids = tickets.flat_map(|ticket| ticket.messages.iter().map(|message| message.id));
    ids.max().unwrap_or(0) + 1
}

fn state(ticket: &Map<String, Value>) -> Result<Option<&str>, Refusal> {
    match text(ticket, "state") {
        Some(state) if !STATES.contains(&state) => Err(invalid("State is unknown")),
        state => Ok(state),
    }
}

fn custom_fields(
    call: &Call,
    ticket: &Map<String, Value>,
) -> Result<Vec<(String, String)>, Refusal> {
    let values = match ticket.get("custom_field_values") {
        None | Some(Value::Null) => return Ok(vec![]),
        Some(Value::Object(values)) => values,
        Some(_) => return Err(invalid("custom_field_values is not an object")),
    };
    values
        .iter()
        .map(|(key, value)| {
            let field = call
                .data
                .custom_fields
                .iter()
                .find(|field| field.key == key);
            let field = field.ok_or_else(|| invalid(format!("Custom field {key} is unknown")))?;
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return Err(invalid(format!("Custom field {key} must be a text"))),
            };
            if field.kind == "predefined" && !field.possible_values.contains(&value.as_str()) {
                return Err(invalid(format!("Custom field {key} has no such value")));
            }
            Ok((key.clone(), value))
        })
        .collect()
}

fn attachments(ticket: &Map<String, Value>) -> Result<Vec<Attachment>, Refusal> {
    let list = ticket.get("attachments").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .map(|given| {
            let name = text(given, "name").ok_or_else(|| invalid("An attachment needs a name"))?;
            let data = text(given, "data").unwrap_or_default();
            // Encoders that break their lines are common.
            let data: String = data.split_ascii_whitespace().collect();
            let bytes = STANDARD
                .decode(data)
                .map_err(|_| invalid(format!("Attachment {name} is not base64")))?;
            Ok(Attachment {
                name: name.into(),
                content_type: text(given, "content_type")
                    .unwrap_or("application/octet-stream")
                    .into(),
                size: bytes.len(),
            })
        })
        .collect()
}

pub fn update(call: &mut Call, id: Id) -> Reply {
    find(call, id)?;
    let changes = call.object("ticket")?;
    let state = state(&changes)?;
    let fields = custom_fields(call, &changes)?;
    let assignee = number(&changes, "assignee_id")?;
    if let Some(assignee) = assignee {
        call.user_record(assignee)?;
    }
    let now = call.now;
    if let Some(ticket) = call.data.tickets.get_mut(id) {
        if let Some(state) = state {
            ticket.state = state.into();
        }
        if let Some(subject) = text(&changes, "subject") {
            ticket.subject = subject.into();
        }
        for (key, value) in fields {
            ticket.custom_fields.retain(|(known, _)| *known != key);
            ticket.custom_fields.push((key, value));
        }
        ticket.assignee = assignee.or(ticket.assignee);
        ticket.updated_at = now;
    }
    read(call, id)
}

pub fn messages(call: &Call, id: Id) -> Reply {
    let rows = find(call, id)?.messages.iter().collect();
    call.list("ticket_messages", OLDEST_FIRST, rows, |one| {
        show_message(call, one)
    })
}

pub fn reply(call: &mut Call, id: Id) -> Reply {
    find(call, id)?;
    let wanted = call.object("ticket_message")?;
    let body = text(&wanted, "text")
        .or(text(&wanted, "body"))
        .ok_or_else(|| invalid("Text can't be blank"))?;
    let sender = call.user()?;
    let message = Message {
        id: next_message(call),
        body: body.into(),
        sender,
        attachments: attachments(&wanted)?,
        created_at: call.now,
    };
    let shown = show_message(call, &message);
    let now = call.now;
    if let Some(ticket) = call.data.tickets.get_mut(id) {
        ticket.messages.push(message);
        ticket.updated_at = now;
    }
    created("ticket_message", shown)
}

pub fn notes(call: &Call, id: Id) -> Reply {
    find(call, id)?;
    list_notes(call, Subject::Ticket(id))
}

pub fn add_note(call: &mut Call, id: Id) -> Reply {
    find(call, id)?;
    create_note(call, Subject::Ticket(id))
}
