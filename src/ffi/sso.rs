//! Single sign-on.

use std::ffi::c_char;

use super::call::run;
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{borrow, into_string, optional_str, str, untrusted_str};
use crate::signon::sso;

/// Creates an encrypted single sign-on token (AES-128-CBC), percent-encoded for a URL.
///
/// @param subdomain  The site: "acme" of acme.uservoice.com.
/// @param sso_key    The SSO key of the site (Admin Console, Settings, Channels).
/// @param user_json  The user as a JSON object: "guid", "email", "display_name" and
///     others. It is encrypted unchanged, with "expires" added if that is missing.
/// @param valid_for_seconds  The time until "expires": 1 to 3162240000; 0: 300.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_sso_token(
    subdomain: *const c_char,
    sso_key: *const c_char,
    user_json: *const c_char,
    valid_for_seconds: i64,
    token: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("token", token, error, || {
        // SAFETY: by contract each is NULL or a string.
        let (subdomain, sso_key, user) = unsafe {
            (
                str(subdomain, "subdomain")?,
                str(sso_key, "sso_key")?,
                str(user_json, "user")?,
            )
        };
        into_string(sso::token(subdomain, sso_key, user, valid_for_seconds)?)
    })
}

/// Decrypts a token of uservoice_sso_token(). Does not check "expires".
///
/// @param token      The token, percent-encoded or not. Spaces in place of '+', line breaks
///     and missing padding do no harm.
/// @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_sso_decrypt(
    subdomain: *const c_char,
    sso_key: *const c_char,
    token: *const c_char,
    user_json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("user", user_json, error, || {
        // SAFETY: by contract each is NULL or a string.
        let (subdomain, sso_key, token) = unsafe {
            (
                str(subdomain, "subdomain")?,
                str(sso_key, "sso_key")?,
                untrusted_str(token, "token")?,
            )
        };
        into_string(sso::decrypt(subdomain, sso_key, token)?)
    })
}

/// Creates a single sign-on token of the newer kind, a JSON Web Token (RFC 7519, HS256).
///
/// @param user_json  The user as a JSON object with "guid" and "email". It becomes the
///     payload, with "exp" added unless it has "exp" (in seconds since 1970) or
///     "expires" ("YYYY-MM-DD HH:MM:SS" in GMT).
/// @param valid_for_seconds  The time until "exp": 1 to 3162240000; 0: 300.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_sso_jwt(
    sso_key: *const c_char,
    user_json: *const c_char,
    valid_for_seconds: i64,
    jwt: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("jwt", jwt, error, || {
        // SAFETY: by contract each is NULL or a string.
        let (sso_key, user) = unsafe { (str(sso_key, "sso_key")?, str(user_json, "user")?) };
        into_string(sso::jwt(sso_key, user, valid_for_seconds)?)
    })
}

/// Verifies a JSON Web Token and returns its claims. The algorithm must be HS256, without
/// extensions ("crit"). "exp" or "expires" is required and must not have passed, "nbf"
/// must have. A token for an audience ("aud") is not verified.
///
/// @param leeway_seconds  The tolerance of "exp", "expires" and "nbf", for clocks that
///     differ: 0 to 3162240000.
/// @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_sso_jwt_verify(
    sso_key: *const c_char,
    jwt: *const c_char,
    leeway_seconds: i64,
    user_json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("user", user_json, error, || {
        // SAFETY: by contract each is NULL or a string.
        let (sso_key, jwt) = unsafe { (str(sso_key, "sso_key")?, untrusted_str(jwt, "jwt")?) };
        into_string(sso::jwt_verify(sso_key, jwt, leeway_seconds)?)
    })
}

/// Returns the URL that logs a user in on the site.
///
/// @param token        A token of uservoice_sso_token() or uservoice_sso_jwt().
/// @param return_path  The page to show, such as "/forums/1". NULL: the front page.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_sso_url(
    client: *const uservoice_client,
    token: *const c_char,
    return_path: *const c_char,
    url: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("url", url, error, || {
        // SAFETY: by contract each is NULL, a live client or a string.
        let (client, token, return_path) = unsafe {
            (
                borrow(client, "client")?,
                str(token, "token")?,
                optional_str(return_path, "return_path")?,
            )
        };
        into_string(client.0.sso_url(token, return_path)?)
    })
}
