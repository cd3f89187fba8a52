#ifndef USERVOICE_H
#define USERVOICE_H


/*
 * libuservoice 0.1.0: the client library for UserVoice.
 *
 * Conventions, for every function:
 *  - What can fail returns a uservoice_status; USERVOICE_OK is 0. Results come
 *    through out-parameters, which are NULL or 0 on failure.
 *  - The last argument receives a new error object on failure and NULL on
 *    success; give NULL when only the status matters.
 *  - Text is UTF-8 and ends with NUL. A `char *` that you receive is yours: give
 *    it to uservoice_string_free(), no shorter than it came. A `const char *` is borrowed from its handle.
 *  - Options, parameters and records are JSON text.
 *  - Handles may be used from any number of threads at once. Every _free()
 *    accepts NULL.
 *  - After fork() both processes may use the handles that they have, whatever
 *    other threads were doing: the child connects anew, learns limits anew, and
 *    a collection goes on where it was, a bearer token that was renewed starts
 *    over from what it was at first. An export stays its parent's.
 *  - Nothing is printed, nothing exits, and a NULL or invalid UTF-8 where it
 *    should not be is USERVOICE_INVALID_ARGUMENT.
 */

#include <stddef.h>
#include <stdint.h>

#define USERVOICE_VERSION "0.1.0"
#define USERVOICE_VERSION_MAJOR 0
#define USERVOICE_VERSION_MINOR 1
#define USERVOICE_VERSION_PATCH 0

/* The shared library's CMake target and pkg-config file define USERVOICE_SHARED. */
#if defined(_WIN32) && defined(USERVOICE_SHARED)
#define USERVOICE_API __declspec(dllimport)
#else
#define USERVOICE_API
#endif

#if defined(__GNUC__) || defined(__clang__)
#define USERVOICE_MUST_USE __attribute__((warn_unused_result))
#else
#define USERVOICE_MUST_USE
#endif


/**
 * Nothing was sent.
 */
#define USERVOICE_OUTCOME_NOT_SENT 0

/**
 * At least a part was sent, and no complete response was received.
 */
#define USERVOICE_OUTCOME_UNKNOWN 1

/**
 * The service sent a response.
 */
#define USERVOICE_OUTCOME_ANSWERED 2

/**
 * Nothing is told.
 */
#define USERVOICE_LOG_OFF 0

/**
 * Told are attempts that got no answer (unless they were cancelled), or 429, or a status
 * from 500.
 */
#define USERVOICE_LOG_WARNING 1

/**
 * Told are all attempts.
 */
#define USERVOICE_LOG_INFO 2

/**
 * One site and one API key: connections, limits and options. May be used from
 * any number of threads at once.
 */
typedef struct uservoice_client uservoice_client;

/**
 * A list of records that is loaded as it is read. May be used from any number
 * of threads at once, and outlives the client that it was made from.
 */
typedef struct uservoice_collection uservoice_collection;

/**
 * What went wrong. Every function that can fail takes `uservoice_error **` as
 * its last argument: on failure it points there to a new error, which belongs
 * to the caller, on success to NULL. The argument may be NULL when only the
 * status matters. An error may be read from several threads at once.
 */
typedef struct uservoice_error uservoice_error;

/**
 * An export of lists into files of a directory, which goes on where it was when
 * it is opened again. May be used from any number of threads at once, and
 * outlives the client that it was made from.
 */
typedef struct uservoice_export uservoice_export;

/**
 * Whom a call acts for: an OAuth 1.0a token with its secret, or an OAuth 2
 * bearer token. A value, which may be used from any number of threads at once;
 * outlives the client that it came from. Wiped from memory when freed.
 */
typedef struct uservoice_token uservoice_token;

/**
 * What a function returns that can fail: one of USERVOICE_OK and the other
 * status codes. The numbers are never reused.
 */
typedef int32_t uservoice_status;

/**
 * Gets one line of a log, without a line end, valid during the call. `level`
 * is USERVOICE_LOG_WARNING or USERVOICE_LOG_INFO. Must return: it may neither
 * throw nor jump, and must not free the handle that is in use. A collection whose
 * page is being loaded is USERVOICE_INVALID_ARGUMENT to it.
 */
typedef void (*uservoice_log_callback)(int32_t level,
                                       const char *line,
                                       void *user_data);

/**
 * The call did what it says.
 */
#define USERVOICE_OK 0

/**
 * The caller's mistake; nothing was sent. The message names the argument.
 */
#define USERVOICE_INVALID_ARGUMENT 1

/**
 * A signature, token or webhook does not verify: a wrong key or signature, an
 * expired or malformed token, a malformed body.
 */
#define USERVOICE_NOT_VERIFIED 2

/**
 * The service refuses the key, the signature or the user: error type
 * "unauthorized", or HTTP 401 or 403.
 */
#define USERVOICE_UNAUTHORIZED 10

/**
 * There is no such record: error type "record_not_found", or HTTP 404.
 */
#define USERVOICE_NOT_FOUND 11

/**
 * HTTP 429, after the retries that the options allow.
 */
#define USERVOICE_RATE_LIMITED 12

/**
 * The service failed: error type "application_error", or HTTP 5xx.
 */
#define USERVOICE_APPLICATION_ERROR 13

