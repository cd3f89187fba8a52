/*
 * libuservoice 0.1.0: a client library for the UserVoice API.
 * Generated from src/ffi by `make header`. The manual is in docs/.
 *
 * Conventions, for every function:
 *  - A function that can fail returns a uservoice_status: USERVOICE_OK (0) on success,
 *    else a status that its comment names; USERVOICE_INVALID_ARGUMENT if it names none.
 *    Its results are out-parameters ("Out:"), which are NULL or 0 on failure.
 *  - The last parameter `error` receives an error object on failure, to be freed with
 *    uservoice_error_free(), and NULL on success. NULL: the status is enough.
 *  - Strings are UTF-8 and NUL-terminated. You own a returned `char *`: free it with
 *    uservoice_string_free(), and do not write a NUL into it before. A returned
 *    `const char *` is borrowed from its handle and valid until the handle is freed.
 *  - Pointers must not be NULL unless the comment permits it. Any other NULL, and a
 *    string that is not UTF-8, fails with USERVOICE_INVALID_ARGUMENT; a token, JWT or
 *    signature to verify that is not UTF-8, with USERVOICE_NOT_VERIFIED.
 *  - Options, parameters and records are JSON.
 *  - Any number of threads may use a handle at once, but none while it is freed. Tokens,
 *    collections and exports remain valid when their client is freed.
 *  - "Blocks" means: sends requests and waits for the responses, until a timeout of the
 *    options expires, or uservoice_client_cancel() or an interrupt callback ends the
 *    call. Other functions do not use the network.
 *  - After fork() both processes may use their handles, except that an export belongs to
 *    the process that opened it: see docs/guides/threads-and-fork.md.
 *  - Callbacks are called on the threads that call the library and on no others, perhaps
 *    on several at once. They may use the library, but not the collection or export that
 *    waits, and must not free a handle in use. They must return normally: no exception,
 *    longjmp() or pthread_exit(). Deferred pthread_cancel() waits for a call to end.
 *  - The library prints nothing, does not exit, and installs no signal handler. It aborts
 *    only if a small allocation fails; without memory for a response, a function fails.
 *    A call needs 64 KiB of stack, or 96 KiB through a proxy that is reached by https.
 */

#ifndef USERVOICE_H
#define USERVOICE_H

#include <stddef.h>
#include <stdint.h>

#define USERVOICE_VERSION "0.1.0"
#define USERVOICE_VERSION_MAJOR 0
#define USERVOICE_VERSION_MINOR 1
#define USERVOICE_VERSION_PATCH 0

/* The CMake target and pkg-config file of the shared library define USERVOICE_SHARED. */
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

