//! Faults on demand: answers that a client must live with.

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
    /// A path without its query, or a beginning of one before `*`.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// How many calls it meets: one unless given, any number where it comes at random.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    /// How many calls go well before.
    #[serde(default)]
    after: u32,
    /// Meets a call at random, so often.
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    /// Begins the random numbers of all faults anew.
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
    /// The answer ends after so many bytes, as if that were all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
    #[serde(default)]
    not_json: bool,
    /// A JSON text of so many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    oversize: Option<u64>,
    /// Milliseconds between two bytes of the answer's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    drip_ms: Option<u64>,
    /// A JSON text that has so many bytes once unpacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    gzip_bomb: Option<u64>,
    /// Do what was called for, although the answer tells otherwise.
    #[serde(default)]
    apply: bool,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Close {
    /// Without an answer.
    Before,
    /// In the middle of the answer's body.
    Middle,
    /// After the answer, without having said so.
    After,
}

/// The names of the fields that are given.
fn given(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    let given = fields.iter().filter(|(_, given)| *given);
    given.map(|(name, _)| *name).collect()
}

impl Fault {
    /// Whether every field can be used; the reason where one cannot.
    fn check(&self) -> Result<(), String> {
        if !self.path.starts_with('/') {
            return Err("path must begin with /".into());
        }
        if self.path.contains('?') {
            return Err("path stands without a query: it would meet nothing".into());
        }
        if self.path.starts_with("/_sandbox") {
            return Err("path: what is below /_sandbox meets no faults".into());
        }
        if self
            .status
            .is_some_and(|status| !(200..1000).contains(&status))
        {
            return Err("status must be 200 to 999".into());
        }
        if self.times == Some(0) {
            return Err("times must be 1 or more".into());
        }
        if self
            .probability
            .is_some_and(|probability| !(0.0..=1.0).contains(&probability))
        {
            return Err("probability must be 0 to 1".into());
        }
        self.check_headers()?;
        self.check_together()
    }

    fn check_headers(&self) -> Result<(), String> {
        for (name, value) in &self.headers {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return Err(format!("headers: {name} is not a header"));
            }
            let name = name.to_ascii_lowercase();
            if ["content-length", "transfer-encoding"].contains(&name.as_str()) {
                return Err(format!("headers: {name} is the sandbox's own to set"));
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
                return Err(format!("{name} cannot stand in a header"));
            }
        }
        Ok(())
    }

    /// Whether one field leaves nothing for another to do.
    fn check_together(&self) -> Result<(), String> {
        let bodies = given(&[
            ("body", self.body.is_some()),
            ("not_json", self.not_json),
            ("oversize", self.oversize.is_some()),
            ("gzip_bomb", self.gzip_bomb.is_some()),
        ]);
        if let [one, other, ..] = bodies[..] {
            return Err(format!("{one} and {other} are two bodies: give one"));
        }
        if self.oversize.is_some() || self.gzip_bomb.is_some() {
            let endings = given(&[
                ("close", self.close.is_some()),
                ("truncate", self.truncate.is_some()),
                ("drip_ms", self.drip_ms.is_some()),
            ]);
            if let [ending, ..] = endings[..] {
                return Err(format!("{ending} does nothing beside {}", bodies[0]));
            }
        }
        if self.close == Some(Close::Before) {
            let of_answer = given(&[
                ("status", self.status.is_some()),
                ("content_type", self.content_type.is_some()),
                ("headers", !self.headers.is_empty()),
                ("retry_after", self.retry_after.is_some()),
                ("truncate", self.truncate.is_some()),
                ("drip_ms", self.drip_ms.is_some()),
            ]);
            if let [field, ..] = [bodies, of_answer].concat()[..] {
                return Err(format!("{field} is of an answer, and close sends none"));
            }
        }
        Ok(())
    }

    fn meets(&self, method: &str, path: &str) -> bool {
        let path = path.strip_suffix(".json").unwrap_or(path);
        let wanted = self.path.strip_suffix(".json").unwrap_or(&self.path);
        let path_fits = match wanted.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == wanted,
        };
        path_fits
            && self
                .method
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
    }

    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// Whether the call is to be made at all.
    pub fn applies(&self) -> bool {
        self.apply || !(self.replaces_answer() || self.close == Some(Close::Before))
    }

    fn replaces_answer(&self) -> bool {
        self.status.is_some()
            || self.body.is_some()
            || self.not_json
            || self.oversize.is_some()
            || self.gzip_bomb.is_some()
    }

    /// The answer that stands in for `real`, or `real` with what this fault does to
    /// it. `cut` ends the connection.
    pub fn disturb(
        &self,
        method: &Method,
        real: Option<Response<Bytes>>,
        cut: impl Fn() + Send + 'static,
    ) -> Response<Body> {
        let answer = match real {
            Some(answer) if !self.replaces_answer() => answer,
            _ => self.own_answer(),
        };
        let (mut head, mut body) = answer.into_parts();
        self.set_headers(&mut head.headers);
        body.truncate(self.truncate.unwrap_or(usize::MAX));
        let length = match (self.oversize, self.gzip_bomb) {
            (Some(size), _) => Some(size.max(2)),
            (_, Some(_)) => None,
            _ => Some(body.len() as u64),
        };
        // 204 has no length (RFC 9110, section 8.6), and HEAD that of the real answer.
        let sized = head.status != StatusCode::NO_CONTENT && method != Method::HEAD;
        if let Some(length) = length.filter(|_| sized) {
            head.headers.insert(header::CONTENT_LENGTH, length.into());
        }
        let body = match (self.oversize, self.gzip_bomb) {
            (Some(size), _) => Body::from_stream(stream::iter(long_text(size))),
            (_, Some(size)) => Body::from_stream(stream::iter(packed(size))),
            _ => self.sent(body, cut),
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
        if let Some(wait) = &self.retry_after {
            set(header::RETRY_AFTER, wait);
        }
        if let Some(kind) = &self.content_type {
            set(header::CONTENT_TYPE, kind);
        }
        if self.gzip_bomb.is_some() {
            set(header::CONTENT_ENCODING, "gzip");
        }
    }

    /// The body in the pieces and to the end that this fault gives it.
    fn sent(&self, body: Bytes, cut: impl Fn() + Send + 'static) -> Body {
        if self.close.is_none() && self.drip_ms.is_none() {
            return Body::from(body);
        }
        let part = match self.close {
            Some(Close::Middle) => body.slice(..body.len() / 2),
            _ => body,
        };
        let pieces = match self.drip_ms {
            Some(pause) => drip(part, Duration::from_millis(pause)).boxed(),
            None => stream::iter([Ok(part)]).boxed(),
        };
        match self.close {
            None | Some(Close::Before) => Body::from_stream(pieces),
            Some(Close::Middle) => Body::from_stream(guarded(pieces.chain(broken_end()), cut)),
            Some(Close::After) => Body::from_stream(guarded(pieces, cut)),
        }
    }

    fn own_answer(&self) -> Response<Bytes> {
        let status = self
            .status
            .and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::OK);
        let (kind, text) = usual_body(status);
        let (kind, text) = match self.not_json {
            true => ("application/json", "this is not JSON {"),
            false => (kind, text),
        };
        let body = match &self.body {
            Some(body) => Bytes::copy_from_slice(body.as_bytes()),
            None => Bytes::from_static(text.as_bytes()),
        };
        let mut answer = Response::new(body);
        *answer.status_mut() = status;
        answer
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        answer
    }
}

