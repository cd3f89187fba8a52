//! Faults on demand: failures that a client must handle.

use std::collections::BTreeMap;
use std::io::{Error, Write};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};

const CHUNK: usize = 64 * 1024;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A path without its query, or a prefix of one followed by `*`.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// How many requests it affects: by default one, or any number with `probability`.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    /// How many matching requests succeed first.
    #[serde(default)]
    after: u32,
    /// The probability that it affects a matching request.
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    /// Restarts the random numbers of all faults from this seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<String>,
    #[serde(default)]
    delay_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<Close>,
    /// Truncates the body to this many bytes, with a matching Content-Length.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
    #[serde(default)]
    not_json: bool,
    /// Sends a JSON string of this many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    oversize: Option<u64>,
    /// Milliseconds between two bytes of the response body.
    #[serde(skip_serializing_if = "Option::is_none")]
    drip_ms: Option<u64>,
    /// Sends a gzipped JSON string of this many bytes when decompressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    gzip_bomb: Option<u64>,
    /// Handles the request although the response reports a failure.
    #[serde(default)]
    apply: bool,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Close {
    /// Without a response.
    Before,
    /// In the middle of the response body.
    Middle,
    /// After the response, without `Connection: close`.
    After,
}

/// Returns the names of the fields that are set.
fn set_fields(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    let set = fields.iter().filter(|(_, is_set)| *is_set);
    set.map(|(name, _)| *name).collect()
}

impl Fault {
    /// Validates the fields, each and in combination.
    fn validate(&self) -> Result<(), String> {
        if !self.path.starts_with('/') {
            return Err("path: must begin with '/'".into());
        }
        if self.path.contains('?') {
            return Err("path: must not have a query".into());
        }
        if self.path.starts_with("/_sandbox") {
            return Err("path: must not be below /_sandbox, where faults have no effect".into());
        }
        if self
            .status
            .is_some_and(|status| !(200..1000).contains(&status))
        {
            return Err("status: must be from 200 to 999".into());
        }
        if self.times == Some(0) {
            return Err("times: must be 1 or more".into());
        }
        if self
            .probability
            .is_some_and(|probability| !(0.0..=1.0).contains(&probability))
        {
            return Err("probability: must be from 0 to 1".into());
        }
        self.validate_headers()?;
        self.validate_combination()
    }

    fn validate_headers(&self) -> Result<(), String> {
        for (name, value) in &self.headers {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return Err(format!("headers: {name} is not a valid header"));
            }
            let name = name.to_ascii_lowercase();
            if ["content-length", "transfer-encoding"].contains(&name.as_str()) {
                return Err(format!("headers: {name} is set by the sandbox"));
            }
        }
        for (name, value) in [
            ("retry_after", &self.retry_after),
            ("content_type", &self.content_type),
        ] {
            if value
                .as_ref()
                .is_some_and(|value| HeaderValue::try_from(value).is_err())
            {
                return Err(format!("{name}: must be a valid header value"));
            }
        }
        Ok(())
    }

    /// Rejects fields that would have no effect beside another one.
    fn validate_combination(&self) -> Result<(), String> {
        let bodies = set_fields(&[
            ("body", self.body.is_some()),
            ("not_json", self.not_json),
            ("oversize", self.oversize.is_some()),
            ("gzip_bomb", self.gzip_bomb.is_some()),
        ]);
        if let [one, other, ..] = bodies[..] {
            return Err(format!(
                "{one} and {other} cannot be combined: both set the body"
            ));
        }
        if self.oversize.is_some() || self.gzip_bomb.is_some() {
            let endings = set_fields(&[
                ("close", self.close.is_some()),
                ("truncate", self.truncate.is_some()),
                ("drip_ms", self.drip_ms.is_some()),
            ]);
            if let [ending, ..] = endings[..] {
                return Err(format!("{ending} has no effect beside {}", bodies[0]));
            }
        }
        if self.close == Some(Close::Before) {
            let response_fields = set_fields(&[
                ("status", self.status.is_some()),
                ("content_type", self.content_type.is_some()),
                ("headers", !self.headers.is_empty()),
                ("retry_after", self.retry_after.is_some()),
                ("truncate", self.truncate.is_some()),
                ("drip_ms", self.drip_ms.is_some()),
            ]);
            if let [field, ..] = [bodies, response_fields].concat()[..] {
                return Err(format!(
                    "{field} has no effect beside close=before, which sends no response"
                ));
            }
        }
        Ok(())
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let path = path.strip_suffix(".json").unwrap_or(path);
        let pattern = self.path.strip_suffix(".json").unwrap_or(&self.path);
        let path_matches = match pattern.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == pattern,
        };
        path_matches
            && self
                .method
                .as_ref()
                .is_none_or(|expected| expected.eq_ignore_ascii_case(method))
    }

    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// Reports whether the application handles the request.
    pub fn reaches_application(&self) -> bool {
        self.apply || !(self.replaces_response() || self.close == Some(Close::Before))
    }

    fn replaces_response(&self) -> bool {
        self.status.is_some()
            || self.body.is_some()
            || self.not_json
            || self.oversize.is_some()
            || self.gzip_bomb.is_some()
    }

    /// Returns the response with this fault: `real` modified, or replaced by another one.
    /// `disconnect` closes the connection after what was sent.
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