/**
 * Any other error answer, such as "record_invalid" with HTTP 422.
 */
#define USERVOICE_API_ERROR 14

/**
 * No complete answer came: name lookup, connection, TLS, reset.
 */
#define USERVOICE_TRANSPORT 20

/**
 * A time limit of the options passed.
 */
#define USERVOICE_TIMEOUT 21

/**
 * uservoice_client_cancel() was called.
 */
#define USERVOICE_CANCELLED 22

/**
 * The answer is not what it should be: not JSON, JSON that is nested deeper
 * than 128 levels, too large, not a list.
 */
#define USERVOICE_BAD_RESPONSE 23

/**
 * A file or directory of an export cannot be read, written or used: no
 * permission, a full disk, damaged, in use by another export. The message names
 * it.
 */
#define USERVOICE_FILE_ERROR 30

/**
 * A bug of this library. Please report it with the error's message.
 */
#define USERVOICE_INTERNAL 99

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Gives back a text that a function of this library returned as `char *`.
 *
 * @param string  The text; NULL is allowed and does nothing.
 *
 * Its memory is overwritten first, since it may hold a secret. Never blocks.
 */
USERVOICE_API
void uservoice_string_free(char *string);

/**
 * The library's version, such as "0.1.0". Compare it with
 * USERVOICE_VERSION_MAJOR and the like to see whether the library that was
 * loaded fits the header that was compiled. Not to be freed.
 */
USERVOICE_API
const char *uservoice_version(void);

/**
 * Makes a client. Sends nothing, and never blocks but to read "ca_file".
 *
 * @param subdomain   The site's, "acme" of acme.uservoice.com: letters,
 *     digits, '-' and '_'.
 * @param api_key     The API key (Admin Console, Settings, Integrations).
 * @param api_secret  Its secret, or NULL for a client whose calls are not
 *     signed and see what is public.
 * @param options_json  A JSON object with any of these, or NULL:
 *
 * | key                | default         | meaning |
 * | ------------------ | --------------- | ------- |
 * | protocol           | "https"         | "http" for a loopback host only |
 * | uservoice_domain   | "uservoice.com" | the site is SUBDOMAIN.this; may have a port |
 * | base_url           | none            | the whole origin, instead of the two above |
 * | callback           | "oob"           | where a person goes after "Allow" |
 * | timeout_ms         | 30000           | one attempt, connecting to last byte; 1 to 86400000 |
 * | connect_timeout_ms | 10000           | name lookup, connection, TLS; 1 to 86400000 |
 * | max_retries        | 2               | 0 to 100; see below |
 * | max_retry_wait_ms  | 60000           | a longer wait is returned, not slept; 0 to 86400000 |
 * | max_idle_connections    | 16              | idle connections kept; 1 to 1024 |
 * | prefetch_pages     | 4               | pages loaded ahead of a collection's reader; 0 to 64 |
 * | per_page           | 100             | records a page of a collection; 1 to 100 |
 * | max_response_bytes | 67108864        | a larger answer is USERVOICE_BAD_RESPONSE; 1 to 1099511627776 |
 * | ca_file            | the system's    | PEM file of the authorities to trust instead, read at once |
 * | proxy              | HTTPS_PROXY ... | "http://[user:password@]host[:port]", or https; "" for none |
 * | user_agent         | none            | put in front of ours, such as "MyApp/1.0"; printable ASCII |
 * | whole_pages        | false           | see uservoice_collection_next_page() |
 * | allow_insecure     | false           | allow plain http to other hosts |
 *
 * A proxy is asked for a tunnel (CONNECT), whatever the protocol. Without the
 * option it comes from https_proxy, HTTPS_PROXY, all_proxy or ALL_PROXY
 * (http_proxy instead of the first two for plain http), unless the host is a
 * loopback one, or it, its domain or its network is in no_proxy or NO_PROXY
 * ("acme.uservoice.com:443, .example.com, 10.0.0.0/8", or "*" for all).
 *
 * @param client  Out: the client, to be freed by uservoice_client_free().
 * @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT with a message that
 *     names the argument or the option.
 *
 * Retries. A call is tried again where that cannot do harm, `max_retries` times,
 * after the wait that the service asks for, or a random one of up to 0.5, 1, 2, 4
 * and 8 seconds. A reading call, PUT or DELETE whose kept connection had ended is
 * sent once more besides. All handles that share connections have 20 retries in a
 * row, and earn one with every 5 calls that work: a site that is down is not
 * hammered. GET and HEAD follow 5 redirects, within the site.
 *
 * What the service says about its rate limit (X-Rate-Limit-*, Retry-After) is
 * known to all clients of the process with that site and key: a call waits for
 * it before it is sent, or fails with USERVOICE_RATE_LIMITED when that would
 * take longer than max_retry_wait_ms.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_client_new(const char *subdomain,
                                      const char *api_key,
                                      const char *api_secret,
                                      const char *options_json,
                                      uservoice_client **client,
                                      uservoice_error **error);

/**
 * Makes another handle of the same site and key. It shares connections, retries
 * and the clock's offset with the first, unless "protocol", "uservoice_domain",
 * "base_url", "allow_insecure", "max_idle_connections", "ca_file" or "proxy" is another.
 * Costs microseconds, and can be cancelled alone.
 *
 * @param options_json  Options to put over the first handle's, or NULL.
 * @param clone  Out: the handle, to be freed by uservoice_client_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
 *
 * Never blocks but to read "ca_file".
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_client_clone(const uservoice_client *client,
                                        const char *options_json,
                                        uservoice_client **clone,
                                        uservoice_error **error);

/**
 * Ends all calls of this handle and of the collections and exports made from it, now and
 * for good: each returns USERVOICE_CANCELLED. Clones go on. From any thread;
 * not from a signal handler. NULL is allowed. Does not wait for the calls.
 */
