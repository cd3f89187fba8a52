//! Attachments: a file is uploaded first, and its token attaches it to a suggestion or a note.
//!
//! As UserVoice's help page "File Uploads with the Admin API" shows them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::context::{ApiError, ApiResult, Context, invalid};
use super::output;
use crate::auth::credentials::random_token;
use crate::data::{Id, Upload, UploadSubject};
use crate::response::page_not_found;
use crate::site::Site;

/// Creates an attachment of the file in the field `file` of a `multipart/form-data` body.
pub fn create(ctx: &mut Context) -> ApiResult {
    let file = ctx.input.get("file").cloned().unwrap_or_default();
    let content = file["content"].as_str();
    let content = content.and_then(|content| STANDARD.decode(content).ok());
    let content = content.ok_or_else(|| invalid("file", "required"))?;
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
    output::one(ctx, id)
}

/// Deletes an attachment and returns it.
pub fn delete(ctx: &mut Context) -> ApiResult {
    let id = ctx.id()?;
    let deleted = output::one(ctx, id)?;
    ctx.data.uploads.remove(id);
    Ok(deleted)
}

/// Returns the attachments whose tokens are in the field `attachment_tokens`, separated by
/// commas.
pub fn named_uploads(ctx: &Context) -> Result<Vec<Id>, ApiError> {
    let tokens = ctx.input.text("attachment_tokens").unwrap_or_default();
    let tokens = tokens.split(',').map(str::trim);
    let tokens = tokens.filter(|token| !token.is_empty());
    let find = |token: &str| {
        let mut uploads = ctx.data.uploads.iter();
        let upload = uploads.find(|upload| upload.token == token);
        upload
            .map(|upload| upload.id)
            .ok_or_else(|| invalid("attachment_tokens", "not_found"))
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

/// Returns a field of an attachment.
pub fn field(upload: &Upload, origin: &str, name: &str) -> Value {
    let url = || {
        let name = utf8_percent_encode(&upload.file_name, NON_ALPHANUMERIC);
        format!("{origin}/attachments/{}/{name}", upload.token)
    };
    let is_image = upload.content_type.starts_with("image/");
    match (name, upload.attached_to) {
        ("file_name", _) => upload.file_name.as_str().into(),
        ("content_type", _) => upload.content_type.as_str().into(),
        ("size_in_bytes", _) => upload.content.len().into(),
        ("url", _) => url().into(),
        ("thumb_url", _) => is_image.then(url).into(),
        ("token", _) => upload.token.as_str().into(),
        ("links.suggestion", Some(UploadSubject::Suggestion(id))) => id.into(),
        ("links.note", Some(UploadSubject::Note(id))) => id.into(),
        _ => Value::Null,
    }
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
