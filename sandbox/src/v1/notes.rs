//! Notes of suggestions and tickets.

use serde_json::{Value, json};

use super::context::{Context, NEWEST_FIRST};
use super::fields::text;
use super::response::{ApiResult, created, format_time, invalid};
use super::users;
use crate::data::{Note, NoteSubject};

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

pub fn create(ctx: &mut Context, subject: NoteSubject) -> ApiResult {
    let user = ctx.require_admin()?;
    let input = ctx.object("note")?;
    let text = text(&input, "text").ok_or_else(|| invalid("Text can't be blank"))?;
    let now = ctx.now;
    let note = ctx.data.notes.insert(|id| Note {
        id,
        subject,
        user,
        text: text.into(),
        created_at: now,
        updated_at: now,
    });
    let note = note.clone();
    created("note", to_json(ctx, &note))
}
