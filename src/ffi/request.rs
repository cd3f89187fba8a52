//! The calls.

use std::ffi::c_char;

use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::token::uservoice_token;
use super::{borrow, optional_text, run, string, text};
use crate::{Result, Token};

/// The token to act with; none for NULL.
///
/// # Safety
/// `token` is NULL or a live token.
pub(super) unsafe fn acting<'a>(token: *const uservoice_token) -> Option<&'a Token> {
    // SAFETY: by this function's contract.
    unsafe { token.as_ref() }.map(|token| &token.token)
}

/// # Safety
/// Each is NULL or what it should be.
unsafe fn call(
    client: *const uservoice_client,
    token: *const uservoice_token,
    method: &str,
    path: *const c_char,
    params_json: *const c_char,
) -> Result<*mut c_char> {
    // SAFETY: by this function's contract.
    let (client, token, path, params) = unsafe {
        (
            borrow(client, "client")?,
            acting(token),
            text(path, "path")?,
            optional_text(params_json, "params")?,
        )
    };
    string(client.0.call(token, method, path, params)?)
}

/// Reads: GET.
///
/// @param token  Whom the call acts for, or NULL for the API key itself.
/// @param path   Path and query within the site, such as "/api/v1/users?page=2":
///     it begins with one '/' and holds no space, backslash, '#' or control
///     character, and '%' before two hexadecimal digits only.
/// @param params_json  More of the query as a JSON object, or NULL. Text,
///     numbers and booleans go as they are, null is left out, an array becomes
///     repeated key[]= (a comma list under /api/v2/), an object key[sub]=.
/// @param json   Out: the answer's JSON byte for byte, "null" for an empty one;
///     to be freed by uservoice_string_free().
/// @return any status. Blocks until the service answers, a time limit passes or
///     uservoice_client_cancel() is called. Tries again where that is safe.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_get(
    client: *const uservoice_client,
    token: *const uservoice_token,
    path: *const c_char,
    params_json: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    // SAFETY: by contract each is NULL or what it should be.
    run("json", json, error, || unsafe {
        call(client, token, "GET", path, params_json)
    })
}

/// Creates: POST. As uservoice_get(), but `params_json` is any JSON value and
/// becomes the body as it is (NULL: {}). Sent again only where it certainly did
/// not arrive or the service said that it did not take it (429, or 503 with
/// Retry-After).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_post(
    client: *const uservoice_client,
    token: *const uservoice_token,
    path: *const c_char,
    params_json: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    // SAFETY: by contract each is NULL or what it should be.
    run("json", json, error, || unsafe {
        call(client, token, "POST", path, params_json)
    })
}

/// Changes: PUT. As uservoice_post(), but sent again as a reading call is,
/// since it does the same when done twice.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_put(
    client: *const uservoice_client,
    token: *const uservoice_token,
    path: *const c_char,
    params_json: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    // SAFETY: by contract each is NULL or what it should be.
    run("json", json, error, || unsafe {
        call(client, token, "PUT", path, params_json)
    })
}

/// Deletes: DELETE. As uservoice_get(): `params_json` is the query.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_delete(
    client: *const uservoice_client,
    token: *const uservoice_token,
    path: *const c_char,
    params_json: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    // SAFETY: by contract each is NULL or what it should be.
    run("json", json, error, || unsafe {
        call(client, token, "DELETE", path, params_json)
    })
}

/// Any call, with its whole answer: an error status is an answer here and not an
/// error.
///
/// @param method  "GET", "HEAD", "DELETE" (`params_json` is the query), "POST",
///     "PUT" or "PATCH" (it is the body).
/// @param headers_json  More headers as a JSON object of texts, or NULL. Accept,
///     API-Client and User-Agent take the place of ours. Refused are those that
///     say where the call goes, for whom, and how it is read: Accept-Encoding,
///     Authorization, Connection, Content-Length, Content-Type, Expect, Host,
///     Keep-Alive, Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade.
/// @param response_json  Out: {"status":200,"headers":{...},"body":...} with
///     header names in lower case and the body as JSON, as a JSON string where
///     it is not JSON, or null where it is empty; to be freed by
///     uservoice_string_free().
/// @return any status but those of error answers to this call: USERVOICE_RATE_LIMITED
///     where the limit is known to be used up, and USERVOICE_UNAUTHORIZED where the
///     token could not be renewed. Blocks as uservoice_get().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_request(
    client: *const uservoice_client,
    token: *const uservoice_token,
    method: *const c_char,
    path: *const c_char,
    params_json: *const c_char,
    headers_json: *const c_char,
    response_json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("response", response_json, error, || {
        // SAFETY: by contract each is NULL or what it should be.
        let (client, token, method, path, params, headers) = unsafe {
            (
                borrow(client, "client")?,
                acting(token),
                text(method, "method")?,
                text(path, "path")?,
                optional_text(params_json, "params")?,
                optional_text(headers_json, "headers")?,
            )
        };
        string(client.0.request(token, method, path, params, headers)?)
    })
}