type Chunk = Result<Bytes, Error>;

/// Returns a JSON string of `size` bytes in chunks.
fn long_json(size: u64) -> impl Iterator<Item = Chunk> {
    let inner = size.max(2) - 2;
    let chunks = (0..inner / CHUNK as u64).map(|_| Bytes::from_static(&[b'a'; CHUNK]));
    let rest = Bytes::from(vec![b'a'; (inner % CHUNK as u64) as usize]);
    let quote = || Bytes::from_static(b"\"");
    [quote()]
        .into_iter()
        .chain(chunks)
        .chain([rest, quote()])
        .map(Ok)
}

/// Returns the same string gzipped, chunk by chunk, so that it is never in memory as a whole.
fn gzipped(size: u64) -> impl Iterator<Item = Chunk> {
    let mut text = long_json(size);
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::fast()));
    std::iter::from_fn(move || match text.next() {
        Some(chunk) => {
            let encoder = encoder.as_mut()?;
            let written = chunk.and_then(|chunk| encoder.write_all(&chunk));
            let compressed = std::mem::take(encoder.get_mut());
            Some(written.map(|()| compressed.into()))
        }
        None => Some(encoder.take()?.finish().map(Bytes::from)),
    })
}

/// Returns a stream that fails, which makes the server drop the connection.
fn failure() -> impl Stream<Item = Chunk> {
    stream::once(async {
        // Lets the server send the chunks before it.
        tokio::task::yield_now().await;
        Err(Error::other("closed in the middle of the body by a fault"))
    })
}

/// Calls a function when it is dropped.
struct CallOnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for CallOnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Calls `at_end` when the stream is dropped, which is immediately if the response has no body.
fn call_at_end(
    chunks: impl Stream<Item = Chunk>,
    at_end: impl Fn() + Send + 'static,
) -> impl Stream<Item = Chunk> {
    let guard = CallOnDrop(at_end);
    chunks.inspect(move |_| {
        let _ = &guard;
    })
}

fn drip(body: Bytes, pause: Duration) -> impl Stream<Item = Chunk> {
    stream::unfold(body, move |mut remaining| async move {
        if remaining.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let byte = remaining.split_to(1);
        Some((Ok(byte), remaining))
    })
}

/// The pending faults. The same requests meet the same faults at every start.
pub struct Faults {
    pending: Vec<Fault>,
    random: Rng,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            pending: Vec::new(),
            random: Rng::with_seed(0),
        }
    }
}

impl Faults {
    pub fn add(&mut self, faults: Vec<Fault>) -> Result<(), String> {
        faults.iter().try_for_each(Fault::validate)?;
        for mut fault in faults {
            if fault.probability.is_none() {
                fault.times.get_or_insert(1);
            }
            if let Some(seed) = fault.seed {
                self.random.seed(seed);
            }
            self.pending.push(fault);
        }
        Ok(())
    }

    pub fn clear(&mut self) {
        self.pending.clear();
    }

    pub fn pending(&self) -> &[Fault] {
        &self.pending
    }

    /// Returns the fault that affects this request, and counts it against `times`.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let Faults { pending, random } = self;
        for fault in pending
            .iter_mut()
            .filter(|fault| fault.matches(method, path))
        {
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            let occurs = |probability| random.f64() < probability;
            if !fault.probability.is_none_or(occurs) {
                continue;
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            let taken = fault.clone();
            pending.retain(|fault| fault.times != Some(0));
            return Some(taken);
        }
        None
    }
}
