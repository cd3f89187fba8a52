//! Single sign-on.

use std::ffi::c_char;

use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::{borrow, optional_text, run, string, text};
use crate::signon::sso;

/// Makes a single sign-on token, ready to stand in a URL:
/// `https://SUBDOMAIN.uservoice.com/?sso=TOKEN`.
///
/// @param subdomain  The site's, "acme" of acme.uservoice.com.
/// @param sso_key    The site's SSO key (Admin Console, Settings, Channels).
/// @param user_json  The user as a JSON object: "guid", "email",
///     "display_name", "trusted", "allow_forums" and so on. It is kept as it
///     is; only "expires" is added where it is missing.
/// @param valid_for_seconds  From now, for that "expires", to 3162240000 (a hundred
///     years); 0 means 300.
/// @param token      Out: the token, to be freed by uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
///
/// Sends nothing and never blocks.
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
        // SAFETY: by contract each is NULL or a text.
        let (subdomain, sso_key, user_json) = unsafe {
            (
                text(subdomain, "subdomain")?,
                text(sso_key, "sso_key")?,
                text(user_json, "user")?,
            )
        };
        string(sso::token(
            subdomain,
            sso_key,
            user_json,
            valid_for_seconds,
        )?)
    })
}

/// Gives back the JSON that a single sign-on token was made from. "expires" is
/// in it and is not checked.
///
/// @param subdomain  The site's.
/// @param sso_key    The site's SSO key.
/// @param token      The token, percent-encoded or not.
/// @param user_json  Out: the user, to be freed by uservoice_string_free().
/// @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the token is malformed or was made
///     with another subdomain or key; USERVOICE_INVALID_ARGUMENT.
///
/// Sends nothing and never blocks.
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
        // SAFETY: by contract each is NULL or a text.
        let (subdomain, sso_key, token) = unsafe {
            (
                text(subdomain, "subdomain")?,
                text(sso_key, "sso_key")?,
                text(token, "token")?,
            )
        };
        string(sso::decrypt(subdomain, sso_key, token)?)
    })
}

/// Makes a single sign-on token of the kind that today's sites take: a JSON Web
/// Token (RFC 7519), signed with HS256. It goes where one of
/// uservoice_sso_token() goes.
///
/// @param user_json  The user as a JSON object, with "guid" and "email". It is
///     kept as it is; only "exp" is added where it has neither that, in seconds
///     since 1970, nor "expires", as text "YYYY-MM-DD HH:MM:SS" in GMT.
/// @param valid_for_seconds  From now, for that "exp", to 3162240000 (a hundred
///     years); 0 means 300.
/// @param jwt        Out: the token, to be freed by uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
///
/// Sends nothing and never blocks.
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
        // SAFETY: by contract each is NULL or a text.
        let (sso_key, user_json) = unsafe { (text(sso_key, "sso_key")?, text(user_json, "user")?) };
        string(sso::jwt(sso_key, user_json, valid_for_seconds)?)
    })
}

/// Gives back the claims of a JSON Web Token after a check of its signature, in
/// constant time and by HS256 only, and of its end: "exp" or "expires", one of
/// which must be there.
///
/// @param leeway_seconds  The end may have passed by so much, for clocks that
///     differ; 0 to 3162240000.
/// @param user_json  Out: the claims as they stand in the token, to be freed by
///     uservoice_string_free().
/// @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the token is malformed, was signed
///     with another key or algorithm, or has expired; USERVOICE_INVALID_ARGUMENT.
///
/// Sends nothing and never blocks.
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
        // SAFETY: by contract each is NULL or a text.
        let (sso_key, jwt) = unsafe { (text(sso_key, "sso_key")?, text(jwt, "jwt")?) };
        string(sso::jwt_verify(sso_key, jwt, leeway_seconds)?)
    })
}

/// The URL that logs a person in: the site's page with the token.
///
/// @param token        Of uservoice_sso_token() or uservoice_sso_jwt().
/// @param return_path  The page within the site, such as "/forums/1"; NULL for
///     the front page.
/// @param url          Out: to be freed by uservoice_string_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
///
/// Sends nothing and never blocks.
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
        // SAFETY: by contract each is NULL, a live client or a text.
        let (client, token, return_path) = unsafe {
            (
                borrow(client, "client")?,
                text(token, "token")?,
                optional_text(return_path, "return_path")?,
            )
        };
        string(client.0.sso_url(token, return_path)?)
    })
}