#ifdef __cplusplus
extern "C" {
#endif

/* Types */

/** One site and API key, with connections, rate limits and options. */
typedef struct uservoice_client uservoice_client;

/**
 * An access token, which says who the acting user is: an OAuth 1.0a token with its
 * secret, or an OAuth 2 bearer token. Also a request token (OAuth 1.0a).
 */
typedef struct uservoice_token uservoice_token;

/** A sequence of records that is loaded page by page as it is read. */
typedef struct uservoice_collection uservoice_collection;

/** A resumable export of lists into the files of a directory. */
typedef struct uservoice_export uservoice_export;

/** The details of a failure. Immutable. */
typedef struct uservoice_error uservoice_error;

/** The result of a function that can fail: one of the status codes. */
typedef int32_t uservoice_status;

/* Status codes. Values never change; treat those that you do not know as failures. */

/** Success. */
#define USERVOICE_OK 0
/** The caller's mistake. Nothing was sent. The error names the argument. */
#define USERVOICE_INVALID_ARGUMENT 1
/** A single sign-on token, JWT or webhook is forged, malformed or expired. */
#define USERVOICE_NOT_VERIFIED 2
/** Error type "unauthorized", HTTP 401 or 403, or HTTP 400 from the token endpoint. */
#define USERVOICE_UNAUTHORIZED 10
/** Error type "record_not_found", or HTTP 404. */
#define USERVOICE_NOT_FOUND 11
/** HTTP 429 after all retries, or the rate limit's wait exceeds max_retry_wait_ms. */
#define USERVOICE_RATE_LIMITED 12
/** Error type "application_error", or HTTP 5xx. */
#define USERVOICE_APPLICATION_ERROR 13
/** Any other error response, such as "record_invalid" with HTTP 422. */
#define USERVOICE_API_ERROR 14
/** No complete response: name lookup, connection, TLS or reset. */
#define USERVOICE_TRANSPORT 20
/** A timeout of the options expired. */
#define USERVOICE_TIMEOUT 21
/** uservoice_client_cancel() or an interrupt callback ended the call. */
#define USERVOICE_CANCELLED 22
/** The response is not JSON, nested deeper than 128 levels, too large, or not a list. */
#define USERVOICE_BAD_RESPONSE 23
/** A file or directory of an export cannot be used; the message names it. */
#define USERVOICE_FILE_ERROR 30
/** A bug in this library. Please report it with the message. */
#define USERVOICE_INTERNAL 99

/**
 * Returns the name of a status code, such as "NOT_FOUND" for USERVOICE_NOT_FOUND, or
 * "UNKNOWN". A static string: do not free it.
 */
USERVOICE_API
const char *uservoice_status_name(uservoice_status status);

/* Library */

/** Returns the version of the library that was loaded, a static string: "0.1.0". */
USERVOICE_API
const char *uservoice_version(void);

/** Overwrites and frees a string that was returned as `char *`. NULL is allowed. */
USERVOICE_API
void uservoice_string_free(char *string);

/* Client */

/**
 * Creates a client for one site. Sends nothing.
 *
 * @param subdomain   The site: "acme" of acme.uservoice.com. 1 to 63 letters, digits, -, _.
 * @param api_key     The API key (Admin Console, Settings, Integrations).
 * @param api_secret  Its secret. NULL: requests are unsigned and read public data only.
 * @param options_json  A JSON object with any of the options below, or NULL.
 * @param client  Out: the client. Free it with uservoice_client_free().
 *
 * | key                  | default         | meaning |
 * | -------------------- | --------------- | ------- |
 * | protocol             | "https"         | "http" only for loopback hosts, unless allow_insecure is true |
 * | uservoice_domain     | "uservoice.com" | the site is protocol://subdomain.uservoice_domain |
 * | base_url             | none            | the origin, such as "http://127.0.0.1:8080"; replaces the two above |
 * | callback             | "oob"           | where UserVoice redirects after "Allow"; "oob": it shows a code |
 * | timeout_ms           | 30000           | one attempt, from connecting to the last byte; 1 to 86400000 |
 * | connect_timeout_ms   | 10000           | name lookup, connection and TLS; 1 to 86400000 |
 * | max_retries          | 2               | retries of one request; 0 to 100 |
 * | max_retry_wait_ms    | 60000           | a longer wait is returned as an error, not slept; 0 to 86400000 |
 * | max_idle_connections | 16              | idle connections kept open; 1 to 1024 |
 * | prefetch_pages       | 4               | pages that a collection loads ahead of its reader; 0 to 64 |
 * | per_page             | 100             | records per page of a collection; 1 to 100 |
 * | max_request_bytes    | 67108864        | a larger request body is an INVALID_ARGUMENT; 1 to 1099511627776 |
 * | max_response_bytes   | 67108864        | a larger response fails with BAD_RESPONSE; 1 to 1099511627776 |
 * | ca_file              | the system's    | PEM file of the certificate authorities to trust; read at once |
 * | proxy                | environment     | "http://user:password@host:port", or https; "" for none |
 * | user_agent           | none            | prefix of the header User-Agent, such as "MyApp/1.0" |
 * | language             | "rust"          | the language that User-Agent and API-Client name; bindings set it |
 * | whole_pages          | false           | uservoice_collection_next_page() returns complete responses |
 * | allow_insecure       | false           | permit plain http to other hosts than loopback |
 *
 * Requests that fail are retried where that is safe, and requests wait for the rate
 * limit of the service, which all clients of the process with the same site and key
 * share: docs/reliability.md. The proxy of the environment: docs/reference/options.md.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_client_new(const char *subdomain, const char *api_key,
    const char *api_secret, const char *options_json, uservoice_client **client,
    uservoice_error **error);

/**
 * Creates another handle for the same site and API key, which can be cancelled
 * by itself. It shares connections and the retry budget with `client`, unless one
 * of the options that say where or how to connect differs.
 *
 * @param options_json  Options that replace those of `client`, or NULL.
 * @param clone  Out: the new handle. Free it with uservoice_client_free().
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_client_clone(const uservoice_client *client,
    const char *options_json, uservoice_client **clone, uservoice_error **error);

/**
 * Cancels all calls of this handle and of the collections and exports that were
 * created with it, permanently: they fail with USERVOICE_CANCELLED. Clones are
 * not affected. Does not wait for the calls. May be called from any thread, but
 * not from a signal handler. NULL is allowed.
 */
USERVOICE_API
void uservoice_client_cancel(const uservoice_client *client);

/** Returns non-zero to end the call that waits. */
typedef int32_t (*uservoice_interrupt_callback)(void *user_data);

/**
 * Sets, replaces or removes the function that may end calls of this handle, its
 * collections and exports, and of clones created afterwards, such as one that returns
 * the flag of a signal handler. A call that waits calls it at least every 50 ms,
 * and at once if a signal interrupts network I/O; if it returns non-zero, the call
 * fails with USERVOICE_CANCELLED and the handle remains usable. `user_data` must remain
 * valid until these handles are freed, or have another callback and no older call.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_client_set_interrupt(const uservoice_client *client,
    uservoice_interrupt_callback callback, void *user_data, uservoice_error **error);

/** Frees a handle. What was created with it remains valid. NULL is allowed. */
USERVOICE_API
void uservoice_client_free(uservoice_client *client);

/* Requests */

/**
 * Sends a GET request and returns the response body.
 *
 * @param token  The token of the acting user. NULL: the API key alone.
 * @param path   The path, with or without a query: "/api/v1/users?page=2". It
 *     begins with one '/', has no space, '\\', '#' or control character, and '%'
 *     only before two hexadecimal digits.
 * @param params_json  A JSON object whose members are appended to the query, or
 *     NULL. Strings, numbers and booleans are sent as they are and null is
 *     omitted; an array becomes repeated key[]= (under /api/v2/ one value with
 *     commas), an object becomes key[sub]=.
 * @param json   Out: the response body, byte for byte; "null" if it is empty.
 * @return Any status. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_get(const uservoice_client *client,
    const uservoice_token *token, const char *path, const char *params_json, char **json,
    uservoice_error **error);

/**
 * Sends a POST request: like uservoice_get(), but `params_json` is any JSON value
 * and is sent as the request body, byte for byte (NULL: {}). Retried only if
 * nothing was sent, or if the service refused the request with 429, or with 503
 * and Retry-After.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_post(const uservoice_client *client,
    const uservoice_token *token, const char *path, const char *params_json, char **json,
    uservoice_error **error);

/** Sends a PUT request: like uservoice_post(), but retried like a GET (idempotent). */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_put(const uservoice_client *client,
    const uservoice_token *token, const char *path, const char *params_json, char **json,
    uservoice_error **error);

/** Sends a DELETE request: like uservoice_get(), with `params_json` in the query. */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_delete(const uservoice_client *client,
    const uservoice_token *token, const char *path, const char *params_json, char **json,
    uservoice_error **error);

/**
 * Sends any request and returns the whole response. An error status such as 404
 * is a response here, not an error.
 *
 * @param method  "GET", "HEAD" or "DELETE" (`params_json` is the query), or "POST",
 *     "PUT" or "PATCH" (it is the body).
 * @param headers_json  A JSON object of request headers, or NULL. Accept, API-Client
 *     and User-Agent replace those of the library. Headers that the library controls,
 *     such as Authorization, Content-Type and Host, are rejected.
 * @param response_json  Out: {"status":200,"headers":{...},"body":...} with header
 *     names in lower case. The body is the JSON value, a string if it is not JSON, or
 *     null if it is empty. Free it with uservoice_string_free().
 * @return Any status; those of error responses (10 to 14) only if the rate limit is
 *     used up or a token could not be refreshed. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_request(const uservoice_client *client,
    const uservoice_token *token, const char *method, const char *path,
    const char *params_json, const char *headers_json, char **response_json,
    uservoice_error **error);

/**
 * Sends a request with any body: like uservoice_request(), with a raw body.
 *
 * @param method  "POST", "PUT", "PATCH" or "DELETE".
 * @param headers_json  As in uservoice_request(), and with Content-Type. A form
 *     (application/x-www-form-urlencoded) is UTF-8, has at most 1 MiB, and is part of an
 *     OAuth 1.0a signature.
 * @param body  The body, which is sent from where it is and not copied. NULL if empty.
 * @param body_len  Its length in bytes, at most that of the option max_request_bytes.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_send(const uservoice_client *client,
    const uservoice_token *token, const char *method, const char *path,
    const char *headers_json, const void *body, size_t body_len, char **response_json,
    uservoice_error **error);

/**
 * Uploads a file: a POST request with the field "file" as multipart/form-data, retried
 * like uservoice_post(). POST /api/v2/admin/attachments returns a token for
 * "attachment_tokens" of a suggestion or note.
 *
 * @param filename  The file name to send, without directories.
 * @param content_type  Such as "image/png". NULL: that of files with such a name.
 * @param data  The content, sent like the body of uservoice_send(). NULL if empty.
 * @param json  Out: the response body. Free it with uservoice_string_free().
 * @return Any status. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_upload(const uservoice_client *client,
    const uservoice_token *token, const char *path, const char *filename,
    const char *content_type, const void *data, size_t data_len, char **json,
    uservoice_error **error);

/* Collections */

/**
 * Creates a collection. Sends nothing: pages are loaded when they are needed.
 *
 * @param token  The token of the acting user. NULL: the API key alone.
 * @param path   The path of a list, such as "/api/v1/suggestions". A "page" or
 *     "cursor" in its query or in `params_json` sets where the collection begins;
 *     "per_page" replaces the option of that name.
 * @param params_json  A JSON object that is appended to the query, or NULL.
 * @param limit  The maximum number of records; -1: all.
 * @param out    Out: the collection. Free it with uservoice_collection_free().
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_collection_new(const uservoice_client *client,
    const uservoice_token *token, const char *path, const char *params_json,
    int64_t limit, uservoice_collection **out, uservoice_error **error);

/**
 * Returns the next record. Threads of the library prefetch the pages after it, as
 * many as the option "prefetch_pages" says. After an error, the next call continues
 * at the same record. An end that is not certain is USERVOICE_BAD_RESPONSE.
 *
 * @param json  Out: the record, or NULL with USERVOICE_OK at the end.
 * @return Any status. Blocks if the record is not loaded yet.
 *
 * ```c
 * char *record = NULL;
 * while (uservoice_collection_next(users, &record, &error) == USERVOICE_OK
 *        && record != NULL) {
 *     puts(record);
 *     uservoice_string_free(record);
 * }
 * ```
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_collection_next(uservoice_collection *collection, char **json,
    uservoice_error **error);

/**
 * Returns the records of the current page that uservoice_collection_next() has not
 * returned yet, or the whole next page. With the option "whole_pages" it returns
 * the complete response with that page, byte for byte.
 *
 * @param json_array  Out: an array of one or more records (with "whole_pages" an
 *     object), or NULL with USERVOICE_OK at the end.
 * @return Any status. Blocks if the page is not loaded yet.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_collection_next_page(uservoice_collection *collection,
    char **json_array, uservoice_error **error);

/**
 * Returns the total that the service reports with the first page, or the limit if
 * that is smaller.
 *
 * @return Any status; USERVOICE_BAD_RESPONSE if the service reports no total. Blocks
 *     if the first page is not loaded yet.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_collection_len(uservoice_collection *collection, size_t *len,
    uservoice_error **error);

/**
 * Returns the record at an index, and loads its page if necessary (in a list with
 * cursors, the pages before it too). Does not change what
 * uservoice_collection_next() returns next.
 *
 * @param index  The index, from 0.
 * @param json   Out: the record. Free it with uservoice_string_free().
 * @return Any status; USERVOICE_INVALID_ARGUMENT if `index` is past the end. Blocks
 *     if the page is not loaded yet.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_collection_get(uservoice_collection *collection, size_t index,
    char **json, uservoice_error **error);

/**
 * Returns the paging object of the page that was loaded last, which may be ahead of
 * the reader: "response_data" of API v1, "pagination" of API v2, or "null".
 *
 * @return Any status. Blocks if no page is loaded yet.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_collection_info(uservoice_collection *collection, char **json,
    uservoice_error **error);

/** Returns to the first record and discards all loaded pages. NULL is allowed. */
USERVOICE_API
void uservoice_collection_rewind(uservoice_collection *collection);

/**
 * Frees a collection. Cancels the requests of its threads and waits for the
 * threads to end. NULL is allowed.
 */
USERVOICE_API
void uservoice_collection_free(uservoice_collection *collection);

/* Errors. Strings are valid until the error is freed; of a NULL error they are NULL. */

/** Returns the status that the failed function returned; USERVOICE_OK for NULL. */
USERVOICE_API
uservoice_status uservoice_error_status(const uservoice_error *error);

/**
 * Returns one line in English for a person, without secrets. It begins with the
 * request or the invalid argument: "GET /api/v1/forums/9: HTTP 404: Forum not
 * found". "" for NULL.
 */
USERVOICE_API
const char *uservoice_error_message(const uservoice_error *error);

/**
 * Returns the request that failed, without its query: "GET /api/v1/forums/9".
 * After a redirect it is the redirected request, and POST /api/v2/oauth/token if a
 * token could not be refreshed. NULL if the error belongs to no request.
 */
USERVOICE_API
const char *uservoice_error_request(const uservoice_error *error);

/**
 * Returns the invalid input: the name of a parameter of this header without
 * "_json", or a member of it, such as "path" or "options.timeout_ms". NULL unless
 * the status is USERVOICE_INVALID_ARGUMENT.
 */
USERVOICE_API
const char *uservoice_error_argument(const uservoice_error *error);

/** Returns the HTTP status code of the response, complete or not; 0 without one. */
USERVOICE_API
int32_t uservoice_error_http_status(const uservoice_error *error);

/**
 * Returns the service's type of the error, such as "record_not_found", or the code of
 * an OAuth 2 error, such as "invalid_grant" (RFC 6749, section 5.2), or NULL.
 */
USERVOICE_API
const char *uservoice_error_type(const uservoice_error *error);

/**
 * Returns the response body; NULL if the response is incomplete, may contain a token,
 * or is too large for the memory that is left. Bytes that are not UTF-8 are replaced,
 * and the string ends before the first NUL.
 */
USERVOICE_API
const char *uservoice_error_body(const uservoice_error *error);

/**
 * Returns a response header by its name in any case, such as "X-Request-Id"; NULL if the
 * response, complete or not, has none. Values of a repeated header are joined with ", ".
 */
USERVOICE_API
const char *uservoice_error_header(const uservoice_error *error, const char *name);

/** Nothing was sent. */
#define USERVOICE_OUTCOME_NOT_SENT 0
/** Sent at least in part, without a complete response: a write may have been done. */
#define USERVOICE_OUTCOME_UNKNOWN 1
/** A response. With HTTP 408 or 5xx or BAD_RESPONSE, a write may have been done. */
#define USERVOICE_OUTCOME_ANSWERED 2

/**
 * Returns whether the request reached the service, which decides whether a write
 * may be sent again: one of USERVOICE_OUTCOME_*. Of several attempts the last one
 * that was sent counts. USERVOICE_OUTCOME_NOT_SENT for NULL.
 */
USERVOICE_API
int32_t uservoice_error_outcome(const uservoice_error *error);

/** Returns how long the service asks to wait, in milliseconds; -1 if it does not say. */
USERVOICE_API
int64_t uservoice_error_retry_after_ms(const uservoice_error *error);

/** Frees an error. NULL is allowed. */
USERVOICE_API
void uservoice_error_free(uservoice_error *error);

/* Tokens: values that may be stored */

/**
 * Creates an OAuth 1.0a token from its two parts: `token` is not empty, `secret` may be
 * "". Free it with uservoice_token_free().
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_token_new(const char *token, const char *secret,
    uservoice_token **out, uservoice_error **error);

/**
 * Returns everything that is needed to restore a token in another process. The JSON
 * is a secret. It has the current value of a token that was refreshed, and never
 * the API secret.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_token_json(const uservoice_token *token, char **json,
    uservoice_error **error);

/** Creates a token from the JSON of uservoice_token_json(), to be freed in the same way. */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_token_from_json(const char *json, uservoice_token **out,
    uservoice_error **error);

/** Returns the token as it was first issued, also after a refresh. NULL for NULL. */
USERVOICE_API
const char *uservoice_token_value(const uservoice_token *token);

/** Returns the token secret; NULL for a bearer token, which has none, and for NULL. */
USERVOICE_API
const char *uservoice_token_secret(const uservoice_token *token);

/** Frees a token and overwrites its memory. NULL is allowed. */
USERVOICE_API
void uservoice_token_free(uservoice_token *token);

/* Logins: functions that obtain a token */

/**
 * Obtains a request token, the first step of a three-legged login (RFC 5849,
 * section 2.1). Store it until the user returns: any process may finish the login.
 * The option "callback" says where UserVoice sends the user.
 *
 * @param request_token  Out: the token. Free it with uservoice_token_free().
 * @return Any status. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_request_token(const uservoice_client *client,
    uservoice_token **request_token, uservoice_error **error);

/** Returns the URL that asks the user for permission (RFC 5849, section 2.2). */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_authorize_url(const uservoice_client *client,
    const uservoice_token *request_token, char **url, uservoice_error **error);

/**
 * Exchanges a request token that the user has authorized for an access token (RFC
 * 5849, section 2.3).
 *
 * @param verifier  "oauth_verifier" of the redirect to the callback, or the code
 *     that the page showed to the user; blanks around it are removed.
 * @param token  Out: the access token. Free it with uservoice_token_free().
 * @return Any status. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_login_with_verifier(const uservoice_client *client,
    const uservoice_token *request_token, const char *verifier, uservoice_token **token,
    uservoice_error **error);

/**
 * Obtains an access token of the user with that e-mail address; the service creates
 * the user if necessary. Requires a trusted API key.
 *
 * @param token  The token to sign with. NULL: the API key alone.
 * @param user_token  Out: the access token. Free it with uservoice_token_free().
 * @return Any status. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_login_as(const uservoice_client *client,
    const uservoice_token *token, const char *email, uservoice_token **user_token,
    uservoice_error **error);

/** Obtains an access token of the owner of the site: see uservoice_login_as(). */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_login_as_owner(const uservoice_client *client,
    const uservoice_token *token, uservoice_token **owner_token,
    uservoice_error **error);

/**
 * Obtains a bearer token of the owner of the site for the Admin API (API v2), with
 * the API key and secret (RFC 6749, section 4.4). Requires a trusted API key. When
 * the token expires, the request that notices it obtains a new one.
 *
 * @param token  Out: the bearer token. Free it with uservoice_token_free().
 * @return Any status; USERVOICE_INVALID_ARGUMENT over plain http to other hosts than
 *     loopback, as with every OAuth 2 login and bearer token. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_login_with_client_credentials(const uservoice_client *client,
    uservoice_token **token, uservoice_error **error);

/**
 * Obtains a bearer token of a user for the Admin API, with the user's password (RFC
 * 6749, section 4.3). It is refreshed when it expires if the service has issued a
 * refresh token.
 *
 * @param token  Out: the bearer token. Free it with uservoice_token_free().
 * @return Any status. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_login_with_password(const uservoice_client *client,
    const char *email, const char *password, uservoice_token **token,
    uservoice_error **error);

/**
 * Returns the URL of the page that asks the user for permission to use the Admin or the
 * Idea Collection API (RFC 6749, section 4.1), with PKCE (RFC 7636, S256). The user
 * returns to `redirect_uri` with "code" and "state". Needs no API secret.
 *
 * @param redirect_uri   Where the user returns to: a URL without a fragment.
 * @param state          A value that you compare with the returned "state", to
 *     detect forged redirects. NULL: a random one, which is in the URL.
 * @param url            Out: the URL. Free it with uservoice_string_free().
 * @param code_verifier  Out: the secret for uservoice_login_with_code(). NULL: without PKCE.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_authorize_code_url(const uservoice_client *client,
    const char *redirect_uri, const char *state, char **url, char **code_verifier,
    uservoice_error **error);

/**
 * Exchanges the code that the user returned with for a bearer token (RFC 6749,
 * section 4.1.3). It is refreshed like that of uservoice_login_with_password().
 *
 * @param code           "code" of the redirect.
 * @param code_verifier  That of uservoice_authorize_code_url(). NULL: without PKCE.
 * @param redirect_uri   As in uservoice_authorize_code_url().
 * @param token          Out: the bearer token. Free it with uservoice_token_free().
 * @return Any status. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_login_with_code(const uservoice_client *client,
    const char *code, const char *code_verifier, const char *redirect_uri,
    uservoice_token **token, uservoice_error **error);

/* Single sign-on: tokens are created and verified without the network */

/**
 * Creates an encrypted single sign-on token (AES-128-CBC), percent-encoded for a URL.
 *
 * @param subdomain  The site: "acme" of acme.uservoice.com.
 * @param sso_key    The SSO key of the site (Admin Console, Settings, Channels).
 * @param user_json  The user as a JSON object: "guid", "email", "display_name" and
 *     others. It is encrypted unchanged, with "expires" added if that is missing.
 * @param valid_for_seconds  The time until "expires": 1 to 3162240000; 0: 300.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_sso_token(const char *subdomain, const char *sso_key,
    const char *user_json, int64_t valid_for_seconds, char **token,
    uservoice_error **error);

/**
 * Decrypts a token of uservoice_sso_token(). Does not check "expires".
 *
 * @param token      The token, percent-encoded or not. Spaces in place of '+', line breaks
 *     and missing padding do no harm.
 * @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_sso_decrypt(const char *subdomain, const char *sso_key,
    const char *token, char **user_json, uservoice_error **error);

/**
 * Creates a single sign-on token of the newer kind, a JSON Web Token (RFC 7519, HS256).
 *
 * @param user_json  The user as a JSON object with "guid" and "email". It becomes the
 *     payload, with "exp" added unless it has "exp" (in seconds since 1970) or
 *     "expires" ("YYYY-MM-DD HH:MM:SS" in GMT).
 * @param valid_for_seconds  The time until "exp": 1 to 3162240000; 0: 300.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_sso_jwt(const char *sso_key, const char *user_json,
    int64_t valid_for_seconds, char **jwt, uservoice_error **error);

/**
 * Verifies a JSON Web Token and returns its claims. The algorithm must be HS256, without
 * extensions ("crit"). "exp" or "expires" is required and must not have passed, "nbf"
 * must have. A token for an audience ("aud") is not verified.
 *
 * @param leeway_seconds  The tolerance of "exp", "expires" and "nbf", for clocks that
 *     differ: 0 to 3162240000.
 * @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_sso_jwt_verify(const char *sso_key, const char *jwt,
    int64_t leeway_seconds, char **user_json, uservoice_error **error);

/**
 * Returns the URL that logs a user in on the site.
 *
 * @param token        A token of uservoice_sso_token() or uservoice_sso_jwt().
 * @param return_path  The page to show, such as "/forums/1". NULL: the front page.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_sso_url(const uservoice_client *client, const char *token,
    const char *return_path, char **url, uservoice_error **error);

/* Webhooks: requests that the service sends to your server. That they are signed with the
 * SSO key, and how, has no public source of UserVoice's own: it is known from programs of
 * others that receive them. Check it with a webhook of your site. */

/**
 * Verifies a webhook request and returns its content. The signature covers the data
 * and not the name of the event.
 *
 * @param sso_key   The SSO key of the site. If empty: USERVOICE_INVALID_ARGUMENT.
 * @param body      The request body: a form (application/x-www-form-urlencoded) of
 *     `body_len` bytes.
 * @param json      Out: {"event":"new_suggestion","data":{...}} with the data byte for
 *     byte. Free it with uservoice_string_free().
 * @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_webhook_read(const char *sso_key, const char *body,
    size_t body_len, char **json, uservoice_error **error);

/**
 * Verifies the signature of webhook data, an HMAC-SHA256, in constant time.
 *
 * @param data       The decoded form field "data", of `data_len` bytes.
 * @param signature  The form field "signature": hexadecimal or base64.
 * @return USERVOICE_OK, USERVOICE_NOT_VERIFIED or USERVOICE_INVALID_ARGUMENT.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_webhook_verify(const char *sso_key, const char *data,
    size_t data_len, const char *signature, uservoice_error **error);

/** Signs data as the service signs webhooks, to test a program that receives them. */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_webhook_sign(const char *sso_key, const char *data,
    size_t data_len, char **signature, uservoice_error **error);

/* JSON: what a program needs without a JSON library */

/** Returns a string as a JSON string: a"b becomes "a\"b", with the quotes. */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_json_quote(const char *string, char **json,
    uservoice_error **error);

/**
 * Returns the value that a JSON Pointer refers to (RFC 6901): a string decoded, any
 * other value as its JSON, byte for byte. If a key is repeated, its last value
 * counts.
 *
 * @param json     A JSON value, such as a response body.
 * @param pointer  "" for the whole value, or a path such as "/suggestions/0/title"; in
 *     a key, "~1" stands for '/' and "~0" for '~'.
 * @param value    Out: the value, or NULL with USERVOICE_OK if there is none; "null" if
 *     it is null. Free it with uservoice_string_free().
 * @return USERVOICE_OK, or USERVOICE_INVALID_ARGUMENT, also if the string has U+0000.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_json_get(const char *json, const char *pointer, char **value,
    uservoice_error **error);

/* Exports */

/**
 * Opens an export: a new one, or the one that was begun in the directory, which
 * continues where it stopped. After a complete run the next one appends what has
 * changed since. Sends nothing.
 *
 * @param token      The token of the acting user. The Admin API requires one, such as
 *     that of uservoice_login_with_client_credentials(). NULL: the API key alone.
 * @param directory  The directory, which is created if it is missing. One export at a
 *     time may use it.
 * @param options_json  A JSON object with the lists and the format of the files:
 *     {"resources":["suggestions","users"],"format":"csv"}. All options, and what is
 *     in the files: docs/guides/exports.md.
 * @param out  Out: the export. Free it with uservoice_export_free().
 * @return USERVOICE_OK, USERVOICE_FILE_ERROR or USERVOICE_INVALID_ARGUMENT; the last
 *     also if a resource was begun in this directory with other options.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_export_new(const uservoice_client *client,
    const uservoice_token *token, const char *directory, const char *options_json,
    uservoice_export **out, uservoice_error **error);

/**
 * Writes the next pages to their files, at first one, later those of 250 ms, and syncs
 * them. Threads of the library load up to four resources at once. After an error, the
 * next call retries what failed and continues with the other resources.
 *
 * @param progress_json  Out: {"resources":{"users":{"written":100,"total":250,
 *     "done":false}},"written":100,"total":250,"elapsed_ms":700,
 *     "records_per_second":142.9,"seconds_left":1.1} with null for what is not known
 *     yet, or NULL with USERVOICE_OK when the run is complete.
 * @return Any status; USERVOICE_INVALID_ARGUMENT in a forked child. Blocks.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_export_next(uservoice_export *export_, char **progress_json,
    uservoice_error **error);

/**
 * Frees an export. Its files remain, and a later export can continue it. Cancels the
 * requests of its threads and waits for the threads to end. NULL is allowed.
 */
USERVOICE_API
void uservoice_export_free(uservoice_export *export_);

/* Logging */

/** Log nothing. */
#define USERVOICE_LOG_OFF 0
/** Log attempts without a response (unless cancelled), and status codes 429 and 5xx. */
#define USERVOICE_LOG_WARNING 1
/** Log all attempts. */
#define USERVOICE_LOG_INFO 2

/** Receives one line, without a newline, which is valid during the call. */
typedef void (*uservoice_log_callback)(int32_t level, const char *line, void *user_data);

/**
 * Sets, replaces or removes the log of this handle, its collections and exports, and of
 * clones created afterwards: one line for each attempt of a request.
 * ```text
 * method=GET path=/api/v1/users?page status=503 duration_ms=12 attempt=1 retry_in_ms=500
 * ```
 * A status of 0 means that there was no response; then error="..." says why. The line
 * has the keys of the query and not their values, and no secrets.
 *
 * @param level      USERVOICE_LOG_OFF, USERVOICE_LOG_WARNING or USERVOICE_LOG_INFO.
 * @param callback   The function. What threads of a collection or export log is delivered
 *     by the next call that uses or frees it. NULL: the lines are kept for
 *     uservoice_client_take_log().
 * @param user_data  Passed to the callback. Must be valid until the log is replaced or
 *     these handles are freed, and the calls that are then in progress have returned.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_client_set_log(const uservoice_client *client, int32_t level,
    uservoice_log_callback callback, void *user_data, uservoice_error **error);

/**
 * Returns, and forgets, the newest 10,000 lines of a log without a callback: for a
 * language that must not be called back, because it may end the thread.
 *
 * @param lines_json  Out: [{"level":2,"line":"method=GET ..."}]; NULL if there are none.
 */
USERVOICE_API USERVOICE_MUST_USE
uservoice_status uservoice_client_take_log(const uservoice_client *client,
    char **lines_json, uservoice_error **error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* USERVOICE_H */
