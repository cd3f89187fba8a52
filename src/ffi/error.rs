//! Status codes and the error handle.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use super::pointer::{free_handle, into_handle, into_lent_string, lent_string, str};
use crate::error::{Error, Outcome, Status};

/// The result of a function that can fail: one of the status codes.
pub type uservoice_status = i32;

/// Success.
pub const USERVOICE_OK: uservoice_status = 0;
/// The caller's mistake. Nothing was sent. The error names the argument.
pub const USERVOICE_INVALID_ARGUMENT: uservoice_status = 1;
/// A single sign-on token, JWT or webhook is forged, malformed or expired.
pub const USERVOICE_NOT_VERIFIED: uservoice_status = 2;
/// Error type "unauthorized", HTTP 401 or 403, or HTTP 400 from the token endpoint.
pub const USERVOICE_UNAUTHORIZED: uservoice_status = 10;
/// Error type "record_not_found", or HTTP 404.
pub const USERVOICE_NOT_FOUND: uservoice_status = 11;
/// HTTP 429 after all retries, or the rate limit's wait exceeds max_retry_wait_ms.
pub const USERVOICE_RATE_LIMITED: uservoice_status = 12;
/// Error type "application_error", or HTTP 5xx.
pub const USERVOICE_APPLICATION_ERROR: uservoice_status = 13;
/// Any other error response, such as "record_invalid" with HTTP 422.
pub const USERVOICE_API_ERROR: uservoice_status = 14;
/// No complete response: name lookup, connection, TLS or reset.
pub const USERVOICE_TRANSPORT: uservoice_status = 20;
/// A timeout of the options expired.
pub const USERVOICE_TIMEOUT: uservoice_status = 21;
/// uservoice_client_cancel() or an interrupt callback ended the call.
pub const USERVOICE_CANCELLED: uservoice_status = 22;
/// The response is not JSON, nested deeper than 128 levels, too large, or not a list.
pub const USERVOICE_BAD_RESPONSE: uservoice_status = 23;
/// A file or directory of an export cannot be used; the message names it.
pub const USERVOICE_FILE_ERROR: uservoice_status = 30;
/// A bug in this library. Please report it with the message.
pub const USERVOICE_INTERNAL: uservoice_status = 99;

/// Nothing was sent.
pub const USERVOICE_OUTCOME_NOT_SENT: i32 = 0;
/// Sent at least in part, without a complete response: a write may have been done.
pub const USERVOICE_OUTCOME_UNKNOWN: i32 = 1;
/// A response. With HTTP 408 or 5xx or BAD_RESPONSE, a write may have been done.
pub const USERVOICE_OUTCOME_ANSWERED: i32 = 2;

/// The details of a failure. Immutable.
pub struct uservoice_error {
    error: Error,
    message: CString,
    request: Option<CString>,
    argument: Option<CString>,
    /// Names in lower case, with their values.
    headers: Vec<(String, CString)>,
    error_type: Option<CString>,
    body: Option<CString>,
}

impl uservoice_error {
    pub(super) fn into_handle(mut error: Error) -> *mut Self {
        let body = error.take_body();
        let names = error.headers.iter().flat_map(|headers| headers.keys());
        let headers = names.filter_map(|name| {
            let value = error.header(name.as_str())?;
            Some((name.as_str().to_owned(), lent_string(&value)))
        });
        into_handle(uservoice_error {
            message: lent_string(error.message()),
            request: error.request().map(lent_string),
            argument: error.argument().map(lent_string),
            headers: headers.collect(),
            error_type: error.error_type().map(lent_string),
            body: body.and_then(into_lent_string),
            error,
        })
    }
}

/// Returns the string that `get` finds in an error, or NULL.
///
/// # Safety
/// `error` is NULL or a live error.
unsafe fn lend(
    error: *const uservoice_error,
    get: impl FnOnce(&uservoice_error) -> Option<&CString>,
) -> *const c_char {
    // SAFETY: by this function's contract.
    let string = unsafe { error.as_ref() }.and_then(get);
    string.map_or(ptr::null(), |string| string.as_ptr())
}

