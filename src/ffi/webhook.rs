//! Webhooks.

use std::ffi::c_char;

use super::call::{run, run_without_result};
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{bytes, into_string, str, untrusted_str};
use crate::signon::webhook;

/// Verifies a webhook request and returns its content. The signature covers the data
/// and not the name of the event.
///
/// @param sso_key   The SSO key of the site. If empty: USERVOICE_INVALID_ARGUMENT.
/// @param body      The request body: a form (application/x-www-form-urlencoded) of
///     `body_len` bytes.
/// @param json      Out: {"event":"new_suggestion","data":{...}} with the data byte for
///     byte. Free it with uservoice_string_free().
/// @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_webhook_read(
    sso_key: *const c_char,
    body: *const c_char,
    body_len: usize,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract each is NULL or a string, and the body of that length.
        let (sso_key, body) = unsafe { (str(sso_key, "sso_key")?, bytes(body, body_len, "body")?) };
        into_string(webhook::read(sso_key, body)?)
    })
}

/// Verifies the signature of webhook data, an HMAC-SHA256, in constant time.
///
/// @param data       The decoded form field "data", of `data_len` bytes.
/// @param signature  The form field "signature": hexadecimal or base64.
/// @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_webhook_verify(
    sso_key: *const c_char,
    data: *const c_char,
    data_len: usize,
    signature: *const c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run_without_result(error, || {
        // SAFETY: by contract each is NULL or a string, and the data of that length.
        let (sso_key, data, signature) = unsafe {
            (
                str(sso_key, "sso_key")?,
                bytes(data, data_len, "data")?,
                untrusted_str(signature, "signature")?,
            )
        };
        webhook::verify(sso_key, data, signature)
    })
}

/// Signs data as the service signs webhooks, to test a program that receives them.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_webhook_sign(
    sso_key: *const c_char,
    data: *const c_char,
    data_len: usize,
    signature: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("signature", signature, error, || {
        // SAFETY: by contract each is NULL or a string, and the data of that length.
        let (sso_key, data) = unsafe { (str(sso_key, "sso_key")?, bytes(data, data_len, "data")?) };
        into_string(webhook::sign(sso_key, data)?)
    })
}