USERVOICE_API
void uservoice_client_cancel(const uservoice_client *client);

/**
 * Frees a handle. NULL is allowed. No call may be running on this handle;
 * clones, tokens, collections and exports made from it live on.
 */
USERVOICE_API
void uservoice_client_free(uservoice_client *client);

/**
 * Makes a collection. Sends nothing and never blocks.
 *
 * @param token  Whom the calls act for, or NULL for the API key itself.
 * @param path   The list's, such as "/api/v1/suggestions"; see uservoice_get().
 *     A "page" or "cursor" in it or in `params_json` is where the list begins; a
 *     "per_page" stands instead of the option of that name.
 * @param params_json  More of the query as a JSON object, or NULL.
 * @param limit  Records at most; -1 for all.
 * @param out    Out: to be freed by uservoice_collection_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_collection_new(const uservoice_client *client,
                                          const uservoice_token *token,
                                          const char *path,
                                          const char *params_json,
                                          int64_t limit,
                                          uservoice_collection **out,
                                          uservoice_error **error);

/**
 * How many records there are: the smaller of the limit and what the service
 * said when the first page was loaded, which this does if need be.
 *
 * @param len  Out.
 * @return any status; USERVOICE_BAD_RESPONSE where the service does not say it.
 *     May block as uservoice_get().
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_collection_len(uservoice_collection *collection,
                                          size_t *len,
                                          uservoice_error **error);

/**
 * The record at an index. Its page is loaded if need be, and a few pages are
 * kept.
 *
 * @param index  From 0.
 * @param json   Out: the record, to be freed by uservoice_string_free().
 * @return any status; USERVOICE_INVALID_ARGUMENT past the end; as
 *     uservoice_collection_len() where the length is not known. May block as
 *     uservoice_get().
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_collection_get(uservoice_collection *collection,
                                          size_t index,
                                          char **json,
                                          uservoice_error **error);

/**
 * The next record. Pages are loaded ahead by threads, as the option
 * "prefetch_pages" says. A list that shrinks while it is read ends early,
 * without an error; one that grows is read as far as
 * uservoice_collection_len() said.
 *
 * @param json  Out: the record, to be freed by uservoice_string_free(); NULL
 *     with USERVOICE_OK at the end.
 * @return any status; after an error the next call goes on at the same record.
 *     May block as uservoice_get().
 *
 * ```c
 * char *record = NULL;
 * while (uservoice_collection_next(list, &record, NULL) == USERVOICE_OK
 *        && record != NULL) {
 *     puts(record);
 *     uservoice_string_free(record);
 * }
 * ```
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_collection_next(uservoice_collection *collection,
                                           char **json,
                                           uservoice_error **error);

/**
 * What is left of the page that uservoice_collection_next() reads, or the
 * whole next page. With the option "whole_pages" the answer that the page came in,
 * byte for byte and with what else stands there, such as side-loaded records: all of
 * it, also where a part was read already or the limit ends within it.
 *
 * @param json_array  Out: a JSON array of one record or more (with "whole_pages" a
 *     JSON object), to be freed by uservoice_string_free(); NULL with USERVOICE_OK at the end.
 * @return as uservoice_collection_next().
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_collection_next_page(uservoice_collection *collection,
                                                char **json_array,
                                                uservoice_error **error);

/**
 * The paging object of the page loaded last, as the service sent it
 * ("response_data" of API v1, "pagination" of v2); the first page is loaded if
 * none is. Pages are loaded ahead of the reader: with the option "prefetch_pages"
 * 0 it is the page that was read last.
 *
 * @param json  Out: to be freed by uservoice_string_free(); "null" where the
 *     answer has no such object.
 * @return any status. May block as uservoice_get().
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_collection_info(uservoice_collection *collection,
                                           char **json,
                                           uservoice_error **error);

/**
 * Starts over at the first record. All is loaded anew, the length too. NULL is
 * allowed. Never blocks.
 */
USERVOICE_API
void uservoice_collection_rewind(uservoice_collection *collection);

/**
 * Frees a collection. NULL is allowed. Ends the threads that load its pages
 * ahead and waits for them, which takes no longer than ending their calls. No
 * call may be running on this handle.
 */
USERVOICE_API
void uservoice_collection_free(uservoice_collection *collection);

/**
 * The status that came with the error; USERVOICE_OK for NULL.
 */
USERVOICE_API
uservoice_status uservoice_error_status(const uservoice_error *error);

/**
 * One line for a person, in English; never a secret in it. Valid until the
 * error is freed. "" for NULL.
 */
USERVOICE_API
const char *uservoice_error_message(const uservoice_error *error);

/**
 * The HTTP status of the last answer, complete or not; 0 when none came, and for NULL.
 */
USERVOICE_API
int32_t uservoice_error_http_status(const uservoice_error *error);

