//! Applies a fault to the response of a request.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::body::{call_at_end, drip, failure, gzipped, long_json};
use super::fault::{Close, Fault};

impl Fault {
    /// Returns the response with this fault: the real one, modified or replaced. `disconnect` is
    /// called at the end of the body, and closes the connection.
    pub fn apply_to(
        &self,
        method: &Method,
        real: Option<Response<Bytes>>,
        disconnect: impl Fn() + Send + 'static,
    ) -> Response<Body> {
        let response = match real {
            Some(response) if !self.replaces_response() => response,
            _ => self.replacement(),
        };
        let (mut head, mut body) = response.into_parts();
        self.set_headers(&mut head.headers);
        body.truncate(self.truncate.unwrap_or(usize::MAX));
        let length = match (self.oversize, self.gzip_bomb) {
            (Some(size), _) => Some(size.max(2)),
            (_, Some(_)) => None,
            _ => Some(body.len() as u64),
        };
        // 204 has no Content-Length (RFC 9110, section 8.6), and HEAD keeps that of GET.
        let has_length = head.status != StatusCode::NO_CONTENT && method != Method::HEAD;
        if let Some(length) = length.filter(|_| has_length) {
            head.headers.insert(header::CONTENT_LENGTH, length.into());
        }
        let body = match (self.oversize, self.gzip_bomb) {
            (Some(size), _) => Body::from_stream(stream::iter(long_json(size))),
            (_, Some(size)) => Body::from_stream(stream::iter(gzipped(size))),
            _ => self.stream(body, disconnect),
        };
        Response::from_parts(head, body)
    }

    fn set_headers(&self, headers: &mut HeaderMap) {
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        for (name, value) in &self.headers {
            if let Ok(name) = HeaderName::try_from(name) {
                set(name, value);
            }
        }
        if let Some(retry_after) = &self.retry_after {
            set(header::RETRY_AFTER, retry_after);
        }
        if let Some(content_type) = &self.content_type {
            set(header::CONTENT_TYPE, content_type);
        }
        if self.gzip_bomb.is_some() {
            set(header::CONTENT_ENCODING, "gzip");
        }
    }

    /// Returns the body with this fault's delays and its end.
    fn stream(&self, body: Bytes, disconnect: impl Fn() + Send + 'static) -> Body {
        if self.close.is_none() && self.drip_ms.is_none() {
            return Body::from(body);
        }
        let body = match self.close {
            Some(Close::Middle) => body.slice(..body.len() / 2),
            _ => body,
        };
        let chunks = match self.drip_ms {
            Some(pause) => drip(body, Duration::from_millis(pause)).boxed(),
            None => stream::iter([Ok(body)]).boxed(),
        };
        match self.close {
            None | Some(Close::Before) => Body::from_stream(chunks),
            Some(Close::Middle) => {
                Body::from_stream(call_at_end(chunks.chain(failure()), disconnect))
            }
            Some(Close::After) => Body::from_stream(call_at_end(chunks, disconnect)),
        }
    }

    fn replacement(&self) -> Response<Bytes> {
        let status = self
            .status
            .and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::OK);
        let (content_type, text) = default_body(status);
        let (content_type, text) = match self.not_json {
            true => ("application/json", "this is not JSON {"),
            false => (content_type, text),
        };
        let body = match &self.body {
            Some(body) => Bytes::copy_from_slice(body.as_bytes()),
            None => Bytes::from_static(text.as_bytes()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }
}

/// Returns the content type and body that the service sends with a status code. Those that
/// come from a proxy in front of the application are not JSON.
fn default_body(status: StatusCode) -> (&'static str, &'static str) {
    const JSON: &str = "application/json";
    const HTML: &str = "text/html";
    match status.as_u16() {
        204 => (JSON, ""),
        200..300 => (JSON, "{}"),
        401 => (
            JSON,
            r#"{"errors":{"type":"unauthorized","message":"User required"}}"#,
        ),
        404 => (
            JSON,
            r#"{"errors":{"type":"record_not_found","message":"Record not found"}}"#,
        ),
        422 => (
            JSON,
            r#"{"errors":{"type":"record_invalid","message":"Record is invalid"}}"#,
        ),
        429 => ("text/plain", "Too Many Requests"),
        500 => (
            JSON,
            r#"{"errors":{"type":"application_error","message":"Application error"}}"#,
        ),
        501.. => (
            HTML,
            "<html><body><h1>Something went wrong</h1></body></html>",
        ),
        _ => (HTML, "<html><body></body></html>"),
    }
}
