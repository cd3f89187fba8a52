//! The client handle.

use std::ffi::c_char;

use super::error::{uservoice_error, uservoice_status};
use super::{borrow, free, guard, handle, optional_text, run, text};
use crate::Client;

/// One site and one API key: connections, limits and options. May be used from
/// any number of threads at once.
pub struct uservoice_client(pub(super) Client);

/// Makes a client. Sends nothing, and never blocks but to read "ca_file".
///
/// @param subdomain   The site's, "acme" of acme.uservoice.com: letters,
///     digits, '-' and '_'.
/// @param api_key     The API key (Admin Console, Settings, Integrations).
/// @param api_secret  Its secret, or NULL for a client whose calls are not
///     signed and see what is public.
/// @param options_json  A JSON object with any of these, or NULL:
///
/// | key                | default         | meaning |
/// | ------------------ | --------------- | ------- |
/// | protocol           | "https"         | "http" for a loopback host only |
/// | uservoice_domain   | "uservoice.com" | the site is SUBDOMAIN.this; may have a port |
/// | base_url           | none            | the whole origin, instead of the two above |
/// | callback           | "oob"           | where a person goes after "Allow" |
/// | timeout_ms         | 30000           | one attempt, connecting to last byte; 1 to 86400000 |
/// | connect_timeout_ms | 10000           | name lookup, connection, TLS; 1 to 86400000 |
/// | max_retries        | 2               | 0 to 100; see below |
/// | max_retry_wait_ms  | 60000           | a longer wait is returned, not slept; 0 to 86400000 |
/// | max_idle_connections    | 16              | idle connections kept; 1 to 1024 |
/// | prefetch_pages     | 4               | pages loaded ahead of a collection's reader; 0 to 64 |
/// | per_page           | 100             | records a page of a collection; 1 to 100 |
/// | max_response_bytes | 67108864        | a larger answer is USERVOICE_BAD_RESPONSE; 1 to 1099511627776 |
/// | ca_file            | the system's    | PEM file of the authorities to trust instead, read at once |
/// | proxy              | HTTPS_PROXY ... | "http://[user:password@]host[:port]", or https; "" for none |
/// | user_agent         | none            | put in front of ours, such as "MyApp/1.0"; printable ASCII |
/// | whole_pages        | false           | see uservoice_collection_next_page() |
/// | allow_insecure     | false           | allow plain http to other hosts |
///
/// A proxy is asked for a tunnel (CONNECT), whatever the protocol. Without the
/// option it comes from https_proxy, HTTPS_PROXY, all_proxy or ALL_PROXY
/// (http_proxy instead of the first two for plain http), unless the host is a
/// loopback one, or it, its domain or its network is in no_proxy or NO_PROXY
/// ("acme.uservoice.com:443, .example.com, 10.0.0.0/8", or "*" for all).
///
/// @param client  Out: the client, to be freed by uservoice_client_free().
/// @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT with a message that
///     names the argument or the option.
///
/// Retries. A call is tried again where that cannot do harm, `max_retries` times,
/// after the wait that the service asks for, or a random one of up to 0.5, 1, 2, 4
/// and 8 seconds. A reading call, PUT or DELETE whose kept connection had ended is
/// sent once more besides. All handles that share connections have 20 retries in a
/// row, and earn one with every 5 calls that work: a site that is down is not
/// hammered. GET and HEAD follow 5 redirects, within the site.
///
/// What the service says about its rate limit (X-Rate-Limit-*, Retry-After) is
/// known to all clients of the process with that site and key: a call waits for
/// it before it is sent, or fails with USERVOICE_RATE_LIMITED when that would
/// take longer than max_retry_wait_ms.
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
        // SAFETY: by contract each is NULL or a text.
        let (subdomain, api_key, api_secret, options_json) = unsafe {
            (
                text(subdomain, "subdomain")?,
                text(api_key, "api_key")?,
                optional_text(api_secret, "api_secret")?,
                optional_text(options_json, "options")?,
            )
        };
        let client = Client::new(subdomain, api_key, api_secret, options_json)?;
        Ok(handle(uservoice_client(client)))
    })
}

/// Makes another handle of the same site and key. It shares connections, retries
/// and the clock's offset with the first, unless "protocol", "uservoice_domain",
/// "base_url", "allow_insecure", "max_idle_connections", "ca_file" or "proxy" is another.
/// Costs microseconds, and can be cancelled alone.
///
/// @param options_json  Options to put over the first handle's, or NULL.
/// @param clone  Out: the handle, to be freed by uservoice_client_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
///
/// Never blocks but to read "ca_file".
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_client_clone(
    client: *const uservoice_client,
    options_json: *const c_char,
    clone: *mut *mut uservoice_client,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("clone", clone, error, || {
        // SAFETY: by contract each is NULL or what it should be.
        let (client, options_json) = unsafe {
            (
                borrow(client, "client")?,
                optional_text(options_json, "options")?,
            )
        };
        Ok(handle(uservoice_client(
            client.0.with_options(options_json)?,
        )))
    })
}

/// Ends all calls of this handle and of the collections and exports made from it, now and
/// for good: each returns USERVOICE_CANCELLED. Clones go on. From any thread;
/// not from a signal handler. NULL is allowed. Does not wait for the calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_client_cancel(client: *const uservoice_client) {
    // There is no one to tell a failure to: NULL does nothing by contract.
    let _ = guard(|| {
        // SAFETY: by contract NULL or a live client.
        unsafe { borrow(client, "client") }?.0.cancel();
        Ok(())
    });
}

/// Frees a handle. NULL is allowed. No call may be running on this handle;
/// clones, tokens, collections and exports made from it live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_client_free(client: *mut uservoice_client) {
    // SAFETY: by contract NULL or a client that was not freed.
    unsafe { free(client) };
}
