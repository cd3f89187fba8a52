//! The collection handle.

use std::ffi::c_char;
use std::ptr;

use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::request::acting;
use super::token::uservoice_token;
use super::{borrow, free, guard, handle, optional_text, run, string, text};
use crate::{Collection, Error};

/// A list of records that is loaded as it is read. May be used from any number
/// of threads at once, and outlives the client that it was made from.
pub struct uservoice_collection(Collection);

/// Makes a collection. Sends nothing and never blocks.
///
/// @param token  Whom the calls act for, or NULL for the API key itself.
/// @param path   The list's, such as "/api/v1/suggestions"; see uservoice_get().
///     A "page" or "cursor" in it or in `params_json` is where the list begins; a
///     "per_page" stands instead of the option of that name.
/// @param params_json  More of the query as a JSON object, or NULL.
/// @param limit  Records at most; -1 for all.
/// @param out    Out: to be freed by uservoice_collection_free().
/// @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
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
        // SAFETY: by contract each is NULL or what it should be.
        let (client, token, path, params) = unsafe {
            (
                borrow(client, "client")?,
                acting(token),
                text(path, "path")?,
                optional_text(params_json, "params")?,
            )
        };
        let limit = match limit {
            -1 => None,
            _ => Some(usize::try_from(limit).map_err(|_| {
                Error::invalid("limit", "must be -1 for all records, or 0 or more")
            })?),
        };
        let collection = Collection::new(&client.0, token, path, params, limit)?;
        Ok(handle(uservoice_collection(collection)))
    })
}

/// How many records there are: the smaller of the limit and what the service
/// said when the first page was loaded, which this does if need be.
///
/// @param len  Out.
/// @return any status; USERVOICE_BAD_RESPONSE where the service does not say it.
///     May block as uservoice_get().
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

/// The record at an index. Its page is loaded if need be, and a few pages are
/// kept.
///
/// @param index  From 0.
/// @param json   Out: the record, to be freed by uservoice_string_free().
/// @return any status; USERVOICE_INVALID_ARGUMENT past the end; as
///     uservoice_collection_len() where the length is not known. May block as
///     uservoice_get().
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
        unsafe { borrow(collection, "collection") }?
            .0
            .get_with(index, |record| string(record))?
    })
}

/// The next record. Pages are loaded ahead by threads, as the option
/// "prefetch_pages" says. A list that shrinks while it is read ends early,
/// without an error; one that grows is read as far as
/// uservoice_collection_len() said.
///
/// @param json  Out: the record, to be freed by uservoice_string_free(); NULL
///     with USERVOICE_OK at the end.
/// @return any status; after an error the next call goes on at the same record.
///     May block as uservoice_get().
///
/// ```c
/// char *record = NULL;
/// while (uservoice_collection_next(list, &record, NULL) == USERVOICE_OK
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
        let next = unsafe { borrow(collection, "collection") }?
            .0
            .next_with(|record| string(record))?;
        next.unwrap_or(Ok(ptr::null_mut()))
    })
}

/// What is left of the page that uservoice_collection_next() reads, or the
/// whole next page. With the option "whole_pages" the answer that the page came in,
/// byte for byte and with what else stands there, such as side-loaded records: all of
/// it, also where a part was read already or the limit ends within it.
///
/// @param json_array  Out: a JSON array of one record or more (with "whole_pages" a
///     JSON object), to be freed by uservoice_string_free(); NULL with USERVOICE_OK at the end.
/// @return as uservoice_collection_next().
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
        next.map_or(Ok(ptr::null_mut()), string)
    })
}

/// The paging object of the page loaded last, as the service sent it
/// ("response_data" of API v1, "pagination" of v2); the first page is loaded if
/// none is. Pages are loaded ahead of the reader: with the option "prefetch_pages"
/// 0 it is the page that was read last.
///
/// @param json  Out: to be freed by uservoice_string_free(); "null" where the
///     answer has no such object.
/// @return any status. May block as uservoice_get().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn uservoice_collection_info(
    collection: *mut uservoice_collection,
    json: *mut *mut c_char,
    error: *mut *mut uservoice_error,
) -> uservoice_status {
    run("json", json, error, || {
        // SAFETY: by contract NULL or a live collection.
        string(unsafe { borrow(collection, "collection") }?.0.info()?)
    })
}

/// Starts over at the first record. All is loaded anew, the length too. NULL is
/// allowed. Never blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_collection_rewind(collection: *mut uservoice_collection) {
    // There is no one to tell a failure to: NULL does nothing by contract.
    let _ = guard(|| {
        // SAFETY: by contract NULL or a live collection.
        unsafe { borrow(collection, "collection") }?.0.rewind();
        Ok(())
    });
}

/// Frees a collection. NULL is allowed. Ends the threads that load its pages
/// ahead and waits for them, which takes no longer than ending their calls. No
/// call may be running on this handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_collection_free(collection: *mut uservoice_collection) {
    // SAFETY: by contract NULL or a collection that was not freed.
    unsafe { free(collection) };
}
