//! Watching a client.

use std::ffi::{c_char, c_void};

use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::{borrow, c_text, run};
use crate::{Error, LogLevel};

/// Nothing is told.
pub const USERVOICE_LOG_OFF: i32 = 0;
/// Told are attempts that got no answer (unless they were cancelled), or 429, or a status
/// from 500.
pub const USERVOICE_LOG_WARNING: i32 = 1;
/// Told are all attempts.
pub const USERVOICE_LOG_INFO: i32 = 2;

/// Gets one line of a log, without a line end, valid during the call. `level`
/// is USERVOICE_LOG_WARNING or USERVOICE_LOG_INFO. Must return: it may neither
/// throw nor jump, and must not free the handle that is in use. A collection whose
/// page is being loaded is USERVOICE_INVALID_ARGUMENT to it.
pub type uservoice_log_callback =
    Option<unsafe extern "C" fn(level: i32, line: *const c_char, user_data: *mut c_void)>;

/// Has a function told of each attempt at a call: one line with the method, the
/// path with the keys of its query, the HTTP status (0: no answer), what it
/// took, which try it was, and where they apply the time that the rate limit
/// held it back, the wait before the next try, and why there was no answer:
///
/// ```text
/// method=GET path=/api/v1/users?page status=503 ms=12 try=1 wait_ms=500
/// method=GET path=/api/v1/users?page status=0 ms=9 try=2 error="..."
/// ```
///
/// There is never a secret in it, nor a value of the query, a header or a body.
/// Nothing is told, and it costs nothing, until this is called.
///
/// @param client  The handle. Clones, collections and exports that are made from it
///     afterwards tell the same function.
/// @param level   USERVOICE_LOG_OFF, USERVOICE_LOG_WARNING or
///     USERVOICE_LOG_INFO.
/// @param callback  Called on the thread that makes the call, never on another:
///     what the threads of a collection or an export did is told when that is used
///     next, or freed. From several threads at once where several make calls.
///     NULL with USERVOICE_LOG_OFF only.
/// @param user_data  Given to the callback. Must stay valid until the handle, its
///     clones, its collections and its exports are freed.
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT, also when the handle was
///     given one before; a clone can be given its own. Never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_client_set_log(
    client: *const uservoice_client,
    level: i32,
    callback: uservoice_log_callback,
    user_data: *mut c_void,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    let mut nothing = 0usize;
    run("nothing", &mut nothing, error, || {
        // SAFETY: by contract NULL or a live client.
        let client = unsafe { borrow(client, "client") }?;
        let level = match level {
            USERVOICE_LOG_OFF => LogLevel::Off,
            USERVOICE_LOG_WARNING => LogLevel::Warning,
            USERVOICE_LOG_INFO => LogLevel::Info,
            _ => return Err(Error::invalid("level", "must be one of USERVOICE_LOG_*")),
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
                receiver.tell(level, line);
            }
        })?;
        Ok(0)
    })
}

struct Receiver {
    callback: unsafe extern "C" fn(i32, *const c_char, *mut c_void),
    user_data: *mut c_void,
}

// SAFETY: by contract the callback may be called from any thread that makes a
// call, with what the caller gave for it.
unsafe impl Send for Receiver {}
// SAFETY: as above.
unsafe impl Sync for Receiver {}

impl Receiver {
    fn tell(&self, level: LogLevel, line: &str) {
        let line = c_text(line);
        // SAFETY: by contract it takes a level, a text and what came with it.
        unsafe { (self.callback)(level as i32, line.as_ptr(), self.user_data) };
    }
}

/// The numbers of the two layers are the same.
const _: () = {
    assert!(LogLevel::Off as i32 == USERVOICE_LOG_OFF);
    assert!(LogLevel::Warning as i32 == USERVOICE_LOG_WARNING);
    assert!(LogLevel::Info as i32 == USERVOICE_LOG_INFO);
};
