//! The export handle.

use std::ffi::c_char;
use std::ptr;

use super::call::run;
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::pointer::{borrow, free_handle, into_handle, into_string, str};
use super::token::{optional_token, uservoice_token};
use crate::Export;

/// A resumable export of lists into the files of a directory.
pub struct uservoice_export(Export);

/// Opens an export: a new one, or the one that was begun in the directory, which
/// continues where it stopped. After a complete run the next one appends what has
/// changed since. Sends nothing.
///
/// @param token      The token of the acting user. The Admin API requires one, such as
///     that of uservoice_login_with_client_credentials(). NULL: the API key alone.
/// @param directory  The directory, which is created if it is missing. One export at a
///     time may use it.
/// @param options_json  A JSON object with the lists and the format of the files:
///     {"resources":["suggestions","users"],"format":"csv"}. All options, and what is
///     in the files: docs/guides/exports.md.
/// @param out  Out: the export. Free it with uservoice_export_free().
/// @return USERVOICE_OK, USERVOICE_FILE_ERROR or USERVOICE_INVALID_ARGUMENT; the last
///     also if a resource was begun in this directory with other options.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_export_new(
    client: *const uservoice_client,
    token: *const uservoice_token,
    directory: *const c_char,
    options_json: *const c_char,
    out: *mut *mut uservoice_export,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("out", out, error, || {
        // SAFETY: by contract each is NULL, a live handle or a string.
        let (client, token, directory, options) = unsafe {
            (
                borrow(client, "client")?,
                optional_token(token),
                str(directory, "directory")?,
                str(options_json, "options")?,
            )
        };
        let export = Export::new(&client.0, token, directory, options)?;
        Ok(into_handle(uservoice_export(export)))
    })
}

/// Writes the next pages to their files, at first one, later those of 250 ms, and syncs
/// them. Threads of the library load up to four resources at once. After an error, the
/// next call retries what failed and continues with the other resources.
///
/// @param progress_json  Out: {"resources":{"users":{"written":100,"total":250,
///     "done":false}},"written":100,"total":250,"elapsed_ms":700,
///     "records_per_second":142.9,"seconds_left":1.1} with null for what is not known
///     yet, or NULL with USERVOICE_OK when the run is complete.
/// @return Any status; USERVOICE_INVALID_ARGUMENT in a forked child. Blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_export_next(
    export: *mut uservoice_export,
    progress_json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("progress", progress_json, error, || {
        // SAFETY: by contract NULL or a live export.
        let next = unsafe { borrow(export, "export") }?.0.next()?;
        next.map_or(Ok(ptr::null_mut()), into_string)
    })
}

/// Frees an export. Its files remain, and a later export can continue it. Cancels the
/// requests of its threads and waits for the threads to end. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_export_free(export: *mut uservoice_export) {
    // SAFETY: by contract NULL or an export that was not freed.
    unsafe { free_handle(export) };
}