/**
 * UserVoice's own name for the error, such as "record_not_found"; NULL when
 * the answer had none, and for NULL. Valid until the error is freed.
 */
USERVOICE_API
const char *uservoice_error_type(const uservoice_error *error);

/**
 * The answer's body as it came; NULL when none came whole, when it should have held a
 * token, and for NULL. Bytes that are not UTF-8 are replaced, what follows a NUL byte is cut off.
 * Valid until the error is freed.
 */
USERVOICE_API
const char *uservoice_error_body(const uservoice_error *error);

/**
 * Returns a header of the response, such as "X-Request-Id"; values of a repeated
 * header are joined with ", ". NULL if the response has no such header, without a
 * response, and for NULL. Valid until the error is freed.
 *
 * @param name  The header's name, in any case.
 */
USERVOICE_API
const char *uservoice_error_header(const uservoice_error *error,
                                   const char *name);

/**
 * Returns the method and path of the request that failed, without its query:
 * "GET /api/v1/forums/9". After a redirect it is the last request; if a token could
 * not be obtained or refreshed, the one to the token endpoint. NULL if the error belongs to no
 * request, and for NULL. Valid until the error is freed.
 */
USERVOICE_API
const char *uservoice_error_request(const uservoice_error *error);

/**
 * Returns the name of the invalid input: an argument as it is named in this
 * header, without "_json" at its end, or a member of one: "path",
 * "options.timeout_ms". NULL unless the status is USERVOICE_INVALID_ARGUMENT, and for
 * NULL. Valid until the error is freed.
 */
USERVOICE_API
const char *uservoice_error_argument(const uservoice_error *error);

/**
 * Whether the call reached the service, which decides whether a write may be
 * repeated: one of USERVOICE_OUTCOME_*. Of several attempts the last one that was
 * sent counts. USERVOICE_OUTCOME_NOT_SENT for NULL.
 */
USERVOICE_API
int32_t uservoice_error_outcome(const uservoice_error *error);

/**
 * How long the service asks to wait before the next try, in milliseconds; -1
 * when it did not say, and for NULL.
 */
USERVOICE_API
int64_t uservoice_error_retry_after_ms(const uservoice_error *error);

/**
 * Frees an error and all text borrowed from it. NULL is allowed.
 */
USERVOICE_API
void uservoice_error_free(uservoice_error *error);

/**
 * The name of a status, such as "UNAUTHORIZED" for USERVOICE_UNAUTHORIZED;
 * "UNKNOWN" for a number that is none. Not to be freed.
 */
USERVOICE_API
const char *uservoice_status_name(uservoice_status status);

