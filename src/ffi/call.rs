//! Runs the bodies of the functions of the C ABI: defines their out-parameters and
//! turns errors and panics into a status.

use std::ptr;

use super::error::{USERVOICE_OK, uservoice_error, uservoice_status};
use super::panic::guard;
use crate::error::{Error, Result};

/// A type of out-parameter.
pub(super) trait OutParam {
    /// The value on entry and on failure.
    const EMPTY: Self;
}

impl<T> OutParam for *mut T {
    const EMPTY: Self = ptr::null_mut();
}

impl OutParam for usize {
    const EMPTY: Self = 0;
}

/// Runs the body of a function that has a result, and writes it to `out`, the
/// parameter that the caller knows as `name`, or its error to `error`.
pub(super) fn run<T: OutParam>(
    name: &str,
    out: *mut T,
    error: *mut *mut uservoice_error,
    body: impl FnOnce() -> Result<T>,
) -> uservoice_status {
    clear(out);
    clear(error);
    if out.is_null() {
        return fail(Error::invalid(name, "must not be NULL"), error);
    }
    match guard(body) {
        Ok(value) => {
            // SAFETY: not NULL; by contract a place to write to.
            unsafe { out.write(value) };
            USERVOICE_OK
        }
        Err(failure) => fail(failure, error),
    }
}

/// Runs the body of a function without a result, and writes its error to `error`.
pub(super) fn run_without_result(
    error: *mut *mut uservoice_error,
    body: impl FnOnce() -> Result<()>,
) -> uservoice_status {
    clear(error);
    match guard(body) {
        Ok(()) => USERVOICE_OK,
        Err(failure) => fail(failure, error),
    }
}

/// Writes the value of an out-parameter on entry.
fn clear<T: OutParam>(out: *mut T) {
    if !out.is_null() {
        // SAFETY: by contract the caller passes NULL or a place to write to.
        unsafe { out.write(T::EMPTY) };
    }
}

/// Passes `failure` to the caller and returns its status.
fn fail(failure: Error, error: *mut *mut uservoice_error) -> uservoice_status {
    let status = failure.status as uservoice_status;
    if !error.is_null() {
        // SAFETY: not NULL; by contract a place to write to.
        unsafe { error.write(uservoice_error::into_handle(failure)) };
    }
    status
}
