//go:build cgo

package uservoice

// All calls into the C library are in this file. Its functions take and return Go values and
// errors; strings and errors that C returns are copied and freed here.

/*
#include <string.h>
#include <uservoice.h>
#include "call.h"
#ifdef __linux__
#include "thread_linux.h"
#endif

#if USERVOICE_VERSION_MAJOR != 0 || USERVOICE_VERSION_MINOR < 1
#error "This version of the Go package needs libuservoice 0.1 or later, below 1.0: install it, or set PKG_CONFIG_PATH to the directory of its uservoice.pc."
#endif

extern void uservoiceGoLog(int32_t level, char *line, uintptr_t logger); // log.go

static void log_callback(int32_t level, const char *line, void *logger)
{
#ifdef __linux__
	if (uservoice_go_thread_log(level, line, (uintptr_t)logger))
		return;
#endif
	uservoiceGoLog(level, (char *)line, (uintptr_t)logger);
}

// Takes the logger as a number, because a Go pointer must not hold an arbitrary number.
static uservoice_status set_log(uservoice_client *client, uintptr_t logger, uservoice_error **error)
{
	return uservoice_client_set_log(client, USERVOICE_LOG_INFO, log_callback, (void *)logger, error);
}
*/
import "C"

import (
	"bytes"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"
)

type (
	nativeCall       = C.struct_uservoice_go_call
	nativeClient     = C.uservoice_client
	nativeCollection = C.uservoice_collection
	nativeError      = C.uservoice_error
	nativeExport     = C.uservoice_export
	nativeStatus     = C.uservoice_status
	nativeToken      = C.uservoice_token
)

// checkLibrary fails if the loaded library cannot be used with the header that this package was
// compiled with.
var checkLibrary = sync.OnceValue(func() error {
	return checkVersion(Version(), C.USERVOICE_VERSION)
})

// Version returns the version of the loaded C library, such as "0.1.0".
func Version() string { return C.GoString(C.uservoice_version()) }

func statusName(status Status) string {
	return C.GoString(C.uservoice_status_name(nativeStatus(status)))
}

// Arguments

// cStrings converts Go strings to the string arguments of one call. The copies are in Go memory,
// because C reads them only during the call. Its error is the first argument that C cannot
// represent, and ends the call before it is made.
type cStrings struct{ err error }

func (s *cStrings) required(argument, value string) *C.char {
	if s.err == nil && strings.IndexByte(value, 0) >= 0 {
		s.err = invalidArgument(argument, "must not contain a NUL byte")
	}
	return bytesPointer(append([]byte(value), 0))
}

// optional returns NULL for "".
func (s *cStrings) optional(argument, value string) *C.char {
	if value == "" {
		return nil
	}
	return s.required(argument, value)
}

// untrusted replaces a string that C cannot represent by "". It is for a string that an attacker may
// have sent, so that it fails to verify instead of being reported as the caller's mistake.
func (s *cStrings) untrusted(argument, value string) *C.char {
	if strings.IndexByte(value, 0) >= 0 || !utf8.ValidString(value) {
		value = ""
	}
	return s.required(argument, value)
}

// bytesPointer returns a pointer to bytes, whose length is passed separately. It is not NULL for a
// nil slice, which the library would reject.
func bytesPointer(data []byte) *C.char {
	if data == nil {
		data = []byte{}
	}
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(data)))
}

// Results

// call calls a function of the library that has no output besides the error.
func call(args cStrings, function func(cErr **nativeError) nativeStatus) error {
	if args.err != nil {
		return args.err
	}
	var cErr *nativeError
	if function(&cErr) == C.USERVOICE_OK {
		return nil
	}
	return newError(cErr)
}

// callFor calls a function of the library that returns a value, such as a new object.
func callFor[T any](args cStrings, function func(out *T, cErr **nativeError) nativeStatus) (T, error) {
	var value T
	err := call(args, func(cErr **nativeError) nativeStatus { return function(&value, cErr) })
	return value, err
}

// callForBytes calls a function of the library that returns a string. It returns nil for NULL.
func callForBytes(args cStrings, function func(out **C.char, cErr **nativeError) nativeStatus) ([]byte, error) {
	cString, err := callFor(args, function)
	return takeString(cString), err
}

// callForString is callForBytes for a function that never returns NULL.
func callForString(args cStrings, function func(out **C.char, cErr **nativeError) nativeStatus) (string, error) {
	data, err := callForBytes(args, function)
	return string(data), err
}