/**
 * Opens an export into a directory: a new one, or one that was begun there,
 * which goes on. Nothing is sent and no list is written before
 * uservoice_export_next().
 *
 * @param token      Whom the calls act for, or NULL for the API key itself. The
 *     Admin API needs one, such as uservoice_login_with_client_credentials()
 *     gives.
 * @param directory  Where the files are, made where it is missing. Only one
 *     export at a time may use a directory.
 * @param options_json  A JSON object; "resources" must be there:
 *
 * | key       | default | meaning |
 * | --------- | ------- | ------- |
 * | resources | none    | array of the lists to export, 1 to 64, see below |
 * | format    | "jsonl" | "jsonl", one record a line as it came; or "csv" |
 * | since     | none    | only records whose "updated_at" is this moment or later |
 * | until     | none    | only records whose "updated_at" is earlier than this moment |
 *
 * A moment is ISO 8601, such as "2026-01-31T09:30:00Z", or a date, which is its
 * midnight in UTC, of the years 1970 to 9998. An element of "resources" is the name of a list of the Admin
 * API ("suggestions" is /api/v2/admin/suggestions), or an object:
 *
 * | key         | default            | meaning |
 * | ----------- | ------------------ | ------- |
 * | name        | must be there      | of its file: letters, digits, '-', '_' |
 * | path        | /api/v2/admin/NAME | the list's, of API v1 too; see uservoice_get() |
 * | params      | none               | more of the query, a JSON object |
 * | columns     | see below          | array of the columns of CSV, and no others |
 * | incremental | true for API v2    | false: the whole list in each run; API v1 knows no other way |
 *
 * @param out  Out: to be freed by uservoice_export_free().
 * @return USERVOICE_OK; USERVOICE_INVALID_ARGUMENT, also where a resource was
 *     begun in this directory with other options; or USERVOICE_FILE_ERROR, also
 *     where another export uses the directory or its state is damaged. Does not
 *     block but for the disk.
 *
 * Files, with .csv instead of .jsonl for that format:
 *
 *  - NAME.jsonl holds the records of a resource.
 *  - state.json says how much of each file counts, where its list goes on, and
 *    which options it was begun with. It is replaced in one step, after the
 *    records are on the disk, so that a kill or a loss of power at any moment
 *    loses nothing: what was written and not noted is cut off and loaded again.
 *    It holds no credentials. state.NAME.1 and the like belong to it; state.lock is
 *    locked while an export is open.
 *
 * Runs. A run ends when uservoice_export_next() gives NULL. One that did not end
 * is resumed by the next uservoice_export_new() with the same options. After one
 * that ended, the next run appends to NAME.jsonl what has changed since: records
 * that are new, and those that changed once more in their new version. Each
 * version of a record is written once; which they are, "id" and "updated_at"
 * tell. (Between two runs the windows of time overlap by a minute, by the
 * service's clock, and the state knows what was written of that minute.) A record
 * that is deleted is not told of. What is not incremental is written whole in each
 * run, to NAME.jsonl.part, which takes the place of NAME.jsonl at its end. In
 * lists that are read by page number, as those of API v1, records may be missed
 * or come twice when others come or go before them meanwhile; "sort" in "params"
 * can prevent that, such as "oldest" for suggestions.
 *
 * CSV is UTF-8, with a header, '"' around what needs it, and lines that end with
 * a line feed. Text is written as it is, null as nothing, all else as its JSON.
 * The columns are the members of the first page's records, and "other": a JSON
 * object with the members that have no column.
 *
 * ```c
 * uservoice_export *export = NULL;
 * const char *options = "{\"resources\":[\"suggestions\",\"users\"]}";
 * if (uservoice_export_new(client, token, "backup", options, &export, &error)
 *         == USERVOICE_OK) {
 *     char *progress = NULL;
 *     while (uservoice_export_next(export, &progress, &error) == USERVOICE_OK
 *            && progress != NULL) {
 *         puts(progress);
 *         uservoice_string_free(progress);
 *     }
 * }
 * if (error != NULL)
 *     fputs(uservoice_error_message(error), stderr);
 * uservoice_error_free(error);
 * uservoice_export_free(export);
 * ```
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_export_new(const uservoice_client *client,
                                      const uservoice_token *token,
                                      const char *directory,
                                      const char *options_json,
                                      uservoice_export **out,
                                      uservoice_error **error);

/**
 * Writes the next page that is loaded, of whichever resource, and notes it in the
 * state. Up to four resources are loaded at once, ahead of the caller, within the
 * rate limit and with the retries of every call.
 *
 * @param progress_json  Out: how far the export is, to be freed by
 *     uservoice_string_free(); NULL with USERVOICE_OK when all is written.
 * @return any status. An error of a resource is told once, with its name before
 *     the message; the next call tries that one again and goes on with the
 *     others. USERVOICE_FILE_ERROR where a file cannot be written, such as on a
 *     full disk: the next call tries to write the same page again.
 *     USERVOICE_CANCELLED after uservoice_client_cancel() of the client that the
 *     export was made from. USERVOICE_INVALID_ARGUMENT in a forked child, whose
 *     parent has the export. May block as uservoice_get(), and for the disk;
 *     calls at the same time wait for each other.
 *
 * ```json
 * {"resources":{"suggestions":{"written":1200,"total":200000,"done":false},
 *               "users":{"written":250,"total":250,"done":true}},
 *  "written":1450,"total":200250,
 *  "elapsed_ms":700,"records_per_second":2071.4,"seconds_left":96.0}
 * ```
 *
 * "written" are the records of this run, those before an interruption included;
 * "total" how many there will be, by what the service said at first; null where
 * that, or one of the numbers that it is a sum of, is not known (yet). The rate
 * and the time left (null while it is not known) are by what was read since the
 * first call of this function on this handle.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_export_next(uservoice_export *export_,
                                       char **progress_json,
                                       uservoice_error **error);

/**
 * Frees an export; what it has written stays, to go on with later. NULL is
 * allowed. Ends the threads that load its pages and waits for them, which takes
 * no longer than ending their calls. No call may be running on this handle.
 */
USERVOICE_API
void uservoice_export_free(uservoice_export *export_);

