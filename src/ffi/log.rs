//! Logging.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::call::{run, run_without_result};
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{borrow, into_string, lent_string};
use crate::{Error, LogLevel};

/// Log nothing.
pub const USERVOICE_LOG_OFF: i32 = 0;
/// Log attempts without a response (unless cancelled), and status codes 429 and 5xx.
pub const USERVOICE_LOG_WARNING: i32 = 1;
/// Log all attempts.
pub const USERVOICE_LOG_INFO: i32 = 2;

/// Receives one line, without a newline, which is valid during the call.
pub type uservoice_log_callback =
    Option<unsafe extern "C" fn(level: i32, line: *const c_char, user_data: *mut c_void)>;

/// Sets, replaces or removes the log of this handle, its collections and exports, and of
/// clones created afterwards: one line for each attempt of a request.
/// ```text
/// method=GET path=/api/v1/users?page status=503 duration_ms=12 attempt=1 retry_in_ms=500
/// ```
/// A status of 0 means that there was no response; then error="..." says why. The line
/// has the keys of the query and not their values, and no secrets.
///
/// @param level      USERVOICE_LOG_OFF, USERVOICE_LOG_WARNING or USERVOICE_LOG_INFO.
/// @param callback   The function. What threads of a collection or export log is delivered
///     by the next call that uses or frees it. NULL: the lines are kept for
///     uservoice_client_take_log().
/// @param user_data  Passed to the callback. Must be valid until the log is replaced or
///     these handles are freed, and the calls that are then in progress have returned.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_client_set_log(
    client: *const uservoice_client,
    level: i32,
    callback: uservoice_log_callback,
    user_data: *mut c_void,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run_without_result(error, || {
        // SAFETY: by contract NULL or a live client.
        let client = &unsafe { borrow(client, "client") }?.0;
        let level = match level {
            USERVOICE_LOG_OFF => {
                client.remove_log();
                return Ok(());
            }
            USERVOICE_LOG_WARNING => LogLevel::Warning,
            USERVOICE_LOG_INFO => LogLevel::Info,
            _ => {
                let why = format_args!("must be one of USERVOICE_LOG_* (got {level})");
                return Err(Error::invalid("level", why));
            }
        };
        let Some(callback) = callback else {
            client.keep_log(level);
            return Ok(());
        };
        let receiver = Receiver {
            callback,
            user_data,
        };
        client.set_log(level, move |level, line| receiver.log(level, line));
        Ok(())
    })
}

/// Returns, and forgets, the newest 10,000 lines of a log without a callback: for a
/// language that must not be called back, because it may end the thread.
///
/// @param lines_json  Out: [{"level":2,"line":"method=GET ..."}]; NULL if there are none.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_client_take_log(
    client: *const uservoice_client,
    lines_json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("lines_json", lines_json, error, || {
        // SAFETY: by contract NULL or a live client.
        let lines = unsafe { borrow(client, "client") }?.0.take_log()?;
        lines.map_or(Ok(ptr::null_mut()), into_string)
    })
}

struct Receiver {
    callback: unsafe extern "C" fn(i32, *const c_char, *mut c_void),
    user_data: *mut c_void,
}

// SAFETY: by contract the callback may be called with its user data on any thread that
// calls the library.
unsafe impl Send for Receiver {}
// SAFETY: as above.
unsafe impl Sync for Receiver {}

impl Receiver {
    fn log(&self, level: LogLevel, line: &str) {
        let line = lent_string(line);
        // SAFETY: by contract it may be called with these arguments.
        unsafe { (self.callback)(level as i32, line.as_ptr(), self.user_data) };
    }
}

/// The values of the header are those of the Rust enum.
const _: () = {
    assert!(LogLevel::Off as i32 == USERVOICE_LOG_OFF);
    assert!(LogLevel::Warning as i32 == USERVOICE_LOG_WARNING);
    assert!(LogLevel::Info as i32 == USERVOICE_LOG_INFO);
};
