//! Attachments: a file is uploaded first, and its token attaches it to a suggestion or a note.
//!
//! As UserVoice's help page "File Uploads with the Admin API" shows them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::context::{ApiError, ApiResult, Context};
use super::json::format_time;
use super::{json::note, resources};
use crate::auth::credentials::random_token;
use crate::data::{Id, Note, NoteSubject, Upload, UploadSubject};
use crate::response::page_not_found;
use crate::site::Site;

/// Creates an attachment of the file in the field `file` of a `multipart/form-data` body.
pub fn create(ctx: &mut Context) -> ApiResult {
    let file = &ctx.body["file"];
    let content = file["content"].as_str();
    let content = content.and_then(|content| STANDARD.decode(content).ok());
    let required = || ApiError::Invalid(json!({ "file": "required" }));
    let content = content.ok_or_else(required)?;
    let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
    let now = ctx.now;
    let upload = |id| Upload {
        id,
        token: random_token(),
        file_name: text("file_name"),
        content_type: text("content_type"),
        content: content.into(),
        attached_to: None,
        created_at: now,
        updated_at: now,
    };
    let id = ctx.data.uploads.insert(upload).id;
    let (_, created) = resources::read(ctx, "attachments", id)?;
    Ok((StatusCode::CREATED, created))
}

/// Deletes an attachment and returns it.
pub fn delete(ctx: &mut Context, id: Id) -> ApiResult {
    let deleted = resources::read(ctx, "attachments", id)?;
    ctx.data.uploads.remove(id);
    Ok(deleted)
}

/// Creates a note of a suggestion, with its attachments.
pub fn create_note(ctx: &mut Context) -> ApiResult {
    let invalid = |errors| Err(ApiError::Invalid(errors));
    let Some(text) = super::fields::text(&ctx.body, "body").map(str::to_owned) else {
        return invalid(json!({ "body": "required" }));
    };
    let suggestion = super::fields::link(&ctx.body, "suggestion", &ctx.data.suggestions);
    let suggestion = match suggestion.and_then(|suggestion| suggestion.ok_or("int")) {
        Ok(suggestion) => suggestion,
        Err(error) => return invalid(json!({ "links": { "suggestion": error } })),
    };
    let uploads = named_uploads(ctx)?;
    let (now, user) = (ctx.now, ctx.user);
    let id = ctx.data.notes.insert(|id| Note {
        id,
        subject: NoteSubject::Suggestion(suggestion),
        user,
        text,
        created_at: now,
    });
    let (id, created) = (id.id, note(id));
    attach(ctx, &uploads, UploadSubject::Note(id));
    Ok((
        StatusCode::CREATED,
        json!({ "notes": [created], "links": {} }),
    ))
}

/// Returns the attachments whose tokens are in the field `attachment_tokens`, separated by
/// commas.
pub fn named_uploads(ctx: &Context) -> Result<Vec<Id>, ApiError> {
    let invalid = |why: &str| ApiError::Invalid(json!({ "attachment_tokens": why }));
    let tokens = match &ctx.body["attachment_tokens"] {
        Value::Null => "",
        Value::String(tokens) => tokens,
        _ => return Err(invalid("string")),
    };
    let tokens = tokens.split(',').map(str::trim);
    let tokens = tokens.filter(|token| !token.is_empty());
    let find = |token: &str| {
        let mut uploads = ctx.data.uploads.iter();
        let upload = uploads.find(|upload| upload.token == token);
        upload
            .map(|upload| upload.id)
            .ok_or_else(|| invalid("not_found"))
    };
    tokens.map(find).collect()
}

/// Attaches files to a record.
pub fn attach(ctx: &mut Context, uploads: &[Id], subject: UploadSubject) {
    for id in uploads {
        if let Some(upload) = ctx.data.uploads.get_mut(*id) {
            upload.attached_to = Some(subject);
            upload.updated_at = ctx.now;
        }
    }
}

/// Returns the JSON of an attachment.
pub fn json(upload: &Upload, origin: &str) -> Value {
    let name = utf8_percent_encode(&upload.file_name, NON_ALPHANUMERIC);
    let url = format!("{origin}/attachments/{}/{name}", upload.token);
    let is_image = upload.content_type.starts_with("image/");
    let (suggestion, note) = match upload.attached_to {
        None => (None, None),
        Some(UploadSubject::Suggestion(id)) => (Some(id), None),
        Some(UploadSubject::Note(id)) => (None, Some(id)),
    };
    json!({
        "id": upload.id,
        "file_name": upload.file_name,
        "content_type": upload.content_type,
        "size_in_bytes": upload.content.len(),
        "created_at": format_time(upload.created_at),
        "updated_at": format_time(upload.updated_at),
        "url": url,
        "thumb_url": is_image.then_some(&url),
        "token": upload.token,
        "links": { "suggestion": suggestion, "note": note },
    })
}

/// `/attachments/TOKEN/NAME`: the file.
pub async fn download(
    State(site): State<Arc<Site>>,
    Path((token, _)): Path<(String, String)>,
) -> Response {
    let state = site.lock();
    let mut uploads = state.data.uploads.iter();
    let Some(upload) = uploads.find(|upload| upload.token == token) else {
        return page_not_found();
    };
    // A file of somebody else is not shown as a page of this site.
    let headers = [
        (header::CONTENT_TYPE, upload.content_type.clone()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
    ];
    (headers, upload.content.clone()).into_response()
}