/**
 * Writes a string as a JSON string: `a"b` becomes `"a\"b"`, with the quotes.
 * Use it to put a value into params_json without a JSON library.
 *
 * @param string  The string.
 * @param json    Out: the JSON string. Free it with uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_json_quote(const char *string,
                                      char **json,
                                      uservoice_error **error);

/**
 * Returns the value that a JSON Pointer (RFC 6901) refers to, such as
 * "/suggestions/0/title". A string is decoded; any other value is returned as
 * the JSON that it is in `json`. Of a repeated key the last value counts.
 *
 * @param json     Any JSON value, such as the result of uservoice_get().
 * @param pointer  "" for the whole value, or a path that begins with "/". In a
 *     key, "~1" stands for "/" and "~0" for "~".
 * @param value    Out: the value. Free it with uservoice_string_free(). NULL with
 *     USERVOICE_OK if there is no such value; "null" if it is null.
 * @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT if `json` is not valid JSON,
 *     `pointer` is not a JSON Pointer, or the string contains U+0000. Never
 *     blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_json_get(const char *json,
                                    const char *pointer,
                                    char **value,
                                    uservoice_error **error);

/**
 * Has a function told of each attempt at a call: one line with the method, the
 * path with the keys of its query, the HTTP status (0: no answer), what it
 * took, which try it was, and where they apply the time that the rate limit
 * held it back, the wait before the next try, and why there was no answer:
 *
 * ```text
 * method=GET path=/api/v1/users?page status=503 ms=12 try=1 wait_ms=500
 * method=GET path=/api/v1/users?page status=0 ms=9 try=2 error="..."
 * ```
 *
 * There is never a secret in it, nor a value of the query, a header or a body.
 * Nothing is told, and it costs nothing, until this is called.
 *
 * @param client  The handle. Clones, collections and exports that are made from it
 *     afterwards tell the same function.
 * @param level   USERVOICE_LOG_OFF, USERVOICE_LOG_WARNING or
 *     USERVOICE_LOG_INFO.
 * @param callback  Called on the thread that makes the call, never on another:
 *     what the threads of a collection or an export did is told when that is used
 *     next, or freed. From several threads at once where several make calls.
 *     NULL with USERVOICE_LOG_OFF only.
 * @param user_data  Given to the callback. Must stay valid until the handle, its
 *     clones, its collections and its exports are freed.
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT, also when the handle was
 *     given one before; a clone can be given its own. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_client_set_log(const uservoice_client *client,
                                          int32_t level,
                                          uservoice_log_callback callback,
                                          void *user_data,
                                          uservoice_error **error);

/**
 * Asks for a request token, the first step of a three-legged login (RFC 5849,
 * section 2.1). Keep it (uservoice_token_json()) until the person comes back:
 * any process may finish the login. The option "callback" says where to.
 *
 * @param request_token  Out: to be freed by uservoice_token_free().
 * @return any status. Blocks until the service answers.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_request_token(const uservoice_client *client,
                                         uservoice_token **request_token,
                                         uservoice_error **error);

/**
 * The URL to send the person to, who is asked there whether to allow the
 * access (RFC 5849, section 2.2).
 *
 * @param url  Out: to be freed by uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_authorize_url(const uservoice_client *client,
                                         const uservoice_token *request_token,
                                         char **url,
                                         uservoice_error **error);

/**
 * Turns a request token that the person allowed into a token that acts for
 * that person (RFC 5849, section 2.3).
 *
 * @param verifier  "oauth_verifier" of the callback, or what the person read
 *     on the page.
 * @param token  Out: to be freed by uservoice_token_free().
 * @return any status. Blocks until the service answers.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_login_with_verifier(const uservoice_client *client,
                                               const uservoice_token *request_token,
                                               const char *verifier,
                                               uservoice_token **token,
                                               uservoice_error **error);

/**
 * Gives a token that acts as the user with that e-mail address, who is
 * created where there is none. Needs a trusted API key.
 *
 * @param token  The token to sign with, or NULL for the API key alone.
 * @param email  The user's address; the service judges its form.
 * @param as     Out: to be freed by uservoice_token_free().
 * @return any status. Blocks until the service answers.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_login_as(const uservoice_client *client,
                                    const uservoice_token *token,
                                    const char *email,
                                    uservoice_token **as,
                                    uservoice_error **error);

/**
 * Gives a token that acts as the owner of the site. Needs a trusted API key.
 *
 * @param token  The token to sign with, or NULL for the API key alone.
 * @param as     Out: to be freed by uservoice_token_free().
 * @return any status. Blocks until the service answers.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_login_as_owner(const uservoice_client *client,
                                          const uservoice_token *token,
                                          uservoice_token **as,
                                          uservoice_error **error);

/**
 * Gives a bearer token for the Admin API (API v2) that acts as the owner of the
 * site (RFC 6749, section 4.4). Needs a trusted API key. When the service ends
 * the token, any call or collection that uses it renews it once and goes on:
 * one thread does, the others wait.
 *
 * @param token  Out: to be freed by uservoice_token_free().
 * @return any status. Blocks until the service answers. With plain http to
 *     another host than a loopback one USERVOICE_INVALID_ARGUMENT, as with
 *     every OAuth 2 login and bearer token, whatever "allow_insecure" says.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_login_with_client_credentials(const uservoice_client *client,
                                                         uservoice_token **token,
                                                         uservoice_error **error);

/**
 * Gives a bearer token for the Admin API that acts as the user with that e-mail
 * address and password (RFC 6749, section 4.3). When the service ends it, calls
 * are USERVOICE_UNAUTHORIZED, unless it came with a refresh token.
 *
 * @param token  Out: to be freed by uservoice_token_free().
 * @return any status. Blocks until the service answers.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_login_with_password(const uservoice_client *client,
                                               const char *email,
                                               const char *password,
                                               uservoice_token **token,
                                               uservoice_error **error);

/**
 * The URL to send a person to who shall allow this program to act for them in
 * the Admin API, with a proof key (RFC 6749, section 4.1; RFC 7636, S256). It
 * needs no API secret. They come back to `redirect_uri` with "code" and "state".
 *
 * @param redirect_uri   Where they come back to.
 * @param state          Comes back with them: compare it, since it tells that
 *     they come from there. NULL for one that is made up and stands in the URL.
 * @param url            Out: to be freed by uservoice_string_free().
 * @param code_verifier  Out: the secret that uservoice_login_with_code() needs,
 *     43 characters, to be kept until then; to be freed by
 *     uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_authorize_code_url(const uservoice_client *client,
                                              const char *redirect_uri,
                                              const char *state,
                                              char **url,
                                              char **code_verifier,
                                              uservoice_error **error);

/**
 * Gives a bearer token for the Admin API that acts for whoever came back with
 * `code` (RFC 6749, section 4.1.3). When the service ends it, calls are
 * USERVOICE_UNAUTHORIZED, unless it came with a refresh token.
 *
 * @param code           As it came back.
 * @param code_verifier  From uservoice_authorize_code_url(); NULL for a login
 *     without PKCE, whose URL another program has made.
 * @param redirect_uri   The same as there.
 * @param token          Out: to be freed by uservoice_token_free().
 * @return any status. Blocks until the service answers.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_login_with_code(const uservoice_client *client,
                                           const char *code,
                                           const char *code_verifier,
                                           const char *redirect_uri,
                                           uservoice_token **token,
                                           uservoice_error **error);

/**
 * Reads: GET.
 *
 * @param token  Whom the call acts for, or NULL for the API key itself.
 * @param path   Path and query within the site, such as "/api/v1/users?page=2":
 *     it begins with one '/' and holds no space, backslash, '#' or control
 *     character, and '%' before two hexadecimal digits only.
 * @param params_json  More of the query as a JSON object, or NULL. Text,
 *     numbers and booleans go as they are, null is left out, an array becomes
 *     repeated key[]= (a comma list under /api/v2/), an object key[sub]=.
 * @param json   Out: the answer's JSON byte for byte, "null" for an empty one;
 *     to be freed by uservoice_string_free().
 * @return any status. Blocks until the service answers, a time limit passes or
 *     uservoice_client_cancel() is called. Tries again where that is safe.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_get(const uservoice_client *client,
                               const uservoice_token *token,
                               const char *path,
                               const char *params_json,
                               char **json,
                               uservoice_error **error);

/**
 * Creates: POST. As uservoice_get(), but `params_json` is any JSON value and
 * becomes the body as it is (NULL: {}). Sent again only where it certainly did
 * not arrive or the service said that it did not take it (429, or 503 with
 * Retry-After).
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_post(const uservoice_client *client,
                                const uservoice_token *token,
                                const char *path,
                                const char *params_json,
                                char **json,
                                uservoice_error **error);

/**
 * Changes: PUT. As uservoice_post(), but sent again as a reading call is,
 * since it does the same when done twice.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_put(const uservoice_client *client,
                               const uservoice_token *token,
                               const char *path,
                               const char *params_json,
                               char **json,
                               uservoice_error **error);

/**
 * Deletes: DELETE. As uservoice_get(): `params_json` is the query.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_delete(const uservoice_client *client,
                                  const uservoice_token *token,
                                  const char *path,
                                  const char *params_json,
                                  char **json,
                                  uservoice_error **error);

/**
 * Any call, with its whole answer: an error status is an answer here and not an
 * error.
 *
 * @param method  "GET", "HEAD", "DELETE" (`params_json` is the query), "POST",
 *     "PUT" or "PATCH" (it is the body).
 * @param headers_json  More headers as a JSON object of texts, or NULL. Accept,
 *     API-Client and User-Agent take the place of ours. Refused are those that
 *     say where the call goes, for whom, and how it is read: Accept-Encoding,
 *     Authorization, Connection, Content-Length, Content-Type, Expect, Host,
 *     Keep-Alive, Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade.
 * @param response_json  Out: {"status":200,"headers":{...},"body":...} with
 *     header names in lower case and the body as JSON, as a JSON string where
 *     it is not JSON, or null where it is empty; to be freed by
 *     uservoice_string_free().
 * @return any status but those of error answers to this call: USERVOICE_RATE_LIMITED
 *     where the limit is known to be used up, and USERVOICE_UNAUTHORIZED where the
 *     token could not be renewed. Blocks as uservoice_get().
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_request(const uservoice_client *client,
                                   const uservoice_token *token,
                                   const char *method,
                                   const char *path,
                                   const char *params_json,
                                   const char *headers_json,
                                   char **response_json,
                                   uservoice_error **error);

/**
 * Makes a single sign-on token, ready to stand in a URL:
 * `https://SUBDOMAIN.uservoice.com/?sso=TOKEN`.
 *
 * @param subdomain  The site's, "acme" of acme.uservoice.com.
 * @param sso_key    The site's SSO key (Admin Console, Settings, Channels).
 * @param user_json  The user as a JSON object: "guid", "email",
 *     "display_name", "trusted", "allow_forums" and so on. It is kept as it
 *     is; only "expires" is added where it is missing.
 * @param valid_for_seconds  From now, for that "expires", to 3162240000 (a hundred
 *     years); 0 means 300.
 * @param token      Out: the token, to be freed by uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
 *
 * Sends nothing and never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_sso_token(const char *subdomain,
                                     const char *sso_key,
                                     const char *user_json,
                                     int64_t valid_for_seconds,
                                     char **token,
                                     uservoice_error **error);

/**
 * Gives back the JSON that a single sign-on token was made from. "expires" is
 * in it and is not checked.
 *
 * @param subdomain  The site's.
 * @param sso_key    The site's SSO key.
 * @param token      The token, percent-encoded or not.
 * @param user_json  Out: the user, to be freed by uservoice_string_free().
 * @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the token is malformed or was made
 *     with another subdomain or key; USERVOICE_INVALID_ARGUMENT.
 *
 * Sends nothing and never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_sso_decrypt(const char *subdomain,
                                       const char *sso_key,
                                       const char *token,
                                       char **user_json,
                                       uservoice_error **error);

/**
 * Makes a single sign-on token of the kind that today's sites take: a JSON Web
 * Token (RFC 7519), signed with HS256. It goes where one of
 * uservoice_sso_token() goes.
 *
 * @param user_json  The user as a JSON object, with "guid" and "email". It is
 *     kept as it is; only "exp" is added where it has neither that, in seconds
 *     since 1970, nor "expires", as text "YYYY-MM-DD HH:MM:SS" in GMT.
 * @param valid_for_seconds  From now, for that "exp", to 3162240000 (a hundred
 *     years); 0 means 300.
 * @param jwt        Out: the token, to be freed by uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
 *
 * Sends nothing and never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_sso_jwt(const char *sso_key,
                                   const char *user_json,
                                   int64_t valid_for_seconds,
                                   char **jwt,
                                   uservoice_error **error);

/**
 * Gives back the claims of a JSON Web Token after a check of its signature, in
 * constant time and by HS256 only, and of its end: "exp" or "expires", one of
 * which must be there.
 *
 * @param leeway_seconds  The end may have passed by so much, for clocks that
 *     differ; 0 to 3162240000.
 * @param user_json  Out: the claims as they stand in the token, to be freed by
 *     uservoice_string_free().
 * @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the token is malformed, was signed
 *     with another key or algorithm, or has expired; USERVOICE_INVALID_ARGUMENT.
 *
 * Sends nothing and never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_sso_jwt_verify(const char *sso_key,
                                          const char *jwt,
                                          int64_t leeway_seconds,
                                          char **user_json,
                                          uservoice_error **error);

/**
 * The URL that logs a person in: the site's page with the token.
 *
 * @param token        Of uservoice_sso_token() or uservoice_sso_jwt().
 * @param return_path  The page within the site, such as "/forums/1"; NULL for
 *     the front page.
 * @param url          Out: to be freed by uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT.
 *
 * Sends nothing and never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_sso_url(const uservoice_client *client,
                                   const char *token,
                                   const char *return_path,
                                   char **url,
                                   uservoice_error **error);

/**
 * Makes a token from its two parts, as they were kept (OAuth 1.0a).
 *
 * @param token   The token itself; not empty.
 * @param secret  Its secret; may be "".
 * @param out     Out: the token, to be freed by uservoice_token_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_token_new(const char *token,
                                     const char *secret,
                                     uservoice_token **out,
                                     uservoice_error **error);

/**
 * Restores a token from what uservoice_token_json() gave.
 *
 * @param out  Out: the token, to be freed by uservoice_token_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_token_from_json(const char *json,
                                           uservoice_token **out,
                                           uservoice_error **error);

/**
 * Everything needed to restore the token, as JSON: keep it as the secret that
 * it is. Of a token that renews itself, as it is now. The API secret is never in
 * it.
 *
 * @param json  Out: the text, to be freed by uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_token_json(const uservoice_token *token,
                                      char **json,
                                      uservoice_error **error);

/**
 * The token itself, valid until it is freed; of one that renews itself the first
 * one. NULL for NULL.
 */
