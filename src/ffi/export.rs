//! The export handle.

use std::ffi::c_char;
use std::ptr;

use super::client::uservoice_client;
use super::error::{uservoice_error, uservoice_status};
use super::request::acting;
use super::token::uservoice_token;
use super::{borrow, free, handle, run, string, text};
use crate::Export;

/// An export of lists into files of a directory, which goes on where it was when
/// it is opened again. May be used from any number of threads at once, and
/// outlives the client that it was made from.
pub struct uservoice_export(Export);

/// Opens an export into a directory: a new one, or one that was begun there,
/// which goes on. Nothing is sent and no list is written before
/// uservoice_export_next().
///
/// @param token      Whom the calls act for, or NULL for the API key itself. The
///     Admin API needs one, such as uservoice_login_with_client_credentials()
///     gives.
/// @param directory  Where the files are, made where it is missing. Only one
///     export at a time may use a directory.
/// @param options_json  A JSON object; "resources" must be there:
///
/// | key       | default | meaning |
/// | --------- | ------- | ------- |
/// | resources | none    | array of the lists to export, 1 to 64, see below |
/// | format    | "jsonl" | "jsonl", one record a line as it came; or "csv" |
/// | since     | none    | only records whose "updated_at" is this moment or later |
/// | until     | none    | only records whose "updated_at" is earlier than this moment |
///
/// A moment is ISO 8601, such as "2026-01-31T09:30:00Z", or a date, which is its
/// midnight in UTC, of the years 1970 to 9998. An element of "resources" is the name of a list of the Admin
/// API ("suggestions" is /api/v2/admin/suggestions), or an object:
///
/// | key         | default            | meaning |
/// | ----------- | ------------------ | ------- |
/// | name        | must be there      | of its file: letters, digits, '-', '_' |
/// | path        | /api/v2/admin/NAME | the list's, of API v1 too; see uservoice_get() |
/// | params      | none               | more of the query, a JSON object |
/// | columns     | see below          | array of the columns of CSV, and no others |
/// | incremental | true for API v2    | false: the whole list in each run; API v1 knows no other way |
///
/// @param out  Out: to be freed by uservoice_export_free().
/// @return USERVOICE_OK; USERVOICE_INVALID_ARGUMENT, also where a resource was
///     begun in this directory with other options; or USERVOICE_FILE_ERROR, also
///     where another export uses the directory or its state is damaged. Does not
///     block but for the disk.
///
/// Files, with .csv instead of .jsonl for that format:
///
///  - NAME.jsonl holds the records of a resource.
///  - state.json says how much of each file counts, where its list goes on, and
///    which options it was begun with. It is replaced in one step, after the
///    records are on the disk, so that a kill or a loss of power at any moment
///    loses nothing: what was written and not noted is cut off and loaded again.
///    It holds no credentials. state.NAME.1 and the like belong to it; state.lock is
///    locked while an export is open.
///
/// Runs. A run ends when uservoice_export_next() gives NULL. One that did not end
/// is resumed by the next uservoice_export_new() with the same options. After one
/// that ended, the next run appends to NAME.jsonl what has changed since: records
/// that are new, and those that changed once more in their new version. Each
/// version of a record is written once; which they are, "id" and "updated_at"
/// tell. (Between two runs the windows of time overlap by a minute, by the
/// service's clock, and the state knows what was written of that minute.) A record
/// that is deleted is not told of. What is not incremental is written whole in each
/// run, to NAME.jsonl.part, which takes the place of NAME.jsonl at its end. In
/// lists that are read by page number, as those of API v1, records may be missed
/// or come twice when others come or go before them meanwhile; "sort" in "params"
/// can prevent that, such as "oldest" for suggestions.
///
/// CSV is UTF-8, with a header, '"' around what needs it, and lines that end with
/// a line feed. Text is written as it is, null as nothing, all else as its JSON.
/// The columns are the members of the first page's records, and "other": a JSON
/// object with the members that have no column.
///
/// ```c
/// uservoice_export *export = NULL;
/// const char *options = "{\"resources\":[\"suggestions\",\"users\"]}";
/// if (uservoice_export_new(client, token, "backup", options, &export, &error)
///         == USERVOICE_OK) {
///     char *progress = NULL;
///     while (uservoice_export_next(export, &progress, &error) == USERVOICE_OK
///            && progress != NULL) {
///         puts(progress);
///         uservoice_string_free(progress);
///     }
/// }
/// if (error != NULL)
///     fputs(uservoice_error_message(error), stderr);
/// uservoice_error_free(error);
/// uservoice_export_free(export);
/// ```
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
        // SAFETY: by contract each is NULL or what it should be.
        let (client, token, directory, options) = unsafe {
            (
                borrow(client, "client")?,
                acting(token),
                text(directory, "directory")?,
                text(options_json, "options")?,
            )
        };
        let export = Export::new(&client.0, token, directory, options)?;
        Ok(handle(uservoice_export(export)))
    })
}

/// Writes the next page that is loaded, of whichever resource, and notes it in the
/// state. Up to four resources are loaded at once, ahead of the caller, within the
/// rate limit and with the retries of every call.
///
/// @param progress_json  Out: how far the export is, to be freed by
///     uservoice_string_free(); NULL with USERVOICE_OK when all is written.
/// @return any status. An error of a resource is told once, with its name before
///     the message; the next call tries that one again and goes on with the
///     others. USERVOICE_FILE_ERROR where a file cannot be written, such as on a
///     full disk: the next call tries to write the same page again.
///     USERVOICE_CANCELLED after uservoice_client_cancel() of the client that the
///     export was made from. USERVOICE_INVALID_ARGUMENT in a forked child, whose
///     parent has the export. May block as uservoice_get(), and for the disk;
///     calls at the same time wait for each other.
///
/// ```json
/// {"resources":{"suggestions":{"written":1200,"total":200000,"done":false},
///               "users":{"written":250,"total":250,"done":true}},
///  "written":1450,"total":200250,
///  "elapsed_ms":700,"records_per_second":2071.4,"seconds_left":96.0}
/// ```
///
/// "written" are the records of this run, those before an interruption included;
/// "total" how many there will be, by what the service said at first; null where
/// that, or one of the numbers that it is a sum of, is not known (yet). The rate
/// and the time left (null while it is not known) are by what was read since the
/// first call of this function on this handle.
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
        next.map_or(Ok(ptr::null_mut()), string)
    })
}

/// Frees an export; what it has written stays, to go on with later. NULL is
/// allowed. Ends the threads that load its pages and waits for them, which takes
/// no longer than ending their calls. No call may be running on this handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn uservoice_export_free(export: *mut uservoice_export) {
    // SAFETY: by contract NULL or an export that was not freed.
    unsafe { free(export) };
}
