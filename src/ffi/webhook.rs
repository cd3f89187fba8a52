//! Web hooks.

use std::ffi::c_char;

use super::error::{uservoice_error, uservoice_status};
use super::{bytes, run, string, text};
use crate::signon::webhook;

/// Checks, in constant time, that the data of a web hook were signed with the
/// site's SSO key (HMAC-SHA256).
///
/// @param data       The delivery's field "data" as text, decoded from its form.
/// @param data_len   Its length in bytes.
/// @param signature  The field "signature": hexadecimal or base64.
/// @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the signature is not that of the
///     data and key; USERVOICE_INVALID_ARGUMENT. Sends nothing and never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_webhook_verify(
    sso_key: *const c_char,
    data: *const c_char,
    data_len: usize,
    signature: *const c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    let mut nothing = 0usize;
    run("nothing", &mut nothing, error, || {
        // SAFETY: by contract each is NULL or a text, the data of that length.
        let (sso_key, data, signature) = unsafe {
            (
                text(sso_key, "sso_key")?,
                bytes(data, data_len, "data")?,
                text(signature, "signature")?,
            )
        };
        webhook::verify(sso_key, data, signature)?;
        Ok(0)
    })
}

/// Reads a web hook's delivery after a check of its signature. The service signs
/// the data and not the event: look at the data for what matters.
///
/// @param body      The request's body as it came, form-encoded.
/// @param body_len  Its length in bytes.
/// @param json      Out: {"event":"new_suggestion","data":{...}} with the data as
///     they came; to be freed by uservoice_string_free().
/// @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the signature is not that of the
///     data and key; USERVOICE_INVALID_ARGUMENT. Sends nothing and never blocks.
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
        // SAFETY: by contract each is NULL or a text, the body of that length.
        let (sso_key, body) =
            unsafe { (text(sso_key, "sso_key")?, bytes(body, body_len, "body")?) };
        string(webhook::read(sso_key, body)?)
    })
}

/// Signs data as the service signs those of a webhook, for tests of a program that
/// receives webhooks.
///
/// @param data       The data; any bytes.
/// @param data_len   Their length in bytes.
/// @param signature  Out: the HMAC-SHA256 in hexadecimal, 64 characters. Free it with
///     uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
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
        // SAFETY: by contract each is NULL or a string, the data of that length.
        let (sso_key, data) =
            unsafe { (text(sso_key, "sso_key")?, bytes(data, data_len, "data")?) };
        string(webhook::sign(sso_key, data)?)
    })
}
