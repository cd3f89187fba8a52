//! Notes of suggestions and tickets.

use serde_json::{Value, json};

use super::context::{Context, NEWEST_FIRST};
use super::fields::text;
use super::response::{ApiError, ApiResult, created, format_time, invalid, not_found, ok};
use super::users;
use crate::data::{Id, Note, NoteSubject};

pub fn to_json(ctx: &Context, note: &Note) -> Value {
    json!({
        "id": note.id,
        "text": note.text,
        "creator": users::summary(ctx, note.user),
        "created_at": format_time(note.created_at),
    })
}

pub fn list(ctx: &Context, subject: NoteSubject) -> ApiResult {
    let notes = ctx.data.notes.iter();
    let rows = notes.filter(|note| note.subject == subject).collect();
    ctx.page("notes", NEWEST_FIRST, rows, |note| to_json(ctx, note))
}

/// Lists the notes on suggestions of a user, or of all users.
pub fn all(ctx: &Context, user: Option<Id>) -> ApiResult {
    ctx.require_trusted_client()?;
    if let Some(user) = user {
        ctx.find_user(user)?;
    }
    let notes = ctx.data.notes.iter();
    let rows = notes
        .filter(|note| matches!(note.subject, NoteSubject::Suggestion(_)))
        .filter(|note| user.is_none_or(|user| note.user == user));
    ctx.page("notes", NEWEST_FIRST, rows.collect(), |note| {
        to_json(ctx, note)
    })
}

fn find<'a>(ctx: &'a Context, subject: NoteSubject, id: Id) -> Result<&'a Note, ApiError> {
    ctx.require_admin()?;
    let note = ctx
        .data
        .notes
        .get(id)
        .filter(|note| note.subject == subject);
    note.ok_or_else(|| not_found("Note"))
}

pub fn update(ctx: &mut Context, subject: NoteSubject, id: Id) -> ApiResult {
    find(ctx, subject, id)?;
    let text = input(ctx)?;
    if let Some(note) = ctx.data.notes.get_mut(id) {
        note.text = text;
    }
    ok("note", to_json(ctx, find(ctx, subject, id)?))
}

pub fn delete(ctx: &mut Context, subject: NoteSubject, id: Id) -> ApiResult {
    let deleted = to_json(ctx, find(ctx, subject, id)?);
    ctx.data.notes.remove(id);
    ok("note", deleted)
}

/// Returns the text of a note in the body.
fn input(ctx: &Context) -> Result<String, ApiError> {
    let input = ctx.object("note")?;
    let text = text(&input, "text").ok_or_else(|| invalid("Text can't be blank"))?;
    Ok(text.into())
}

pub fn create(ctx: &mut Context, subject: NoteSubject) -> ApiResult {
    let user = ctx.require_admin()?;
    let text = input(ctx)?;
    let act = ctx.act(user);
    let id = ctx.data.add_note(act, subject, text);
    created("note", to_json(ctx, find(ctx, subject, id)?))
}
