//! Logging.

use std::ffi::{c_char, c_void};

use super::call::run_without_result;
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{borrow, lent_string};
use crate::{Error, LogLevel};

/// Log nothing.
pub const USERVOICE_LOG_OFF: i32 = 0;
/// Log attempts without a response (unless cancelled), and status codes 429 and 5xx.
pub const USERVOICE_LOG_WARNING: i32 = 1;
/// Log all attempts.
pub const USERVOICE_LOG_INFO: i32 = 2;

/// Receives one line, without a newline, which is valid during the call. `level` is
/// USERVOICE_LOG_WARNING or USERVOICE_LOG_INFO.
pub type uservoice_log_callback =
    Option<unsafe extern "C" fn(level: i32, line: *const c_char, user_data: *mut c_void)>;

/// Sets a function that is called after each attempt of a request, of this handle and
/// of the clones, collections and exports that are created with it afterwards:
///
/// ```text
/// method=GET path=/api/v1/users?page status=503 duration_ms=12 attempt=1 retry_in_ms=500
/// ```
///
/// A status of 0 means that there was no response; then error="..." says why. The line
/// has the keys of the query and not their values, and no secrets.
///
/// @param level      USERVOICE_LOG_OFF, USERVOICE_LOG_WARNING or USERVOICE_LOG_INFO.
/// @param callback   The function. What threads of a collection or export log is delivered
///     by the next call that uses or frees it. NULL only with USERVOICE_LOG_OFF.
/// @param user_data  Passed to the callback. Must remain valid until all these handles
///     are freed.
/// @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT, also if the handle has a
///     callback already.
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
        let client = unsafe { borrow(client, "client") }?;
        let level = match level {
            USERVOICE_LOG_OFF => LogLevel::Off,
            USERVOICE_LOG_WARNING => LogLevel::Warning,
            USERVOICE_LOG_INFO => LogLevel::Info,
            _ => {
                let why = format_args!("must be one of USERVOICE_LOG_* (got {level})");
                return Err(Error::invalid("level", why));
            }
        };
        let receiver = match callback {
            Some(callback) => Some(Receiver {
                callback,
                user_data,
            }),
            None if level == LogLevel::Off => None,
            None => return Err(Error::invalid("callback", "must not be NULL")),
        };
        client.0.set_log(level, move |level, line| {
            if let Some(receiver) = &receiver {
                receiver.log(level, line);
            }
        })
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
