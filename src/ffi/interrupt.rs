//! The interrupt callback.

use std::ffi::c_void;
use std::sync::Arc;

use super::call::run_without_result;
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::borrow;

/// Returns non-zero to end the call that waits.
pub type uservoice_interrupt_callback = Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>;

/// Sets, replaces or removes the function that may end calls of this handle, its
/// collections and exports, and of clones created afterwards, such as one that returns
/// the flag of a signal handler. A call that waits calls it at least every 50 ms,
/// and at once if a signal interrupts network I/O; if it returns non-zero, the call
/// fails with USERVOICE_CANCELLED and the handle remains usable. `user_data` must remain
/// valid until these handles are freed, or have another callback and no older call.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_client_set_interrupt(
    client: *const uservoice_client,
    callback: uservoice_interrupt_callback,
    user_data: *mut c_void,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run_without_result(error, || {
        // SAFETY: by contract NULL or a live client.
        let client = unsafe { borrow(client, "client") }?;
        let source = callback.map(|callback| Source {
            callback,
            user_data,
        });
        client.0.set_interrupt(source.map(Source::into_callback));
        Ok(())
    })
}

struct Source {
    callback: unsafe extern "C" fn(*mut c_void) -> i32,
    user_data: *mut c_void,
}

// SAFETY: by contract the callback may be called with its user data on any thread that
// calls the library.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

impl Source {
    fn into_callback(self) -> Arc<dyn Fn() -> bool + Send + Sync> {
        Arc::new(move || self.ends_call())
    }

    fn ends_call(&self) -> bool {
        // SAFETY: by contract it may be called with this argument.
        unsafe { (self.callback)(self.user_data) != 0 }
    }
}
