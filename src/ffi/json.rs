//! The JSON that a C program needs in order to use this library safely.

use std::ffi::c_char;
use std::ptr;

use super::error::{uservoice_error, uservoice_status};
use super::{run, secret_string, text};
use crate::encoding::json;
use crate::error::Error;

/// Writes a string as a JSON string: `a"b` becomes `"a\"b"`, with the quotes.
/// Use it to put a value into params_json without a JSON library.
///
/// @param string  The string.
/// @param json    Out: the JSON string. Free it with uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_json_quote(
    string: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a string.
        let string = unsafe { text(string, "string") }?;
        secret_string(&json::quote(string))
    })
}

/// Returns the value that a JSON Pointer (RFC 6901) refers to, such as
/// "/suggestions/0/title". A string is decoded; any other value is returned as
/// the JSON that it is in `json`. Of a repeated key the last value counts.
///
/// @param json     Any JSON value, such as the result of uservoice_get().
/// @param pointer  "" for the whole value, or a path that begins with "/". In a
///     key, "~1" stands for "/" and "~0" for "~".
/// @param value    Out: the value. Free it with uservoice_string_free(). NULL with
///     USERVOICE_OK if there is no such value; "null" if it is null.
/// @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT if `json` is not valid JSON,
///     `pointer` is not a JSON Pointer, or the string contains U+0000. Never
///     blocks.
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
        let (json, pointer) = unsafe { (text(json, "json")?, text(pointer, "pointer")?) };
        let Some(value) = json::get(json, pointer)? else {
            return Ok(ptr::null_mut());
        };
        if value.contains('\0') {
            let why = "the string at this pointer contains U+0000, which a C string cannot";
            return Err(Error::invalid("json", why));
        }
        secret_string(&value)
    })
}
