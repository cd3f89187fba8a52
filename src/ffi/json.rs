//! The JSON functions that a C program needs in order to use this library safely.

use std::ffi::c_char;
use std::ptr;

use zeroize::Zeroizing;

use super::call::run;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{secret_into_string, str};
use crate::encoding::json;
use crate::encoding::json_string::push_quoted;
use crate::error::Error;

/// Returns a string as a JSON string: a"b becomes "a\"b", with the quotes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_json_quote(
    string: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a string.
        let string = unsafe { str(string, "string") }?;
        let mut quoted = Zeroizing::new(String::new());
        push_quoted(&mut quoted, string, usize::MAX)
            .map_err(|error| Error::invalid("string", error))?;
        secret_into_string(&quoted, "string")
    })
}

/// Returns the value that a JSON Pointer refers to (RFC 6901): a string decoded, any
/// other value as its JSON, byte for byte. If a key is repeated, its last value
/// counts.
///
/// @param json     A JSON value, such as a response body.
/// @param pointer  "" for the whole value, or a path such as "/suggestions/0/title"; in
///     a key, "~1" stands for '/' and "~0" for '~'.
/// @param value    Out: the value, or NULL with USERVOICE_OK if there is none; "null" if
///     it is null. Free it with uservoice_string_free().
/// @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT, also if the string has U+0000.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_json_get(
    json: *const c_char,
    pointer: *const c_char,
    value: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("value", value, error, || {
        // SAFETY: by contract each is NULL or a string.
        let (json, pointer) = unsafe { (str(json, "json")?, str(pointer, "pointer")?) };
        let Some(value) = json::get(json, pointer)? else {
            return Ok(ptr::null_mut());
        };
        if value.contains('\0') {
            let why = "the string at this pointer must not contain U+0000";
            return Err(Error::invalid("json", why));
        }
        secret_into_string(&value, "json")
    })
}
