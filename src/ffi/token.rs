//! The token handle.

use std::ffi::{CString, c_char};
use std::ptr;

use zeroize::Zeroize;

use super::call::run;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{borrow, free_handle, into_handle, lent_string, secret_into_string, str};
use crate::Token;

/// An access token, which says who the acting user is: an OAuth 1.0a token with its
/// secret, or an OAuth 2 bearer token. Also a request token (OAuth 1.0a).
pub struct uservoice_token {
    pub(super) token: Token,
    value: CString,
    /// `None` for a bearer token.
    secret: Option<CString>,
}

impl uservoice_token {
    pub(super) fn into_handle(token: Token) -> *mut Self {
        into_handle(uservoice_token {
            value: lent_string(token.value()),
            secret: token.secret().map(lent_string),
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

/// Borrows a token that may be NULL.
///
/// # Safety
/// `token` is NULL or a live token.
pub(super) unsafe fn optional_token<'a>(token: *const uservoice_token) -> Option<&'a Token> {
    // SAFETY: by this function's contract.
    unsafe { token.as_ref() }.map(|token| &token.token)
}

/// Creates an OAuth 1.0a token from its two parts: `token` is not empty, `secret` may be
/// "". Free it with uservoice_token_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_token_new(
    token: *const c_char,
    secret: *const c_char,
    out: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("out", out, error, || {
        // SAFETY: by contract each is NULL or a string.
        let (token, secret) = unsafe { (str(token, "token")?, str(secret, "secret")?) };
        Ok(uservoice_token::into_handle(Token::new(token, secret)?))
    })
}

/// Creates a token from the JSON of uservoice_token_json(), to be freed in the same way.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_token_from_json(
    json: *const c_char,
    out: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("out", out, error, || {
        // SAFETY: by contract NULL or a string.
        let json = unsafe { str(json, "json") }?;
        Ok(uservoice_token::into_handle(Token::from_json(json)?))
    })
}

/// Returns everything that is needed to restore a token in another process. The JSON
/// is a secret. It has the current value of a token that was refreshed, and never
/// the API secret.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_token_json(
    token: *const uservoice_token,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a live token.
        secret_into_string(&unsafe { borrow(token, "token") }?.token.to_json(), "token")
    })
}

/// Returns the token as it was first issued, also after a refresh. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_token_value(token: *const uservoice_token) -> *const c_char {
    // SAFETY: by contract NULL or a live token.
    unsafe { token.as_ref() }.map_or(ptr::null(), |token| token.value.as_ptr())
}

/// Returns the token secret; NULL for a bearer token, which has none, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_token_secret(token: *const uservoice_token) -> *const c_char {
    // SAFETY: by contract NULL or a live token.
    let token = unsafe { token.as_ref() };
    let secret = token.and_then(|token| token.secret.as_ref());
    secret.map_or(ptr::null(), |secret| secret.as_ptr())
}

/// Frees a token and overwrites its memory. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_token_free(token: *mut uservoice_token) {
    // SAFETY: by contract NULL or a token that was not freed.
    unsafe { free_handle(token) };
}
