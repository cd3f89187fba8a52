//! One error type for everything that can go wrong.

use std::fmt;
use std::time::Duration;

/// Result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure it was. The numbers are those of the C ABI and are
/// never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// The caller's mistake; nothing was sent.
    InvalidArgument = 1,
    /// Error type `unauthorized`, or HTTP 401 or 403.
    Unauthorized = 10,
    /// Error type `record_not_found`, or HTTP 404.
    NotFound = 11,
    /// HTTP 429, after the retries that the options allow.
    RateLimited = 12,
    /// Error type `application_error`, or HTTP 5xx.
    ApplicationError = 13,
    /// Any other error response.
    ApiError = 14,
    /// No complete response: name lookup, connection, TLS, reset.
    Transport = 20,
    /// A time limit of the options passed.
    Timeout = 21,
    /// The client was cancelled.
    Cancelled = 22,
    /// An response that is not what it should be.
    BadResponse = 23,
    /// A file of an export cannot be used.
    FileError = 30,
    /// A bug of ours.
    Internal = 99,
}

/// Whether a failed call reached the service: what a caller needs to know to
/// decide about sending a write once more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Outcome {
    /// Certainly not sent.
    #[default]
    NotSent = 0,
    /// Sent at least in part, and no complete response came.
    Unknown = 1,
    /// The service answered.
    Answered = 2,
}

/// What went wrong.
#[derive(Clone)]
pub struct Error {
    pub(crate) status: Status,
    pub(crate) message: String,
    pub(crate) http_status: u16,
    pub(crate) error_type: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) outcome: Outcome,
    pub(crate) retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn new(status: Status, outcome: Outcome, message: impl Into<String>) -> Self {
        Error {
            status,
            message: message.into(),
            http_status: 0,
            error_type: None,
            body: None,
            outcome,
            retry_after: None,
        }
    }

    /// The caller's mistake. `message` begins with the argument's name.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Error::new(Status::InvalidArgument, Outcome::NotSent, message)
    }

    pub(crate) fn bad_response(message: impl Into<String>) -> Self {
        Error::new(Status::BadResponse, Outcome::Answered, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Error::new(Status::Internal, Outcome::Unknown, message)
    }

    pub(crate) fn cancelled(outcome: Outcome) -> Self {
        Error::new(Status::Cancelled, outcome, "the call was cancelled")
    }

    /// What kind of failure it was.
    pub fn status(&self) -> Status {
        self.status
    }

    /// One line for a person. Never holds a secret.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The response's HTTP status; 0 when there was no response.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// UserVoice's own name for the error, such as `record_not_found`.
    pub fn error_type(&self) -> Option<&str> {
        self.error_type.as_deref()
    }

    /// The response's body as it came (as text: other bytes are replaced).
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// Whether the call reached the service.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// How long the service asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Leaves the body out: it is the service's, and may hold a person's data.
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
