//! Requests.

use std::ffi::{c_char, c_void};

use super::call::run;
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{borrow, bytes_or_none, into_string, optional_str, str};
use super::token::{optional_token, uservoice_token};
use crate::Result;

/// Sends a request with the method `method` and returns the response body.
///
/// # Safety
/// Each argument is NULL, a live handle or a string.
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
            optional_token(token),
            str(path, "path")?,
            optional_str(params_json, "params")?,
        )
    };
    into_string(client.0.request_json(token, method, path, params)?)
}

/// Sends a GET request and returns the response body.
///
/// @param token  The token of the acting user. NULL: the API key alone.
/// @param path   The path, with or without a query: "/api/v1/users?page=2". It
///     begins with one '/', has no space, '\\', '#' or control character, and '%'
///     only before two hexadecimal digits.
/// @param params_json  A JSON object whose members are appended to the query, or
///     NULL. Strings, numbers and booleans are sent as they are and null is
///     omitted; an array becomes repeated key[]= (under /api/v2/ one value with
///     commas), an object becomes key[sub]=.
/// @param json   Out: the response body, byte for byte; "null" if it is empty.
/// @return Any status. Blocks.
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
    // SAFETY: by contract each is NULL, a live handle or a string.
    run("json", json, error, || unsafe {
        call(client, token, "GET", path, params_json)
    })
}

/// Sends a POST request: like uservoice_get(), but `params_json` is any JSON value
/// and is sent as the request body, byte for byte (NULL: {}). Retried only if
/// nothing was sent, or if the service refused the request with 429, or with 503
/// and Retry-After.
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
    // SAFETY: by contract each is NULL, a live handle or a string.
    run("json", json, error, || unsafe {
        call(client, token, "POST", path, params_json)
    })
}

/// Sends a PUT request: like uservoice_post(), but retried like a GET (idempotent).
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
    // SAFETY: by contract each is NULL, a live handle or a string.
    run("json", json, error, || unsafe {
        call(client, token, "PUT", path, params_json)
    })
}

/// Sends a DELETE request: like uservoice_get(), with `params_json` in the query.
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
    // SAFETY: by contract each is NULL, a live handle or a string.
    run("json", json, error, || unsafe {
        call(client, token, "DELETE", path, params_json)
    })
}

/// Sends any request and returns the whole response. An error status such as 404
/// is a response here, not an error.
///
/// @param method  "GET", "HEAD" or "DELETE" (`params_json` is the query), or "POST",
///     "PUT" or "PATCH" (it is the body).
/// @param headers_json  A JSON object of request headers, or NULL. Accept, API-Client
///     and User-Agent replace those of the library. Headers that the library controls,
///     such as Authorization, Content-Type and Host, are rejected.
/// @param response_json  Out: {"status":200,"headers":{...},"body":...} with header
///     names in lower case. The body is the JSON value, a string if it is not JSON, or
///     null if it is empty. Free it with uservoice_string_free().
/// @return Any status; those of error responses (10 to 14) only if the rate limit is
///     used up or a token could not be refreshed. Blocks.
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
        // SAFETY: by contract each is NULL, a live handle or a string.
        let (client, token, method, path, params, headers) = unsafe {
            (
                borrow(client, "client")?,
                optional_token(token),
                str(method, "method")?,
                str(path, "path")?,
                optional_str(params_json, "params")?,
                optional_str(headers_json, "headers")?,
            )
        };
        into_string(client.0.request(token, method, path, params, headers)?)
    })
}

/// Sends a request with any body: like uservoice_request(), with a raw body.
///
/// @param method  "POST", "PUT", "PATCH" or "DELETE".
/// @param headers_json  As in uservoice_request(), and with Content-Type. A form
///     (application/x-www-form-urlencoded) is UTF-8, has at most 1 MiB, and is part of an
///     OAuth 1.0a signature.
/// @param body  The body, which is sent from where it is and not copied. NULL if empty.
/// @param body_len  Its length in bytes, at most that of the option max_request_bytes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_send(
    client: *const uservoice_client,
    token: *const uservoice_token,
    method: *const c_char,
    path: *const c_char,
    headers_json: *const c_char,
    body: *const c_void,
    body_len: usize,
    response_json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("response", response_json, error, || {
        // SAFETY: by contract each is NULL, a live handle or a string, and the body of that
        // length.
        let (client, token, method, path, headers, body) = unsafe {
            (
                borrow(client, "client")?,
                optional_token(token),
                str(method, "method")?,
                str(path, "path")?,
                optional_str(headers_json, "headers")?,
                bytes_or_none(body, body_len, "body")?,
            )
        };
        into_string(client.0.send(token, method, path, headers, body)?)
    })
}

/// Uploads a file: a POST request with the field "file" as multipart/form-data, retried
/// like uservoice_post(). POST /api/v2/admin/attachments returns a token for
/// "attachment_tokens" of a suggestion or note.
///
/// @param filename  The file name to send, without directories.
/// @param content_type  Such as "image/png". NULL: that of files with such a name.
/// @param data  The content, sent like the body of uservoice_send(). NULL if empty.
/// @param json  Out: the response body. Free it with uservoice_string_free().
/// @return Any status. Blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_upload(
    client: *const uservoice_client,
    token: *const uservoice_token,
    path: *const c_char,
    filename: *const c_char,
    content_type: *const c_char,
    data: *const c_void,
    data_len: usize,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract each is NULL, a live handle or a string, and the data of that
        // length.
        let (client, token, path, filename, content_type, data) = unsafe {
            (
                borrow(client, "client")?,
                optional_token(token),
                str(path, "path")?,
                str(filename, "filename")?,
                optional_str(content_type, "content_type")?,
                bytes_or_none(data, data_len, "data")?,
            )
        };
        let client = &client.0;
        into_string(client.upload(token, path, filename, content_type, data)?)
    })
}