/// Returns the status that the failed function returned; USERVOICE_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_status(error: *const uservoice_error) -> uservoice_status {
    // SAFETY: by contract NULL or a live error, as in all functions below.
    unsafe { error.as_ref() }.map_or(USERVOICE_OK, |error| error.error.status() as i32)
}

/// Returns one line in English for a person, without secrets. It begins with the
/// request or the invalid argument: "GET /api/v1/forums/9: HTTP 404: Forum not
/// found". "" for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_message(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| error.message.as_ptr())
}

/// Returns the request that failed, without its query: "GET /api/v1/forums/9".
/// After a redirect it is the redirected request, and POST /api/v2/oauth/token if a
/// token could not be refreshed. NULL if the error belongs to no request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_request(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    unsafe { lend(error, |error| error.request.as_ref()) }
}

/// Returns the invalid input: the name of a parameter of this header without
/// "_json", or a member of it, such as "path" or "options.timeout_ms". NULL unless
/// the status is USERVOICE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_argument(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    unsafe { lend(error, |error| error.argument.as_ref()) }
}

/// Returns the HTTP status code of the response, complete or not; 0 without one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_http_status(error: *const uservoice_error) -> i32 {
    // SAFETY: see uservoice_error_status.
    unsafe { error.as_ref() }.map_or(0, |error| i32::from(error.error.http_status()))
}

/// Returns the service's type of the error, such as "record_not_found", or the code of
/// an OAuth 2 error, such as "invalid_grant" (RFC 6749, section 5.2), or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_type(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    unsafe { lend(error, |error| error.error_type.as_ref()) }
}

/// Returns the response body; NULL if the response is incomplete, may contain a token,
/// or is too large for the memory that is left. Bytes that are not UTF-8 are replaced,
/// and the string ends before the first NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_body(error: *const uservoice_error) -> *const c_char {
    // SAFETY: see uservoice_error_status.
    unsafe { lend(error, |error| error.body.as_ref()) }
}

/// Returns a response header by its name in any case, such as "X-Request-Id"; NULL if the
/// response, complete or not, has none. Values of a repeated header are joined with ", ".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_header(
    error: *const uservoice_error,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: by contract NULL or a string.
    let Ok(name) = (unsafe { str(name, "name") }) else {
        return ptr::null();
    };
    // SAFETY: see uservoice_error_status.
    unsafe {
        lend(error, |error| {
            let mut headers = error.headers.iter();
            let found = headers.find(|(header, _)| header.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value)
        })
    }
}

/// Returns whether the request reached the service, which decides whether a write
/// may be sent again: one of USERVOICE_OUTCOME_*. Of several attempts the last one
/// that was sent counts. USERVOICE_OUTCOME_NOT_SENT for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_outcome(error: *const uservoice_error) -> i32 {
    // SAFETY: see uservoice_error_status.
    let error = unsafe { error.as_ref() };
    error.map_or(Outcome::NotSent, |error| error.error.outcome()) as i32
}

/// Returns how long the service asks to wait, in milliseconds; -1 if it does not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_retry_after_ms(error: *const uservoice_error) -> i64 {
    // SAFETY: see uservoice_error_status.
    let wait = unsafe { error.as_ref() }.and_then(|error| error.error.retry_after());
    wait.map_or(-1, |wait| {
        i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
    })
}

/// Frees an error. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_error_free(error: *mut uservoice_error) {
    // SAFETY: by contract NULL or an error that was not freed.
    unsafe { free_handle(error) };
}

/// Returns the name of a status code, such as "NOT_FOUND" for USERVOICE_NOT_FOUND, or
/// "UNKNOWN". A static string: do not free it.
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

/// The values of the header are those of the Rust enums.
const _: () = {
    assert!(Status::InvalidArgument as i32 == USERVOICE_INVALID_ARGUMENT);
    assert!(Status::NotVerified as i32 == USERVOICE_NOT_VERIFIED);
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
    assert!(Outcome::NotSent as i32 == USERVOICE_OUTCOME_NOT_SENT);
    assert!(Outcome::Unknown as i32 == USERVOICE_OUTCOME_UNKNOWN);
    assert!(Outcome::Answered as i32 == USERVOICE_OUTCOME_ANSWERED);
};
