//! Errors as owned objects.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use super::{c_text, free, handle, text};
use crate::error::{Error, Outcome, Status};

/// What a function returns that can fail: one of USERVOICE_OK and the other
/// status codes. The numbers are never reused.
pub type uservoice_status = i32;

/// The call did what it says.
pub const USERVOICE_OK: uservoice_status = 0;
/// The caller's mistake; nothing was sent. The message names the argument.
pub const USERVOICE_INVALID_ARGUMENT: uservoice_status = 1;
/// A signature, token or webhook does not verify: a wrong key or signature, an
/// expired or malformed token, a malformed body.
pub const USERVOICE_NOT_VERIFIED: uservoice_status = 2;
/// The service refuses the key, the signature or the user: error type
/// "unauthorized", or HTTP 401 or 403.
pub const USERVOICE_UNAUTHORIZED: uservoice_status = 10;
/// There is no such record: error type "record_not_found", or HTTP 404.
pub const USERVOICE_NOT_FOUND: uservoice_status = 11;
/// HTTP 429, after the retries that the options allow.
pub const USERVOICE_RATE_LIMITED: uservoice_status = 12;
/// The service failed: error type "application_error", or HTTP 5xx.
pub const USERVOICE_APPLICATION_ERROR: uservoice_status = 13;
/// Any other error answer, such as "record_invalid" with HTTP 422.
pub const USERVOICE_API_ERROR: uservoice_status = 14;
/// No complete answer came: name lookup, connection, TLS, reset.
pub const USERVOICE_TRANSPORT: uservoice_status = 20;
/// A time limit of the options passed.
pub const USERVOICE_TIMEOUT: uservoice_status = 21;
/// uservoice_client_cancel() was called.
pub const USERVOICE_CANCELLED: uservoice_status = 22;
/// The answer is not what it should be: not JSON, JSON that is nested deeper
/// than 128 levels, too large, not a list.
pub const USERVOICE_BAD_RESPONSE: uservoice_status = 23;
/// A file or directory of an export cannot be read, written or used: no
/// permission, a full disk, damaged, in use by another export. The message names
/// it.
pub const USERVOICE_FILE_ERROR: uservoice_status = 30;
/// A bug of this library. Please report it with the error's message.
pub const USERVOICE_INTERNAL: uservoice_status = 99;

/// Nothing was sent.
pub const USERVOICE_OUTCOME_NOT_SENT: i32 = 0;
/// At least a part was sent, and no complete response was received.
pub const USERVOICE_OUTCOME_UNKNOWN: i32 = 1;
/// The service sent a response.
pub const USERVOICE_OUTCOME_ANSWERED: i32 = 2;

/// What went wrong. Every function that can fail takes `uservoice_error **` as
/// its last argument: on failure it points there to a new error, which belongs
/// to the caller, on success to NULL. The argument may be NULL when only the
/// status matters. An error may be read from several threads at once.
pub struct uservoice_error {
    error: Error,
    message: CString,
    request: Option<CString>,
    argument: Option<CString>,
    /// Lower-case names with their values.
    headers: Vec<(String, CString)>,
    error_type: Option<CString>,
    body: Option<CString>,
}

impl uservoice_error {
    pub(super) fn boxed(error: Error) -> *mut Self {
        let names = error.headers.iter().flat_map(|headers| headers.keys());
        let headers = names.filter_map(|name| {
            let value = error.header(name.as_str())?;
            Some((name.as_str().to_owned(), c_text(&value)))
        });
        handle(uservoice_error {
            message: c_text(error.message()),
            request: error.request().map(c_text),
            argument: error.argument().map(c_text),
            headers: headers.collect(),
            error_type: error.error_type().map(c_text),
            body: error.body().map(c_text),
            error,
        })
    }
}

fn borrowed(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// The status that came with the error; USERVOICE_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_status(error: *const uservoice_error) -> uservoice_status {
    // SAFETY: by contract NULL or a live error, here and below.
    unsafe { error.as_ref() }.map_or(USERVOICE_OK, |error| error.error.status() as i32)
}

/// One line for a person, in English; never a secret in it. Valid until the
/// error is freed. "" for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_message(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| error.message.as_ptr())
}

/// The HTTP status of the last answer, complete or not; 0 when none came, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_http_status(error: *const uservoice_error) -> i32 {
    // SAFETY: see uservoice_error_status.
    unsafe { error.as_ref() }.map_or(0, |error| i32::from(error.error.http_status()))
}

/// UserVoice's own name for the error, such as "record_not_found"; NULL when
/// the answer had none, and for NULL. Valid until the error is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_type(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    borrowed(unsafe { error.as_ref() }.and_then(|error| error.error_type.as_ref()))
}

/// The answer's body as it came; NULL when none came whole, when it should have held a
/// token, and for NULL. Bytes that are not UTF-8 are replaced, what follows a NUL byte is cut off.
/// Valid until the error is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_body(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    borrowed(unsafe { error.as_ref() }.and_then(|error| error.body.as_ref()))
}

