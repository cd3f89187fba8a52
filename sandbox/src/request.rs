//! What both APIs ask of a request.

use axum::extract::rejection::BytesRejection;
use axum::extract::{self, FromRequest};
use axum::http::header;
use axum::http::request::Parts;
use bytes::Bytes;
use serde_json::Value;

/// A request that was read whole.
pub struct Request {
    pub head: Parts,
    pub body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Request {
    type Rejection = BytesRejection;

    async fn from_request(request: extract::Request, state: &S) -> Result<Self, Self::Rejection> {
        let (head, body) = request.into_parts();
        let whole = extract::Request::from_parts(head.clone(), body);
        let body = Bytes::from_request(whole, state).await?;
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

    /// The body where it is a form's.
    pub fn form(&self) -> Option<&[u8]> {
        let kind = self.head.headers.get(header::CONTENT_TYPE)?.as_bytes();
        kind.starts_with(b"application/x-www-form-urlencoded")
            .then_some(&self.body)
    }

    /// The body's value: JSON, or an object of a form's fields, where `a[b]` is the
    /// field `b` of `a`; the reason where it is neither.
    pub fn value(&self) -> Result<Value, String> {
        if let Some(form) = self.form() {
            let nested = serde_qs::Config::new().use_form_encoding(true);
            let fields = nested.deserialize_bytes(form);
            return fields.map_err(|why| format!("The body is not a form's fields: {why}"));
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|why| format!("The body is not JSON: {why}"))
    }
}