// makeCall makes a call that returns a string. It returns nil for NULL.
func makeCall(args *cStrings, call nativeCall) ([]byte, error) {
	return callForBytes(*args, func(result **C.char, cErr **nativeError) nativeStatus {
		var pinner runtime.Pinner // another thread than the one of this function reads the arguments
		defer pinner.Unpin()
		for _, argument := range []*C.char{call.method, call.path, call.params, call.headers, call.filename, call.content_type, (*C.char)(call.body)} {
			if argument != nil {
				pinner.Pin(argument)
			}
		}
		makeOnThread(&call)
		*result, *cErr = call.result, call.error
		return call.status
	})
}

// takeString copies and frees a string of the library. It returns nil for NULL.
func takeString(cString *C.char) []byte {
	if cString == nil {
		return nil
	}
	defer C.uservoice_string_free(cString)
	return bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(cString)), C.strlen(cString)))
}

// newError converts an error of the library, and takes ownership of it.
func newError(cErr *nativeError) *Error {
	e := &Error{
		Status:     Status(C.uservoice_error_status(cErr)),
		Message:    C.GoString(C.uservoice_error_message(cErr)),
		Request:    C.GoString(C.uservoice_error_request(cErr)),
		HTTPStatus: int(C.uservoice_error_http_status(cErr)),
		Type:       C.GoString(C.uservoice_error_type(cErr)),
		Body:       C.GoString(C.uservoice_error_body(cErr)),
		Outcome:    Outcome(C.uservoice_error_outcome(cErr)),
	}
	if argument := C.GoString(C.uservoice_error_argument(cErr)); argument != "" {
		e.Argument = goArgument(argument)
		e.Message = e.Argument + strings.TrimPrefix(e.Message, argument)
	}
	if wait := C.uservoice_error_retry_after_ms(cErr); wait > 0 {
		e.RetryAfter = time.Duration(wait) * time.Millisecond
	}
	if e.HTTPStatus == 0 { // no headers
		freeError(cErr)
	} else {
		e.native = newHandle(cErr, freeError)
	}
	return e
}

// errorHeader returns "" if the response has no such header.
func errorHeader(cErr *nativeError, name string) string {
	var args cStrings
	cName := args.required("name", name)
	if args.err != nil {
		return ""
	}
	return C.GoString(C.uservoice_error_header(cErr, cName))
}

func freeError(cErr *nativeError) { C.uservoice_error_free(cErr) }

// Clients

func newClient(subdomain, apiKey, apiSecret, options string) (*nativeClient, error) {
	var args cStrings
	cSubdomain, cKey := args.required("subdomain", subdomain), args.required("apiKey", apiKey)
	cSecret, cOptions := args.optional("apiSecret", apiSecret), args.optional("options", options)
	return callFor(args, func(client **nativeClient, cErr **nativeError) nativeStatus {
		return C.uservoice_client_new(cSubdomain, cKey, cSecret, cOptions, client, cErr)
	})
}

func cloneClient(client *nativeClient, options string) (*nativeClient, error) {
	var args cStrings
	cOptions := args.optional("options", options)
	return callFor(args, func(clone **nativeClient, cErr **nativeError) nativeStatus {
		return C.uservoice_client_clone(client, cOptions, clone, cErr)
	})
}

func setLog(client *nativeClient, sink *logSink) error {
	return call(cStrings{}, func(cErr **nativeError) nativeStatus {
		return C.set_log(client, C.uintptr_t(sink.handle), cErr)
	})
}

