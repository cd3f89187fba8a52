//! Functions that obtain a token.

use std::ffi::c_char;
use std::ptr;

use super::call::run;
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{borrow, into_string, optional_str, secret_into_string, str};
use super::token::{optional_token, uservoice_token};

/// Obtains a request token, the first step of a three-legged login (RFC 5849,
/// section 2.1). Store it until the user returns: any process may finish the login.
/// The option "callback" says where UserVoice sends the user.
///
/// @param request_token  Out: the token. Free it with uservoice_token_free().
/// @return Any status. Blocks.
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
        Ok(uservoice_token::into_handle(client.0.request_token()?))
    })
}

/// Returns the URL that asks the user for permission (RFC 5849, section 2.2).
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
        let (client, request_token) = unsafe {
            (
                borrow(client, "client")?,
                borrow(request_token, "request_token")?,
            )
        };
        into_string(client.0.authorize_url(&request_token.token)?)
    })
}

/// Exchanges a request token that the user has authorized for an access token (RFC
/// 5849, section 2.3).
///
/// @param verifier  "oauth_verifier" of the redirect to the callback, or the code
///     that the page showed to the user; blanks around it are removed.
/// @param token  Out: the access token. Free it with uservoice_token_free().
/// @return Any status. Blocks.
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
        // SAFETY: by contract each is NULL, a live handle or a string.
        let (client, request_token, verifier) = unsafe {
            (
                borrow(client, "client")?,
                borrow(request_token, "request_token")?,
                str(verifier, "verifier")?,
            )
        };
        let request_token = &request_token.token;
        let token = client.0.login_with_verifier(request_token, verifier)?;
        Ok(uservoice_token::into_handle(token))
    })
}

/// Obtains an access token of the user with that e-mail address; the service creates
/// the user if necessary. Requires a trusted API key.
///
/// @param token  The token to sign with. NULL: the API key alone.
/// @param user_token  Out: the access token. Free it with uservoice_token_free().
/// @return Any status. Blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_as(
    client: *const uservoice_client,
    token: *const uservoice_token,
    email: *const c_char,
    user_token: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("user_token", user_token, error, || {
        // SAFETY: by contract each is NULL, a live handle or a string.
        let (client, token, email) = unsafe {
            (
                borrow(client, "client")?,
                optional_token(token),
                str(email, "email")?,
            )
        };
        Ok(uservoice_token::into_handle(
            client.0.login_as(token, email)?,
        ))
    })
}

/// Obtains an access token of the owner of the site: see uservoice_login_as().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_login_as_owner(
    client: *const uservoice_client,
    token: *const uservoice_token,
    owner_token: *mut *mut uservoice_token,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("owner_token", owner_token, error, || {
        // SAFETY: by contract each is NULL or a live handle.
        let (client, token) = unsafe { (borrow(client, "client")?, optional_token(token)) };
        Ok(uservoice_token::into_handle(
            client.0.login_as_owner(token)?,
        ))
    })
}

/// Obtains a bearer token of the owner of the site for the Admin API (API v2), with
/// the API key and secret (RFC 6749, section 4.4). Requires a trusted API key. When
/// the token expires, the request that notices it obtains a new one.
///
/// @param token  Out: the bearer token. Free it with uservoice_token_free().
/// @return Any status; USERVOICE_INVALID_ARGUMENT over plain http to other hosts than
///     loopback, as with every OAuth 2 login and bearer token. Blocks.
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
        let token = client.0.login_with_client_credentials()?;
        Ok(uservoice_token::into_handle(token))
    })
}

/// Obtains a bearer token of a user for the Admin API, with the user's password (RFC
/// 6749, section 4.3). It is refreshed when it expires if the service has issued a
/// refresh token.
///
/// @param token  Out: the bearer token. Free it with uservoice_token_free().
/// @return Any status. Blocks.
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
        // SAFETY: by contract each is NULL, a live client or a string.
        let (client, email, password) = unsafe {
            (
                borrow(client, "client")?,
                str(email, "email")?,
                str(password, "password")?,
            )
        };
        let token = client.0.login_with_password(email, password)?;
        Ok(uservoice_token::into_handle(token))
    })
}

/// Returns the URL of the page that asks the user for permission to use the Admin or the
/// Idea Collection API (RFC 6749, section 4.1), with PKCE (RFC 7636, S256). The user
/// returns to `redirect_uri` with "code" and "state". Needs no API secret.
///
/// @param redirect_uri   Where the user returns to: a URL without a fragment.
/// @param state          A value that you compare with the returned "state", to
///     detect forged redirects. NULL: a random one, which is in the URL.
/// @param url            Out: the URL. Free it with uservoice_string_free().
/// @param code_verifier  Out: the secret for uservoice_login_with_code(). NULL: without PKCE.
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
        // SAFETY: by contract each is NULL, a live client or a string.
        let (client, redirect_uri, state) = unsafe {
            (
                borrow(client, "client")?,
                str(redirect_uri, "redirect_uri")?,
                optional_str(state, "state")?,
            )
        };
        if code_verifier.is_null() {
            return into_string(
                client
                    .0
                    .authorize_code_url_without_pkce(redirect_uri, state)?,
            );
        }
        let request = client.0.authorize_code_url(redirect_uri, state)?;
        let url = into_string(request.url)?;
        // SAFETY: not NULL, see above. Nothing can fail after it.
        unsafe { code_verifier.write(secret_into_string(&request.code_verifier, "client")?) };
        Ok(url)
    })
}

/// Exchanges the code that the user returned with for a bearer token (RFC 6749,
/// section 4.1.3). It is refreshed like that of uservoice_login_with_password().
///
/// @param code           "code" of the redirect.
/// @param code_verifier  That of uservoice_authorize_code_url(). NULL: without PKCE.
/// @param redirect_uri   As in uservoice_authorize_code_url().
/// @param token          Out: the bearer token. Free it with uservoice_token_free().
/// @return Any status. Blocks.
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
        // SAFETY: by contract each is NULL, a live client or a string.
        let (client, code, code_verifier, redirect_uri) = unsafe {
            (
                borrow(client, "client")?,
                str(code, "code")?,
                optional_str(code_verifier, "code_verifier")?,
                str(redirect_uri, "redirect_uri")?,
            )
        };
        let token = client
            .0
            .login_with_code(code, code_verifier, redirect_uri)?;
        Ok(uservoice_token::into_handle(token))
    })
}
