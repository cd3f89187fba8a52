//! Errors as owned objects.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use super::{c_text, free, handle};
use crate::error::{Error, Outcome, Status};

/// What a function returns that can fail: one of USERVOICE_OK and the other
/// status codes. The numbers are never reused.
pub type uservoice_status = i32;

/// The call did what it says.
pub const USERVOICE_OK: uservoice_status = 0;
/// The caller's mistake; nothing was sent. The message names the argument.
pub const USERVOICE_INVALID_ARGUMENT: uservoice_status = 1;
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

/// What went wrong. Every function that can fail takes `uservoice_error **` as
/// its last argument: on failure it points there to a new error, which belongs
/// to the caller, on success to NULL. The argument may be NULL when only the
/// status matters. An error may be read from several threads at once.
pub struct uservoice_error {
    error: Error,
    message: CString,
    error_type: Option<CString>,
    body: Option<CString>,
}

impl uservoice_error {
    pub(super) fn boxed(error: Error) -> *mut Self {
        handle(uservoice_error {
            message: c_text(error.message()),
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

/// Whether the call reached the service, which decides whether a write may be
/// tried again: 0, it was certainly not sent; 1, it was sent at least in part
/// and what came of it is unknown; 2, the service answered. Of several tries the
/// last that was sent counts. 0 for NULL.
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
