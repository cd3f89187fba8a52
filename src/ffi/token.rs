//! The token handle.

use std::ffi::{CString, c_char};
use std::ptr;

use zeroize::Zeroize;

use super::error::{uservoice_error, uservoice_status};
use super::{borrow, c_text, free, handle, run, secret_string, text};
use crate::Token;

/// Whom a call acts for: an OAuth 1.0a token with its secret, or an OAuth 2
/// bearer token. A value, which may be used from any number of threads at once;
/// outlives the client that it came from. Wiped from memory when freed.
pub struct uservoice_token {
    pub(super) token: Token,
    value: CString,
    /// A bearer token has none.
    secret: Option<CString>,
}

impl uservoice_token {
    pub(super) fn boxed(token: Token) -> *mut Self {
        handle(uservoice_token {
            value: c_text(token.value()),
            secret: token.secret().map(c_text),
            token,
        })
    }
}

impl Drop for uservoice_token {
    fn drop(&mut self) {
        self.value.zeroize();
        if let Some(secret) = &mut self.secret {
            secret.zeroize();
        }
    }
}

/// Makes a token from its two parts, as they were kept (OAuth 1.0a).
///
/// @param token   The token itself; not empty.
/// @param secret  Its secret; may be "".
/// @param out     Out: the token, to be freed by uservoice_token_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_token_new(
    token: *const c_char,
    secret: *const c_char,
    out: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("out", out, error, || {
        // SAFETY: by contract each is NULL or a text.
        let (token, secret) = unsafe { (text(token, "token")?, text(secret, "secret")?) };
        Ok(uservoice_token::boxed(Token::new(token, secret)?))
    })
}

/// Restores a token from what uservoice_token_json() gave.
///
/// @param out  Out: the token, to be freed by uservoice_token_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_token_from_json(
    json: *const c_char,
    out: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("out", out, error, || {
        // SAFETY: by contract NULL or a text.
        let json = unsafe { text(json, "json") }?;
        Ok(uservoice_token::boxed(Token::from_json(json)?))
    })
}

/// Everything needed to restore the token, as JSON: keep it as the secret that
/// it is. Of a token that renews itself, as it is now. The API secret is never in
/// it.
///
/// @param json  Out: the text, to be freed by uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_token_json(
    token: *const uservoice_token,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a live token.
        secret_string(&unsafe { borrow(token, "token") }?.token.to_json())
    })
}

/// The token itself, valid until it is freed; of one that renews itself the first
/// one. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_token_value(token: *const uservoice_token) -> *const c_char {
    // SAFETY: by contract NULL or a live token.
    unsafe { token.as_ref() }.map_or(ptr::null(), |token| token.value.as_ptr())
}

/// The token's secret, valid until the token is freed. NULL for NULL, and for a
/// bearer token, which has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_token_secret(token: *const uservoice_token) -> *const c_char {
    // SAFETY: by contract NULL or a live token.
    let token = unsafe { token.as_ref() };
    let secret = token.and_then(|token| token.secret.as_ref());
    secret.map_or(ptr::null(), |secret| secret.as_ptr())
}

/// Frees a token and the texts borrowed from it. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_token_free(token: *mut uservoice_token) {
    // SAFETY: by contract NULL or a token that was not freed.
    unsafe { free(token) };
}
