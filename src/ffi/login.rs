//! Logging in.

use std::ffi::c_char;

use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::request::acting;
use super::token::uservoice_token;
use super::{borrow, run, string, text};

/// Asks for a request token, the first step of a three-legged login (RFC 5849,
/// section 2.1). Keep it (uservoice_token_json()) until the person comes back:
/// any process may finish the login. The option "callback" says where to.
///
/// @param request_token  Out: to be freed by uservoice_token_free().
/// @return any status. Blocks until the service answers.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_request_token(
    client: *const uservoice_client,
    request_token: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run(request_token, error, || {
        // SAFETY: by contract NULL or a live client.
        let client = unsafe { borrow(client, "client") }?;
        Ok(uservoice_token::boxed(client.0.request_token()?))
    })
}

/// The URL to send the person to, who is asked there whether to allow the
/// access (RFC 5849, section 2.2).
///
/// @param url  Out: to be freed by uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_authorize_url(
    client: *const uservoice_client,
    request_token: *const uservoice_token,
    url: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run(url, error, || {
        // SAFETY: by contract each is NULL or a live handle.
        let (client, token) = unsafe {
            (
                borrow(client, "client")?,
                borrow(request_token, "request_token")?,
            )
        };
        string(client.0.authorize_url(&token.token))
    })
}

/// Turns a request token that the person allowed into a token that acts for
/// that person (RFC 5849, section 2.3).
///
/// @param verifier  "oauth_verifier" of the callback, or what the person read
///     on the page.
/// @param token  Out: to be freed by uservoice_token_free().
/// @return any status. Blocks until the service answers.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_with_verifier(
    client: *const uservoice_client,
    request_token: *const uservoice_token,
    verifier: *const c_char,
    token: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run(token, error, || {
        // SAFETY: by contract each is NULL or what it should be.
        let (client, request_token, verifier) = unsafe {
            (
                borrow(client, "client")?,
                borrow(request_token, "request_token")?,
                text(verifier, "verifier")?,
            )
        };
        let token = client
            .0
            .login_with_verifier(&request_token.token, verifier)?;
        Ok(uservoice_token::boxed(token))
    })
}

/// Gives a token that acts as the user with that e-mail address, who is
/// created where there is none. Needs a trusted API key.
///
/// @param token  The token to sign with, or NULL for the API key alone.
/// @param email  The user's address; the service judges its form.
/// @param as     Out: to be freed by uservoice_token_free().
/// @return any status. Blocks until the service answers.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_as(
    client: *const uservoice_client,
    token: *const uservoice_token,
    email: *const c_char,
    r#as: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run(r#as, error, || {
        // SAFETY: by contract each is NULL or what it should be.
        let (client, token, email) = unsafe {
            (
                borrow(client, "client")?,
                acting(token),
                text(email, "email")?,
            )
        };
        Ok(uservoice_token::boxed(client.0.login_as(token, email)?))
    })
}

/// Gives a token that acts as the owner of the site. Needs a trusted API key.
///
/// @param token  The token to sign with, or NULL for the API key alone.
/// @param as     Out: to be freed by uservoice_token_free().
/// @return any status. Blocks until the service answers.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_as_owner(
    client: *const uservoice_client,
    token: *const uservoice_token,
    r#as: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run(r#as, error, || {
        // SAFETY: by contract each is NULL or a live handle.
        let (client, token) = unsafe { (borrow(client, "client")?, acting(token)) };
        Ok(uservoice_token::boxed(client.0.login_as_owner(token)?))
    })
}