/// Returns a header of the response, such as "X-Request-Id"; values of a repeated
/// header are joined with ", ". NULL if the response has no such header, without a
/// response, and for NULL. Valid until the error is freed.
///
/// @param name  The header's name, in any case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_header(
    error: *const uservoice_error,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: see uservoice_error_status; the name by contract is NULL or a string.
    let (Some(error), Ok(name)) = (unsafe { error.as_ref() }, unsafe { text(name, "name") }) else {
        return ptr::null();
    };
    let mut headers = error.headers.iter();
    let found = headers.find(|(header, _)| header.eq_ignore_ascii_case(name));
    borrowed(found.map(|(_, value)| value))
}

/// Returns the method and path of the request that failed, without its query:
/// "GET /api/v1/forums/9". After a redirect it is the last request; if a token could
/// not be obtained or refreshed, the one to the token endpoint. NULL if the error belongs to no
/// request, and for NULL. Valid until the error is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_request(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    borrowed(unsafe { error.as_ref() }.and_then(|error| error.request.as_ref()))
}

/// Returns the name of the invalid input: an argument as it is named in this
/// header, without "_json" at its end, or a member of one: "path",
/// "options.timeout_ms". NULL unless the status is USERVOICE_INVALID_ARGUMENT, and for
/// NULL. Valid until the error is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_argument(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    borrowed(unsafe { error.as_ref() }.and_then(|error| error.argument.as_ref()))
}

/// Whether the call reached the service, which decides whether a write may be
/// repeated: one of USERVOICE_OUTCOME_*. Of several attempts the last one that was
/// sent counts. USERVOICE_OUTCOME_NOT_SENT for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_outcome(error: *const uservoice_error) -> i32 {
    // SAFETY: see uservoice_error_status.
    let error = unsafe { error.as_ref() };
    error.map_or(Outcome::NotSent, |error| error.error.outcome()) as i32
}

/// How long the service asks to wait before the next try, in milliseconds; -1
/// when it did not say, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_retry_after_ms(error: *const uservoice_error) -> i64 {
    // SAFETY: see uservoice_error_status.
    unsafe { error.as_ref() }
        .and_then(|error| error.error.retry_after())
        .map_or(-1, |wait| {
            i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
        })
}

/// Frees an error and all text borrowed from it. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_free(error: *mut uservoice_error) {
    // SAFETY: by contract NULL or an error that was not freed.
    unsafe { free(error) };
}

/// The name of a status, such as "UNAUTHORIZED" for USERVOICE_UNAUTHORIZED;
/// "UNKNOWN" for a number that is none. Not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn uservoice_status_name(status: uservoice_status) -> *const c_char {
    let name: &CStr = match status {
        USERVOICE_OK => c"OK",
        USERVOICE_INVALID_ARGUMENT => c"INVALID_ARGUMENT",
        USERVOICE_NOT_VERIFIED => c"NOT_VERIFIED",
        USERVOICE_UNAUTHORIZED => c"UNAUTHORIZED",
        USERVOICE_NOT_FOUND => c"NOT_FOUND",
        USERVOICE_RATE_LIMITED => c"RATE_LIMITED",
        USERVOICE_APPLICATION_ERROR => c"APPLICATION_ERROR",
        USERVOICE_API_ERROR => c"API_ERROR",
        USERVOICE_TRANSPORT => c"TRANSPORT",
        USERVOICE_TIMEOUT => c"TIMEOUT",
        USERVOICE_CANCELLED => c"CANCELLED",
        USERVOICE_BAD_RESPONSE => c"BAD_RESPONSE",
        USERVOICE_FILE_ERROR => c"FILE_ERROR",
        USERVOICE_INTERNAL => c"INTERNAL",
        _ => c"UNKNOWN",
    };
    name.as_ptr()
}

/// The numbers of the two layers are the same.
const _: () = {
    assert!(Status::InvalidArgument as i32 == USERVOICE_INVALID_ARGUMENT);
    assert!(Status::NotVerified as i32 == USERVOICE_NOT_VERIFIED);
    assert!(Outcome::NotSent as i32 == USERVOICE_OUTCOME_NOT_SENT);
    assert!(Outcome::Unknown as i32 == USERVOICE_OUTCOME_UNKNOWN);
    assert!(Outcome::Answered as i32 == USERVOICE_OUTCOME_ANSWERED);
    assert!(Status::Unauthorized as i32 == USERVOICE_UNAUTHORIZED);
    assert!(Status::NotFound as i32 == USERVOICE_NOT_FOUND);
    assert!(Status::RateLimited as i32 == USERVOICE_RATE_LIMITED);
    assert!(Status::ApplicationError as i32 == USERVOICE_APPLICATION_ERROR);
    assert!(Status::ApiError as i32 == USERVOICE_API_ERROR);
    assert!(Status::Transport as i32 == USERVOICE_TRANSPORT);
    assert!(Status::Timeout as i32 == USERVOICE_TIMEOUT);
    assert!(Status::Cancelled as i32 == USERVOICE_CANCELLED);
    assert!(Status::BadResponse as i32 == USERVOICE_BAD_RESPONSE);
    assert!(Status::FileError as i32 == USERVOICE_FILE_ERROR);
    assert!(Status::Internal as i32 == USERVOICE_INTERNAL);
};
