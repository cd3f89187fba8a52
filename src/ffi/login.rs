//! Logging in.

use std::ffi::c_char;
use std::ptr;

use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::request::acting;
use super::token::uservoice_token;
use super::{borrow, optional_text, run, secret_string, string, text};
use crate::Error;

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
    run("request_token", request_token, error, || {
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
    run("url", url, error, || {
        // SAFETY: by contract each is NULL or a live handle.
        let (client, token) = unsafe {
            (
                borrow(client, "client")?,
                borrow(request_token, "request_token")?,
            )
        };
        string(client.0.authorize_url(&token.token)?)
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
    run("token", token, error, || {
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
    run("as", r#as, error, || {
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
    run("as", r#as, error, || {
        // SAFETY: by contract each is NULL or a live handle.
        let (client, token) = unsafe { (borrow(client, "client")?, acting(token)) };
        Ok(uservoice_token::boxed(client.0.login_as_owner(token)?))
    })
}

/// Gives a bearer token for the Admin API (API v2) that acts as the owner of the
/// site (RFC 6749, section 4.4). Needs a trusted API key. When the service ends
/// the token, any call or collection that uses it renews it once and goes on:
/// one thread does, the others wait.
///
/// @param token  Out: to be freed by uservoice_token_free().
/// @return any status. Blocks until the service answers. With plain http to
///     another host than a loopback one USERVOICE_INVALID_ARGUMENT, as with
///     every OAuth 2 login and bearer token, whatever "allow_insecure" says.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_with_client_credentials(
    client: *const uservoice_client,
    token: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("token", token, error, || {
        // SAFETY: by contract NULL or a live client.
        let client = unsafe { borrow(client, "client") }?;
        Ok(uservoice_token::boxed(
            client.0.login_with_client_credentials()?,
        ))
    })
}

/// Gives a bearer token for the Admin API that acts as the user with that e-mail
/// address and password (RFC 6749, section 4.3). When the service ends it, calls
/// are USERVOICE_UNAUTHORIZED, unless it came with a refresh token.
///
/// @param token  Out: to be freed by uservoice_token_free().
/// @return any status. Blocks until the service answers.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_with_password(
    client: *const uservoice_client,
    email: *const c_char,
    password: *const c_char,
    token: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("token", token, error, || {
        // SAFETY: by contract each is NULL, a live client or a text.
        let (client, email, password) = unsafe {
            (
                borrow(client, "client")?,
                text(email, "email")?,
                text(password, "password")?,
            )
        };
        Ok(uservoice_token::boxed(
            client.0.login_with_password(email, password)?,
        ))
    })
}

/// The URL to send a person to who shall allow this program to act for them in
/// the Admin API, with a proof key (RFC 6749, section 4.1; RFC 7636, S256). It
/// needs no API secret. They come back to `redirect_uri` with "code" and "state".
///
/// @param redirect_uri   Where they come back to.
/// @param state          Comes back with them: compare it, since it tells that
///     they come from there. NULL for one that is made up and stands in the URL.
/// @param url            Out: to be freed by uservoice_string_free().
/// @param code_verifier  Out: the secret that uservoice_login_with_code() needs,
///     43 characters, to be kept until then; to be freed by
///     uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_authorize_code_url(
    client: *const uservoice_client,
    redirect_uri: *const c_char,
    state: *const c_char,
    url: *mut *mut c_char,
    code_verifier: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    if !code_verifier.is_null() {
        // SAFETY: by contract a place to write to.
        unsafe { code_verifier.write(ptr::null_mut()) };
    }
    run("url", url, error, || {
        if code_verifier.is_null() {
            return Err(Error::invalid("code_verifier", "must not be NULL"));
        }
        // SAFETY: by contract each is NULL, a live client or a text.
        let (client, redirect_uri, state) = unsafe {
            (
                borrow(client, "client")?,
                text(redirect_uri, "redirect_uri")?,
                optional_text(state, "state")?,
            )
        };
        let request = client.0.authorize_code_url(redirect_uri, state)?;
        let url = string(request.url)?;
        // SAFETY: not NULL, see above. Nothing fails from here on.
        unsafe { code_verifier.write(secret_string(&request.code_verifier)?) };
        Ok(url)
    })
}

/// Gives a bearer token for the Admin API that acts for whoever came back with
/// `code` (RFC 6749, section 4.1.3). When the service ends it, calls are
/// USERVOICE_UNAUTHORIZED, unless it came with a refresh token.
///
/// @param code           As it came back.
/// @param code_verifier  From uservoice_authorize_code_url(); NULL for a login
///     without PKCE, whose URL another program has made.
/// @param redirect_uri   The same as there.
/// @param token          Out: to be freed by uservoice_token_free().
/// @return any status. Blocks until the service answers.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_with_code(
    client: *const uservoice_client,
    code: *const c_char,
    code_verifier: *const c_char,
    redirect_uri: *const c_char,
    token: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("token", token, error, || {
        // SAFETY: by contract each is NULL, a live client or a text.
        let (client, code, code_verifier, redirect_uri) = unsafe {
            (
                borrow(client, "client")?,
                text(code, "code")?,
                optional_text(code_verifier, "code_verifier")?,
                text(redirect_uri, "redirect_uri")?,
            )
        };
        let token = client
            .0
            .login_with_code(code, code_verifier, redirect_uri)?;
        Ok(uservoice_token::boxed(token))
    })
}
