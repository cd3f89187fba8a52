//! Requests that were received completely.

use std::time::Instant;

use axum::extract::rejection::BytesRejection;
use axum::extract::{self, FromRequest};
use axum::http::header;
use axum::http::request::Parts;
use bytes::Bytes;
use serde_json::Value;

use crate::multipart;

/// The time when a request's head was received; an extension of the request.
#[derive(Clone, Copy)]
pub struct ReceivedAt(pub Instant);

pub struct Request {
    pub head: Parts,
    pub body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Request {
    type Rejection = BytesRejection;

    async fn from_request(request: extract::Request, state: &S) -> Result<Self, Self::Rejection> {
        let (head, body) = request.into_parts();
        let request = extract::Request::from_parts(head.clone(), body);
        let body = Bytes::from_request(request, state).await?;
        Ok(Request { head, body })
    }
}

impl Request {
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.head.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    /// Returns the body if it is form-encoded.
    pub fn form(&self) -> Option<&[u8]> {
        let content_type = self.head.headers.get(header::CONTENT_TYPE)?.as_bytes();
        content_type
            .starts_with(b"application/x-www-form-urlencoded")
            .then_some(&self.body)
    }

    /// Reports whether the body is a form, whose values are strings.
    pub fn is_form(&self) -> bool {
        self.form().is_some() || self.multipart().is_some()
    }

    /// Returns the content type if it is that of a form with files.
    fn multipart(&self) -> Option<&str> {
        let content_type = self.head.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        content_type
            .starts_with("multipart/form-data")
            .then_some(content_type)
    }

    /// Parses the body: JSON, or a form, where `a[b]=c` is the field `b` of the object `a`.
    pub fn value(&self) -> Result<Value, String> {
        if let Some(form) = self.form() {
            let nested = serde_qs::Config::new().use_form_encoding(true);
            let fields = nested.deserialize_str(&with_brackets(form));
            return fields.map_err(|error| format!("The body is not a valid form: {error}"));
        }
        if let Some(content_type) = self.multipart() {
            return multipart::parse(&self.body, content_type);
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|error| format!("The body is not JSON: {error}"))
    }

    /// Returns the seconds since the request was received, rounded down.
    pub fn age_seconds(&self) -> u64 {
        let received_at = self.head.extensions.get::<ReceivedAt>();
        received_at.map_or(0, |received_at| received_at.0.elapsed().as_secs())
    }
}

/// Replaces dots after an index by brackets: UserVoice's C# SDK names the fields of a list
/// `users[0].account.name`, which is `users[0][account][name]`.
fn with_brackets(form: &[u8]) -> String {
    let pairs = form_urlencoded::parse(form).map(|(name, value)| {
        let name = match name.split_once("].") {
            Some((list, fields)) => format!("{list}][{}]", fields.replace('.', "][")),
            None => name.into_owned(),
        };
        (name, value)
    });
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
