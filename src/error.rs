//! The error type of the crate.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::HeaderMap;

/// The result of every function of this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The class of an error. The values are those of the C ABI and are never
/// reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// The caller's mistake; nothing was sent.
    InvalidArgument = 1,
    /// A signature, token or webhook does not verify.
    NotVerified = 2,
    /// Error type `unauthorized`, or HTTP 401 or 403.
    Unauthorized = 10,
    /// Error type `record_not_found`, or HTTP 404.
    NotFound = 11,
    /// HTTP 429 after all permitted retries, or the known rate limit would take
    /// too long to wait for.
    RateLimited = 12,
    /// Error type `application_error`, or HTTP 5xx.
    ApplicationError = 13,
    /// Any other error response.
    ApiError = 14,
    /// No complete response: name lookup, connection, TLS, reset.
    Transport = 20,
    /// A timeout of the options expired.
    Timeout = 21,
    /// The client was cancelled, or its interrupt callback ended the call.
    Cancelled = 22,
    /// The response is malformed: not JSON, too large or not a list.
    BadResponse = 23,
    /// A file of an export cannot be used.
    FileError = 30,
    /// A bug in this library.
    Internal = 99,
}

/// Whether a failed request reached the service, which decides whether a write
/// may be repeated. `TransportError::outcome` computes it for one attempt, and
/// `RetryState` for all attempts of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Outcome {
    /// Nothing was sent.
    #[default]
    NotSent = 0,
    /// At least a part was sent, and no complete response was received.
    Unknown = 1,
    /// The service sent a response.
    Answered = 2,
}

/// The details of a failure.
#[derive(Clone)]
pub struct Error {
    pub(crate) status: Status,
    pub(crate) outcome: Outcome,
    /// Begins with the subject and ": ", if there is one.
    message: String,
    subject: Subject,
    pub(crate) http_status: u16,
    pub(crate) headers: Option<Box<HeaderMap>>,
    pub(crate) error_type: Option<String>,
    /// Shared, because the body may be large and an error is cloned.
    body: Option<Arc<String>>,
    pub(crate) retry_after: Option<Duration>,
}

/// What the beginning of a message names, and its length in bytes.
#[derive(Clone, Copy)]
enum Subject {
    None,
    Argument(u32),
    Request(u32),
}

impl Error {
    pub(crate) fn new(status: Status, outcome: Outcome, message: impl Into<String>) -> Self {
        Error {
            status,
            outcome,
            message: message.into(),
            subject: Subject::None,
            http_status: 0,
            headers: None,
            error_type: None,
            body: None,
            retry_after: None,
        }
    }

    /// Creates an `InvalidArgument`. `argument` is the name of the invalid input, such
    /// as `path` or `options.timeout_ms`, and `explanation` says what is wrong
    /// with it or what it must be.
    pub(crate) fn invalid(argument: impl AsRef<str>, explanation: impl fmt::Display) -> Self {
        let argument = argument.as_ref();
        let message = format!("{argument}: {explanation}");
        Error {
            subject: Subject::Argument(length(argument)),
            ..Error::new(Status::InvalidArgument, Outcome::NotSent, message)
        }
    }

    /// Creates an `InvalidArgument` of one member of an object: `argument.key`, or
    /// `argument["key"]` if the key is not a plain name.
    pub(crate) fn invalid_member(
        argument: &str,
        key: &str,
        explanation: impl fmt::Display,
    ) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte);
        let key = &*shortened(key);
        if !key.is_empty() && key.bytes().all(is_plain) {
            return Error::invalid(format!("{argument}.{key}"), explanation);
        }
        let quoted = serde_json::Value::from(key);
        Error::invalid(format!("{argument}[{quoted}]"), explanation)
    }

    pub(crate) fn not_verified(message: impl Into<String>) -> Self {
        Error::new(Status::NotVerified, Outcome::NotSent, message)
    }

    pub(crate) fn bad_response(message: impl Into<String>) -> Self {
        Error::new(Status::BadResponse, Outcome::Answered, message)
    }

    /// Creates the error of a response for which there is no memory.
    pub(crate) fn no_memory_for_response() -> Self {
        Error::bad_response("there is not enough memory for the response")
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Error::new(Status::Internal, Outcome::Unknown, message)
    }

    /// Names the request that failed, unless the error has a subject already:
    /// an invalid argument, or another request such as the refresh of a token.
    /// The query of `target` is left out, since it may hold keys and personal
    /// data.
    pub(crate) fn of_request(mut self, method: &str, target: &str) -> Self {
        if !matches!(self.subject, Subject::None) {
            return self;
        }
        let path = target.split('?').next().unwrap_or(target);
        let request = format!("{method} {path}");
        self.subject = Subject::Request(length(&request));
        self.message = format!("{request}: {}", self.message);
        self
    }

    /// Adds a remark in parentheses to the end of the message.
    pub(crate) fn with_remark(mut self, remark: impl fmt::Display) -> Self {
        self.message = format!("{} ({remark})", self.message);
        self
    }

    /// Returns the class of the error.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Returns one line for a person, without secrets:
    /// `GET /api/v1/forums/9: HTTP 404: Forum not found`.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the name of the invalid input: `path`, `options.timeout_ms`.
    pub fn argument(&self) -> Option<&str> {
        match self.subject {
            Subject::Argument(length) => self.message.get(..length as usize),
            _ => None,
        }
    }

    /// Returns the method and path of the request that failed, without the
    /// query: `GET /api/v1/forums/9`.
    pub fn request(&self) -> Option<&str> {
        match self.subject {
            Subject::Request(length) => self.message.get(..length as usize),
            _ => None,
        }
    }

    /// Returns what follows the name of the argument or request in the message.
    pub(crate) fn explanation(&self) -> &str {
        let (Subject::Argument(length) | Subject::Request(length)) = self.subject else {
            return &self.message;
        };
        let start = length as usize + ": ".len();
        self.message.get(start..).unwrap_or_default()
    }

    /// Returns the status code of the response, or 0 without a response.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// Returns a header of the response; values of a repeated header are joined
    /// with ", ".
    pub fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.as_ref()?.get_all(name);
        let values: Vec<_> = values.iter().map(|value| value.as_bytes()).collect();
        match values.is_empty() {
            true => None,
            false => Some(String::from_utf8_lossy(&values.join(&b", "[..])).into_owned()),
        }
    }

    /// Returns UserVoice's name for the error, such as `record_not_found`.
    pub fn error_type(&self) -> Option<&str> {
        self.error_type.as_deref()
    }

    /// Returns the response body. Bytes that are not UTF-8 are replaced.
    pub fn body(&self) -> Option<&str> {
        self.body.as_ref().map(|body| body.as_str())
    }

    pub(crate) fn set_body(&mut self, body: Option<String>) {
        self.body = body.map(Arc::new);
    }

    /// Takes the response body out of the error; `None` also if there is no memory for a copy
    /// of a body that a clone of the error shares.
    pub(crate) fn take_body(&mut self) -> Option<String> {
        let shared = match Arc::try_unwrap(self.body.take()?) {
            Ok(body) => return Some(body),
            Err(shared) => shared,
        };
        let mut body = String::new();
        body.try_reserve_exact(shared.len()).ok()?;
        body.push_str(&shared);
        Some(body)
    }

    /// Returns whether the request reached the service.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns how long the service asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

