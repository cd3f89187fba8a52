//! Bodies of the media type `multipart/form-data` (RFC 7578).

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{FutureExt, stream};
use multer::{Field, Multipart};
use serde_json::{Map, Value, json};

/// Parses a body to an object of its fields. A file becomes an object of its name, its content
/// type and, in base64, its content.
pub fn parse(body: &Bytes, content_type: &str) -> Result<Value, String> {
    let fields = fields(body.clone(), content_type);
    // The body is complete, so nothing waits.
    let fields = fields.now_or_never().ok_or("The body is not complete")?;
    let fields = fields.map_err(|error| format!("The body is not multipart/form-data: {error}"))?;
    Ok(Value::Object(fields))
}

async fn fields(body: Bytes, content_type: &str) -> multer::Result<Map<String, Value>> {
    let boundary = multer::parse_boundary(content_type)?;
    let body = stream::iter([Ok::<_, Infallible>(body)]);
    let mut multipart = Multipart::new(body, boundary);
    let mut fields = Map::new();
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        add(&mut fields, name, value(field).await?);
    }
    Ok(fields)
}

/// Adds a field. A name that is there already gets an array of its values.
fn add(fields: &mut Map<String, Value>, name: String, value: Value) {
    match fields.get_mut(&name) {
        None => {
            fields.insert(name, value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = json!([first.take(), value]),
    }
}

async fn value(field: Field<'_>) -> multer::Result<Value> {
    let Some(name) = field.file_name().map(str::to_owned) else {
        return Ok(field.text().await?.into());
    };
    let content_type = field.content_type().map(ToString::to_string);
    let content = STANDARD.encode(field.bytes().await?);
    Ok(json!({ "file_name": name, "content_type": content_type, "content": content }))
}