func slogLevel(level int32) slog.Level {
	if level == C.USERVOICE_LOG_WARNING {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

func cancelClient(client *nativeClient) { C.uservoice_client_cancel(client) }

func freeClient(client *nativeClient) { C.uservoice_client_free(client) }

// Requests

// requestJSON sends a GET, POST, PUT or DELETE request.
func requestJSON(client *nativeClient, token *nativeToken, method, path, params string) ([]byte, error) {
	var args cStrings
	call := nativeCall{client: client, token: token, path: args.required("path", path), params: args.optional("params", params)}
	switch method {
	case "GET":
		call.function = C.USERVOICE_GO_GET
	case "POST":
		call.function = C.USERVOICE_GO_POST
	case "PUT":
		call.function = C.USERVOICE_GO_PUT
	case "DELETE":
		call.function = C.USERVOICE_GO_DELETE
	default:
		panic("uservoice: unexpected method " + method)
	}
	return makeCall(&args, call)
}

// request sends a request of any method and returns the response as JSON.
func request(client *nativeClient, token *nativeToken, method, path, params, headers string) ([]byte, error) {
	var args cStrings
	return makeCall(&args, nativeCall{
		function: C.USERVOICE_GO_REQUEST, client: client, token: token,
		method: args.required("method", method), path: args.required("path", path),
		params: args.optional("params", params), headers: args.optional("headers", headers),
	})
}

// send sends a request with a body and returns the response as JSON.
func send(client *nativeClient, token *nativeToken, method, path, headers string, body []byte) ([]byte, error) {
	var args cStrings
	return makeCall(&args, nativeCall{
		function: C.USERVOICE_GO_SEND, client: client, token: token,
		method: args.required("method", method), path: args.required("path", path),
		headers: args.optional("headers", headers), body: unsafe.Pointer(unsafe.SliceData(body)), body_len: C.size_t(len(body)),
	})
}

// upload sends a file as multipart/form-data and returns the body of the response.
func upload(client *nativeClient, token *nativeToken, path, filename, contentType string, data []byte) ([]byte, error) {
	var args cStrings
	return makeCall(&args, nativeCall{
		function: C.USERVOICE_GO_UPLOAD, client: client, token: token,
		path: args.required("path", path), filename: args.required("filename", filename),
		content_type: args.optional("content_type", contentType), body: unsafe.Pointer(unsafe.SliceData(data)), body_len: C.size_t(len(data)),
	})
}

// Collections

func newCollection(client *nativeClient, token *nativeToken, path, params string, limit int64) (*nativeCollection, error) {
	var args cStrings
	cPath, cParams := args.required("path", path), args.optional("params", params)
	return callFor(args, func(collection **nativeCollection, cErr **nativeError) nativeStatus {
		return C.uservoice_collection_new(client, token, cPath, cParams, C.int64_t(limit), collection, cErr)
	})
}

func collectionLen(collection *nativeCollection) (int, error) {
	length, err := callFor(cStrings{}, func(length *C.size_t, cErr **nativeError) nativeStatus {
		return C.uservoice_collection_len(collection, length, cErr)
	})
	return int(length), err
}

func collectionGet(collection *nativeCollection, index int) ([]byte, error) {
	return callForBytes(cStrings{}, func(record **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_collection_get(collection, C.size_t(index), record, cErr)
	})
}

// collectionNextPage returns nil at the end of the collection.
func collectionNextPage(collection *nativeCollection) ([]byte, error) {
	return makeCall(&cStrings{}, nativeCall{function: C.USERVOICE_GO_NEXT_PAGE, collection: collection})
}

func collectionInfo(collection *nativeCollection) ([]byte, error) {
	return callForBytes(cStrings{}, func(info **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_collection_info(collection, info, cErr)
	})
}

func rewindCollection(collection *nativeCollection) { C.uservoice_collection_rewind(collection) }

func freeCollection(collection *nativeCollection) { C.uservoice_collection_free(collection) }

// Exports

func newExport(client *nativeClient, token *nativeToken, directory, options string) (*nativeExport, error) {
	var args cStrings
	cDirectory, cOptions := args.required("directory", directory), args.required("options", options)
	return callFor(args, func(export **nativeExport, cErr **nativeError) nativeStatus {
		return C.uservoice_export_new(client, token, cDirectory, cOptions, export, cErr)
	})
}

// exportNext returns nil at the end of the export.
func exportNext(export *nativeExport) ([]byte, error) {
	return callForBytes(cStrings{}, func(progress **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_export_next(export, progress, cErr)
	})
}

func freeExport(export *nativeExport) { C.uservoice_export_free(export) }

// Tokens

func newToken(value, secret string) (*nativeToken, error) {
	var args cStrings
	cValue, cSecret := args.required("token", value), args.required("secret", secret)
	return callFor(args, func(token **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_token_new(cValue, cSecret, token, cErr)
	})
}

func tokenFromJSON(tokenJSON string) (*nativeToken, error) {
	var args cStrings
	cJSON := args.required("json", tokenJSON)
	return callFor(args, func(token **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_token_from_json(cJSON, token, cErr)
	})
}

func tokenJSON(token *nativeToken) ([]byte, error) {
	return callForBytes(cStrings{}, func(json **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_token_json(token, json, cErr)
	})
}

func tokenValue(token *nativeToken) string { return C.GoString(C.uservoice_token_value(token)) }

func tokenSecret(token *nativeToken) string { return C.GoString(C.uservoice_token_secret(token)) }

func freeToken(token *nativeToken) { C.uservoice_token_free(token) }

// Logins

func loginAs(client *nativeClient, token *nativeToken, email string) (*nativeToken, error) {
	var args cStrings
	cEmail := args.required("email", email)
	return callFor(args, func(user **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_login_as(client, token, cEmail, user, cErr)
	})
}

func loginAsOwner(client *nativeClient, token *nativeToken) (*nativeToken, error) {
	return callFor(cStrings{}, func(owner **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_login_as_owner(client, token, owner, cErr)
	})
}

func requestToken(client *nativeClient) (*nativeToken, error) {
	return callFor(cStrings{}, func(token **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_request_token(client, token, cErr)
	})
}

func authorizeURL(client *nativeClient, requestToken *nativeToken) (string, error) {
	return callForString(cStrings{}, func(url **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_authorize_url(client, requestToken, url, cErr)
	})
}

func loginWithVerifier(client *nativeClient, requestToken *nativeToken, verifier string) (*nativeToken, error) {
	var args cStrings
	cVerifier := args.required("verifier", verifier)
	return callFor(args, func(token **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_login_with_verifier(client, requestToken, cVerifier, token, cErr)
	})
}

func loginWithClientCredentials(client *nativeClient) (*nativeToken, error) {
	return callFor(cStrings{}, func(token **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_login_with_client_credentials(client, token, cErr)
	})
}

func loginWithPassword(client *nativeClient, email, password string) (*nativeToken, error) {
	var args cStrings
	cEmail, cPassword := args.required("email", email), args.required("password", password)
	return callFor(args, func(token **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_login_with_password(client, cEmail, cPassword, token, cErr)
	})
}

func authorizeCodeURL(client *nativeClient, redirectURI, state string) (url, codeVerifier string, err error) {
	var args cStrings
	var cVerifier *C.char
	cRedirectURI, cState := args.required("redirectURI", redirectURI), args.optional("state", state)
	url, err = callForString(args, func(url **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_authorize_code_url(client, cRedirectURI, cState, url, &cVerifier, cErr)
	})
	return url, string(takeString(cVerifier)), err
}

func loginWithCode(client *nativeClient, code, codeVerifier, redirectURI string) (*nativeToken, error) {
	var args cStrings
	cCode, cVerifier := args.required("code", code), args.optional("codeVerifier", codeVerifier)
	cRedirectURI := args.required("redirectURI", redirectURI)
	return callFor(args, func(token **nativeToken, cErr **nativeError) nativeStatus {
		return C.uservoice_login_with_code(client, cCode, cVerifier, cRedirectURI, token, cErr)
	})
}

// Single sign-on

func ssoToken(subdomain, ssoKey, user string, validForSeconds int64) (string, error) {
	var args cStrings
	cSubdomain, cKey := args.required("subdomain", subdomain), args.required("ssoKey", ssoKey)
	cUser := args.required("user", user)
	return callForString(args, func(token **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_sso_token(cSubdomain, cKey, cUser, C.int64_t(validForSeconds), token, cErr)
	})
}

func ssoDecrypt(subdomain, ssoKey, token string) ([]byte, error) {
	var args cStrings
	cSubdomain, cKey := args.required("subdomain", subdomain), args.required("ssoKey", ssoKey)
	cToken := args.untrusted("token", token)
	return callForBytes(args, func(user **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_sso_decrypt(cSubdomain, cKey, cToken, user, cErr)
	})
}

func ssoJWT(ssoKey, user string, validForSeconds int64) (string, error) {
	var args cStrings
	cKey, cUser := args.required("ssoKey", ssoKey), args.required("user", user)
	return callForString(args, func(jwt **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_sso_jwt(cKey, cUser, C.int64_t(validForSeconds), jwt, cErr)
	})
}

func ssoVerifyJWT(ssoKey, jwt string, leewaySeconds int64) ([]byte, error) {
	var args cStrings
	cKey, cJWT := args.required("ssoKey", ssoKey), args.untrusted("jwt", jwt)
	return callForBytes(args, func(claims **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_sso_jwt_verify(cKey, cJWT, C.int64_t(leewaySeconds), claims, cErr)
	})
}

func ssoURL(client *nativeClient, token, returnPath string) (string, error) {
	var args cStrings
	cToken, cReturnPath := args.required("token", token), args.optional("returnPath", returnPath)
	return callForString(args, func(url **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_sso_url(client, cToken, cReturnPath, url, cErr)
	})
}

// Webhooks

func signWebhook(ssoKey string, data []byte) (string, error) {
	var args cStrings
	cKey := args.required("ssoKey", ssoKey)
	return callForString(args, func(signature **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_webhook_sign(cKey, bytesPointer(data), C.size_t(len(data)), signature, cErr)
	})
}

func verifyWebhook(ssoKey string, data []byte, signature string) error {
	var args cStrings
	cKey, cSignature := args.required("ssoKey", ssoKey), args.untrusted("signature", signature)
	return call(args, func(cErr **nativeError) nativeStatus {
		return C.uservoice_webhook_verify(cKey, bytesPointer(data), C.size_t(len(data)), cSignature, cErr)
	})
}

func readWebhook(ssoKey string, body []byte) ([]byte, error) {
	var args cStrings
	cKey := args.required("ssoKey", ssoKey)
	return callForBytes(args, func(webhook **C.char, cErr **nativeError) nativeStatus {
		return C.uservoice_webhook_read(cKey, bytesPointer(body), C.size_t(len(body)), webhook, cErr)
	})
}