/// Returns a key, or the beginning of one that would fill the message.
fn shortened(key: &str) -> Cow<'_, str> {
    const MAX_CHARS: usize = 100;

    match key.char_indices().nth(MAX_CHARS) {
        None => key.into(),
        Some((end, _)) => format!("{}...", &key[..end]).into(),
    }
}

/// Returns the length of a subject. One of 4 GiB is impossible: it comes from a request
/// of at most 64,000 bytes or from the caller's option names.
fn length(subject: &str) -> u32 {
    u32::try_from(subject.len()).unwrap_or(0)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Leaves out the body and the headers, which may hold personal data.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("status", &self.status)
            .field("message", &self.message)
            .field("http_status", &self.http_status)
            .field("error_type", &self.error_type)
            .field("outcome", &self.outcome)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_input_names_its_argument() {
        let error = Error::invalid("path", "must begin with one '/'");
        assert_eq!(error.argument(), Some("path"));
        assert_eq!(error.message(), "path: must begin with one '/'");
        assert_eq!(error.explanation(), "must begin with one '/'");
        assert_eq!(error.request(), None);
        let error = Error::invalid_member("options", "timeout_ms", "why");
        assert_eq!(error.argument(), Some("options.timeout_ms"));
        let error = Error::invalid_member("params", "a: b\n", "why");
        assert_eq!(error.argument(), Some(r#"params["a: b\n"]"#));
        assert_eq!(error.message(), r#"params["a: b\n"]: why"#);
        let [at_most, longer] = [100, 1 << 20].map(|length| "\u{e9}".repeat(length));
        let error = Error::invalid_member("options", &at_most, "why");
        assert_eq!(error.argument(), Some(&*format!("options[{at_most:?}]")));
        let error = Error::invalid_member("options", &longer, "why");
        assert_eq!(
            error.argument(),
            Some(&*format!("options[\"{at_most}...\"]"))
        );
    }

    #[test]
    fn a_failed_request_is_named_once_and_without_its_query() {
        let error = Error::bad_response("HTTP 404").of_request("GET", "/a?client=key");
        assert_eq!(error.request(), Some("GET /a"));
        assert_eq!(error.message(), "GET /a: HTTP 404");
        assert_eq!(error.outcome(), Outcome::Answered);
        let error = error.of_request("GET", "/b").with_remark("remark");
        assert_eq!(error.request(), Some("GET /a"));
        assert_eq!(error.message(), "GET /a: HTTP 404 (remark)");
        let error = Error::invalid("token", "must not be empty").of_request("GET", "/a");
        assert_eq!(error.message(), "token: must not be empty");
        assert_eq!(error.request(), None);
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let mut error = Error::bad_response("HTTP 404");
        assert_eq!(error.header("X-Request-Id"), None);
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "7".parse().unwrap());
        headers.append("x-a", "1".parse().unwrap());
        headers.append("x-a", "2".parse().unwrap());
        error.headers = Some(Box::new(headers));
        assert_eq!(error.header("X-Request-Id").as_deref(), Some("7"));
        assert_eq!(error.header("X-A").as_deref(), Some("1, 2"));
        assert_eq!(error.header("X-B"), None);
        assert_eq!(error.header("a b\n"), None);
    }
}