/// What the service says with that status: what stands in front of the application
/// does not speak JSON.
fn usual_body(status: StatusCode) -> (&'static str, &'static str) {
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

/// A JSON text of `size` bytes, in chunks.
fn long_text(size: u64) -> impl Iterator<Item = Chunk> {
    let inner = size.max(2) - 2;
    let whole = (0..inner / CHUNK as u64).map(|_| Bytes::from_static(&[b'a'; CHUNK]));
    let rest = Bytes::from(vec![b'a'; (inner % CHUNK as u64) as usize]);
    let quote = || Bytes::from_static(b"\"");
    [quote()]
        .into_iter()
        .chain(whole)
        .chain([rest, quote()])
        .map(Ok)
}

/// The same, gzipped while it is sent: nobody keeps the whole of it in memory.
fn packed(size: u64) -> impl Iterator<Item = Chunk> {
    let mut text = long_text(size);
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::fast()));
    std::iter::from_fn(move || match text.next() {
        Some(chunk) => {
            let packing = encoder.as_mut()?;
            let chunk = chunk.and_then(|chunk| packing.write_all(&chunk));
            let packed = std::mem::take(packing.get_mut());
            Some(chunk.map(|()| packed.into()))
        }
        None => Some(encoder.take()?.finish().map(Bytes::from)),
    })
}

/// An end that nobody announced.
fn broken_end() -> impl Stream<Item = Chunk> {
    stream::once(async {
        // What came before is sent while this waits for its next turn.
        tokio::task::yield_now().await;
        Err(Error::other("cut in the middle on demand"))
    })
}

/// Calls its function when it is dropped.
struct Guard<F: Fn()>(F);

impl<F: Fn()> Drop for Guard<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// The pieces, with `cut` once nobody wants more of them: at once where the answer is of
/// a kind that has no body.
fn guarded(
    pieces: impl Stream<Item = Chunk>,
    cut: impl Fn() + Send + 'static,
) -> impl Stream<Item = Chunk> {
    let guard = Guard(cut);
    pieces.inspect(move |_| {
        let _ = &guard;
    })
}

fn drip(body: Bytes, pause: Duration) -> impl Stream<Item = Chunk> {
    stream::unfold(body, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let byte = left.split_to(1);
        Some((Ok(byte), left))
    })
}

/// Those that are to come. The same calls meet the same faults at every start.
pub struct Faults {
    list: Vec<Fault>,
    random: Rng,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            list: Vec::new(),
            random: Rng::with_seed(0),
        }
    }
}

impl Faults {
    pub fn add(&mut self, faults: Vec<Fault>) -> Result<(), String> {
        faults.iter().try_for_each(Fault::check)?;
        for mut fault in faults {
            if fault.probability.is_none() {
                fault.times.get_or_insert(1);
            }
            if let Some(seed) = fault.seed {
                self.random.seed(seed);
            }
            self.list.push(fault);
        }
        Ok(())
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }

    pub fn remaining(&self) -> &[Fault] {
        &self.list
    }

    /// The fault that this call meets, which is then used up by one.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let Faults { list, random } = self;
        for fault in list.iter_mut().filter(|fault| fault.meets(method, path)) {
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            let draws = |probability| random.f64() < probability;
            if !fault.probability.is_none_or(draws) {
                continue;
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            let taken = fault.clone();
            list.retain(|fault| fault.times != Some(0));
            return Some(taken);
        }
        None
    }
}