USERVOICE_API
const char *uservoice_token_value(const uservoice_token *token);

/**
 * The token's secret, valid until the token is freed. NULL for NULL, and for a
 * bearer token, which has none.
 */
USERVOICE_API
const char *uservoice_token_secret(const uservoice_token *token);

/**
 * Frees a token and the texts borrowed from it. NULL is allowed.
 */
USERVOICE_API
void uservoice_token_free(uservoice_token *token);

/**
 * Checks, in constant time, that the data of a web hook were signed with the
 * site's SSO key (HMAC-SHA256).
 *
 * @param data       The delivery's field "data" as text, decoded from its form.
 * @param data_len   Its length in bytes.
 * @param signature  The field "signature": hexadecimal or base64.
 * @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the signature is not that of the
 *     data and key; USERVOICE_INVALID_ARGUMENT. Sends nothing and never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_webhook_verify(const char *sso_key,
                                          const char *data,
                                          size_t data_len,
                                          const char *signature,
                                          uservoice_error **error);

/**
 * Reads a web hook's delivery after a check of its signature. The service signs
 * the data and not the event: look at the data for what matters.
 *
 * @param body      The request's body as it came, form-encoded.
 * @param body_len  Its length in bytes.
 * @param json      Out: {"event":"new_suggestion","data":{...}} with the data as
 *     they came; to be freed by uservoice_string_free().
 * @return USERVOICE_OK; USERVOICE_NOT_VERIFIED if the signature is not that of the
 *     data and key; USERVOICE_INVALID_ARGUMENT. Sends nothing and never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_webhook_read(const char *sso_key,
                                        const char *body,
                                        size_t body_len,
                                        char **json,
                                        uservoice_error **error);

/**
 * Signs data as the service signs those of a webhook, for tests of a program that
 * receives webhooks.
 *
 * @param data       The data; any bytes.
 * @param data_len   Their length in bytes.
 * @param signature  Out: the HMAC-SHA256 in hexadecimal, 64 characters. Free it with
 *     uservoice_string_free().
 * @return USERVOICE_OK or USERVOICE_INVALID_ARGUMENT. Never blocks.
 */
USERVOICE_API
USERVOICE_MUST_USE
uservoice_status uservoice_webhook_sign(const char *sso_key,
                                        const char *data,
                                        size_t data_len,
                                        char **signature,
                                        uservoice_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* USERVOICE_H */
