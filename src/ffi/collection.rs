//! The collection handle.

use std::ffi::c_char;
use std::ptr;

use super::call::run;
use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::panic::run_infallible;
use super::pointer::{
    borrow, copy_to_string, free_handle, into_handle, into_string, optional_str, str,
};
use super::token::{optional_token, uservoice_token};
use crate::{Collection, Error};

/// A sequence of records that is loaded page by page as it is read.
pub struct uservoice_collection(Collection);

/// Creates a collection. Sends nothing: pages are loaded when they are needed.
///
/// @param token  The token of the acting user. NULL: the API key alone.
/// @param path   The path of a list, such as "/api/v1/suggestions". A "page" or
///     "cursor" in its query or in `params_json` sets where the collection begins;
///     "per_page" replaces the option of that name.
/// @param params_json  A JSON object that is appended to the query, or NULL.
/// @param limit  The maximum number of records; -1: all.
/// @param out    Out: the collection. Free it with uservoice_collection_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_collection_new(
    client: *const uservoice_client,
    token: *const uservoice_token,
    path: *const c_char,
    params_json: *const c_char,
    limit: i64,
    out: *mut *mut uservoice_collection,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("out", out, error, || {
        // SAFETY: by contract each is NULL, a live handle or a string.
        let (client, token, path, params) = unsafe {
            (
                borrow(client, "client")?,
                optional_token(token),
                str(path, "path")?,
                optional_str(params_json, "params")?,
            )
        };
        let limit = match limit {
            -1 => None,
            0.. => Some(usize::try_from(limit).unwrap_or(usize::MAX)),
            _ => {
                let why = format_args!("must be -1 for all records, or 0 or more (got {limit})");
                return Err(Error::invalid("limit", why));
            }
        };
        let collection = Collection::new(&client.0, token, path, params, limit)?;
        Ok(into_handle(uservoice_collection(collection)))
    })
}

/// Returns the next record. Threads of the library prefetch the pages after it, as
/// many as the option "prefetch_pages" says. After an error, the next call continues
/// at the same record. An end that is not certain is USERVOICE_BAD_RESPONSE.
///
/// @param json  Out: the record, or NULL with USERVOICE_OK at the end.
/// @return Any status. Blocks if the record is not loaded yet.
///
/// ```c
/// char *record = NULL;
/// while (uservoice_collection_next(users, &record, &error) == USERVOICE_OK
///        && record != NULL) {
///     puts(record);
///     uservoice_string_free(record);
/// }
/// ```
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_collection_next(
    collection: *mut uservoice_collection,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a live collection.
        let collection = unsafe { borrow(collection, "collection") }?;
        let next = collection.0.next_with(copy_to_string)?;
        Ok(next.unwrap_or(ptr::null_mut()))
    })
}

/// Returns the records of the current page that uservoice_collection_next() has not
/// returned yet, or the whole next page. With the option "whole_pages" it returns
/// the complete response with that page, byte for byte.
///
/// @param json_array  Out: an array of one or more records (with "whole_pages" an
///     object), or NULL with USERVOICE_OK at the end.
/// @return Any status. Blocks if the page is not loaded yet.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_collection_next_page(
    collection: *mut uservoice_collection,
    json_array: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json_array", json_array, error, || {
        // SAFETY: by contract NULL or a live collection.
        let next = unsafe { borrow(collection, "collection") }?.0.next_page()?;
        next.map_or(Ok(ptr::null_mut()), into_string)
    })
}

/// Returns the total that the service reports with the first page, or the limit if
/// that is smaller.
///
/// @return Any status; USERVOICE_BAD_RESPONSE if the service reports no total. Blocks
///     if the first page is not loaded yet.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_collection_len(
    collection: *mut uservoice_collection,
    len: *mut usize,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("len", len, error, || {
        // SAFETY: by contract NULL or a live collection.
        unsafe { borrow(collection, "collection") }?.0.len()
    })
}

/// Returns the record at an index, and loads its page if necessary (in a list with
/// cursors, the pages before it too). Does not change what
/// uservoice_collection_next() returns next.
///
/// @param index  The index, from 0.
/// @param json   Out: the record. Free it with uservoice_string_free().
/// @return Any status; USERVOICE_INVALID_ARGUMENT if `index` is past the end. Blocks
///     if the page is not loaded yet.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_collection_get(
    collection: *mut uservoice_collection,
    index: usize,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a live collection.
        let collection = unsafe { borrow(collection, "collection") }?;
        collection.0.get_with(index, copy_to_string)
    })
}

/// Returns the paging object of the page that was loaded last, which may be ahead of
/// the reader: "response_data" of API v1, "pagination" of API v2, or "null".
///
/// @return Any status. Blocks if no page is loaded yet.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_collection_info(
    collection: *mut uservoice_collection,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a live collection.
        into_string(unsafe { borrow(collection, "collection") }?.0.info()?)
    })
}

/// Returns to the first record and discards all loaded pages. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_collection_rewind(collection: *mut uservoice_collection) {
    run_infallible(|| {
        // SAFETY: by contract NULL or a live collection.
        if let Some(collection) = unsafe { collection.as_ref() } {
            collection.0.rewind();
        }
    });
}

/// Frees a collection. Cancels the requests of its threads and waits for the
/// threads to end. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_collection_free(collection: *mut uservoice_collection) {
    // SAFETY: by contract NULL or a collection that was not freed.
    unsafe { free_handle(collection) };
}
