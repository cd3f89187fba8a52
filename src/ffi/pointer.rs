//! The conversions between C pointers and Rust values.
//!
//! A handle is a `Box` that the caller owns between [`into_handle`] and
//! [`free_handle`]; a returned string is a `CString` that it owns between
//! [`into_string`] and `uservoice_string_free()`.

use std::ffi::{CStr, CString, c_char, c_void};

use super::panic::run_infallible;
use crate::encoding::json_string::StringError;
use crate::error::{Error, Result};

/// Moves a value to the heap; the caller owns it.
pub(super) fn into_handle<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Frees a handle.
///
/// # Safety
/// `handle` is NULL, or came from [`into_handle`] and was not freed.
pub(super) unsafe fn free_handle<T>(handle: *mut T) {
    if handle.is_null() {
        return;
    }
    // SAFETY: by this function's contract.
    let value = unsafe { Box::from_raw(handle) };
    run_infallible(|| drop(value));
}

/// Borrows a handle.
///
/// # Safety
/// `handle` is NULL or a live handle.
pub(super) unsafe fn borrow<'a, T>(handle: *const T, name: &str) -> Result<&'a T> {
    // SAFETY: by this function's contract.
    unsafe { handle.as_ref() }.ok_or_else(|| Error::invalid(name, "must not be NULL"))
}

/// Borrows a string.
///
/// # Safety
/// `string` is NULL, or is NUL-terminated and outlives the call.
pub(super) unsafe fn str<'a>(string: *const c_char, name: &str) -> Result<&'a str> {
    // SAFETY: by this function's contract.
    let string = unsafe { optional_str(string, name) }?;
    string.ok_or_else(|| Error::invalid(name, "must not be NULL"))
}

/// Borrows a string that may be NULL.
///
/// # Safety
/// As [`str`].
pub(super) unsafe fn optional_str<'a>(
    string: *const c_char,
    name: &str,
) -> Result<Option<&'a str>> {
    if string.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the rest by this function's contract.
    let string = unsafe { CStr::from_ptr(string) }.to_str();
    string
        .map(Some)
        .map_err(|_| Error::invalid(name, "must be valid UTF-8"))
}

/// Borrows a string to verify, which a stranger may have sent: if it is not UTF-8, it does
/// not verify, and the caller made no mistake.
///
/// # Safety
/// As [`str`].
pub(super) unsafe fn untrusted_str<'a>(string: *const c_char, name: &str) -> Result<&'a str> {
    if string.is_null() {
        return Err(Error::invalid(name, "must not be NULL"));
    }
    // SAFETY: not NULL; the rest by this function's contract.
    let string = unsafe { CStr::from_ptr(string) }.to_str();
    string.map_err(|_| Error::not_verified(format!("the {name} is not valid UTF-8")))
}

/// Borrows bytes, of which there may be none: `start` may be NULL if `length` is 0, as the
/// pointer of an empty container is.
///
/// # Safety
/// As [`bytes`].
pub(super) unsafe fn bytes_or_none<'a>(
    start: *const c_void,
    length: usize,
    name: &str,
) -> Result<&'a [u8]> {
    if length == 0 {
        return Ok(&[]);
    }
    // SAFETY: by this function's contract.
    unsafe { bytes(start.cast(), length, name) }
}

/// Borrows bytes.
///
/// # Safety
/// `start` is NULL, or points to `length` bytes that outlive the call.
pub(super) unsafe fn bytes<'a>(
    start: *const c_char,
    length: usize,
    name: &str,
) -> Result<&'a [u8]> {
    if start.is_null() {
        return Err(Error::invalid(name, "must not be NULL"));
    }
    if isize::try_from(length).is_err() {
        return Err(Error::invalid(name, "is longer than the address space"));
    }
    // SAFETY: not NULL, and not longer than `isize::MAX`; the rest by this
    // function's contract.
    Ok(unsafe { std::slice::from_raw_parts(start.cast(), length) })
}

/// Returns a string that the caller owns, without a copy if there is room for the NUL.
pub(super) fn into_string(string: String) -> Result<*mut c_char> {
    let mut bytes = string.into_bytes();
    let reserved = bytes.try_reserve_exact(1);
    reserved.map_err(|_| Error::no_memory_for_response())?;
    into_c_string(bytes)
}

/// Copies a part of a response to a string that the caller owns.
pub(super) fn copy_to_string(string: &str) -> Result<*mut c_char> {
    let mut bytes = Vec::new();
    let reserved = bytes.try_reserve_exact(string.len() + 1);
    reserved.map_err(|_| Error::no_memory_for_response())?;
    bytes.extend_from_slice(string.as_bytes());
    into_c_string(bytes)
}

/// Appends a NUL, for which `bytes` have room.
fn into_c_string(bytes: Vec<u8>) -> Result<*mut c_char> {
    if memchr::memchr(0, &bytes).is_some() {
        return Err(Error::bad_response("the result contains a NUL character"));
    }
    // SAFETY: it contains no NUL.
    let string = unsafe { CString::from_vec_unchecked(bytes) };
    Ok(string.into_raw())
}

/// Copies a secret to a string that the caller owns, in one allocation of the
/// right length, so that no other copies remain in memory. `argument` is what it was made
/// from.
pub(super) fn secret_into_string(secret: &str, argument: &str) -> Result<*mut c_char> {
    let mut bytes = Vec::new();
    let reserved = bytes.try_reserve_exact(secret.len() + 1);
    reserved.map_err(|_| Error::invalid(argument, StringError::NoMemory))?;
    bytes.extend_from_slice(secret.as_bytes());
    let string =
        CString::new(bytes).map_err(|_| Error::internal("a secret contains a NUL character"))?;
    Ok(string.into_raw())
}

/// Converts a string for a handle that lends it to the caller; `None` if there is no memory
/// for its NUL. It ends before the first NUL.
pub(super) fn into_lent_string(string: String) -> Option<CString> {
    let mut bytes = string.into_bytes();
    bytes.truncate(memchr::memchr(0, &bytes).unwrap_or(bytes.len()));
    bytes.try_reserve_exact(1).ok()?;
    CString::new(bytes).ok()
}

/// Copies a short string for a handle that lends it to the caller. It ends before the
/// first NUL.
pub(super) fn lent_string(string: &str) -> CString {
    let end = string.find('\0').unwrap_or(string.len());
    CString::new(&string[..end]).unwrap_or_default()
}
