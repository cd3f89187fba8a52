//! The client handle.

use std::ffi::c_char;

use super::call::run;
use super::error::{uservoice_error, uservoice_status};
use super::panic::run_infallible;
use super::pointer::{borrow, free_handle, into_handle, optional_str, str};
use crate::Client;

/// One site and API key, with connections, rate limits and options.
pub struct uservoice_client(pub(super) Client);

/// Creates a client for one site. Sends nothing.
///
/// @param subdomain   The site: "acme" of acme.uservoice.com. 1 to 63 letters, digits, -, _.
/// @param api_key     The API key (Admin Console, Settings, Integrations).
/// @param api_secret  Its secret. NULL: requests are unsigned and read public data only.
/// @param options_json  A JSON object with any of the options below, or NULL.
/// @param client  Out: the client. Free it with uservoice_client_free().
///
/// @options@
///
/// Requests that fail are retried where that is safe, and requests wait for the rate
/// limit of the service, which all clients of the process with the same site and key
/// share: docs/reliability.md. The proxy of the environment: docs/reference/options.md.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_client_new(
    subdomain: *const c_char,
    api_key: *const c_char,
    api_secret: *const c_char,
    options_json: *const c_char,
    client: *mut *mut uservoice_client,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("client", client, error, || {
        // SAFETY: by contract each is NULL or a string.
        let (subdomain, api_key, api_secret, options_json) = unsafe {
            (
                str(subdomain, "subdomain")?,
                str(api_key, "api_key")?,
                optional_str(api_secret, "api_secret")?,
                optional_str(options_json, "options")?,
            )
        };
        let client = Client::new(subdomain, api_key, api_secret, options_json)?;
        Ok(into_handle(uservoice_client(client)))
    })
}

/// Creates another handle for the same site and API key, which can be cancelled
/// by itself. It shares connections and the retry budget with `client`, unless one
/// of the options that say where or how to connect differs.
///
/// @param options_json  Options that replace those of `client`, or NULL.
/// @param clone  Out: the new handle. Free it with uservoice_client_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_client_clone(
    client: *const uservoice_client,
    options_json: *const c_char,
    clone: *mut *mut uservoice_client,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("clone", clone, error, || {
        // SAFETY: by contract each is NULL, a live client or a string.
        let (client, options_json) = unsafe {
            (
                borrow(client, "client")?,
                optional_str(options_json, "options")?,
            )
        };
        let clone = client.0.with_options(options_json)?;
        Ok(into_handle(uservoice_client(clone)))
    })
}

/// Cancels all calls of this handle and of the collections and exports that were
/// created with it, permanently: they fail with USERVOICE_CANCELLED. Clones are
/// not affected. Does not wait for the calls. May be called from any thread, but
/// not from a signal handler. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_client_cancel(client: *const uservoice_client) {
    run_infallible(|| {
        // SAFETY: by contract NULL or a live client.
        if let Some(client) = unsafe { client.as_ref() } {
            client.0.cancel();
        }
    });
}

/// Frees a handle. What was created with it remains valid. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_client_free(client: *mut uservoice_client) {
    // SAFETY: by contract NULL or a client that was not freed.
    unsafe { free_handle(client) };
}
