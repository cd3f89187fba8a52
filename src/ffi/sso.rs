//! Single sign-on.

use std::ffi::c_char;

use super::error::{uservoice_error, uservoice_status};
use super::{run, string, text};
use crate::sso;

/// Makes a single sign-on token, ready to stand in a URL:
/// `https://SUBDOMAIN.uservoice.com/?sso=TOKEN`.
///
/// @param subdomain  The site's, "acme" of acme.uservoice.com.
/// @param sso_key    The site's SSO key (Admin Console, Settings, Channels).
/// @param user_json  The user as a JSON object: "guid", "email",
///     "display_name", "trusted", "allow_forums" and so on. It is kept as it
///     is; only "expires" is added where it is missing.
/// @param valid_for_seconds  From now, for that "expires"; 0 means 300.
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
    run(token, error, || {
        // SAFETY: by contract each is NULL or a text.
        let (subdomain, sso_key, user_json) = unsafe {
            (
                text(subdomain, "subdomain")?,
                text(sso_key, "sso_key")?,
                text(user_json, "user_json")?,
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
/// @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT, also for a token that
///     was made with another key.
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
    run(user_json, error, || {
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
