//go:build cgo

package uservoice

// The only file that calls into C. What it gives is Go's: C's errors and texts are
// copied and freed here.

/*
#include <string.h>
#include <uservoice.h>

#if USERVOICE_VERSION_MAJOR != 0 || USERVOICE_VERSION_MINOR < 1
#error "This version of the Go package needs libuservoice 0.1 or later, below 1.0: install it, or set PKG_CONFIG_PATH to where it is."
#endif

extern void uservoiceGoLog(int32_t level, char *line, uintptr_t sink); // log.go

static void tell_go(int32_t level, const char *line, void *sink)
{
	uservoiceGoLog(level, (char *)line, (uintptr_t)sink);
}

// With the sink as a number, since Go has no pointers that point nowhere.
static uservoice_status set_log(uservoice_client *client, int32_t level, uintptr_t sink,
                                uservoice_error **error)
{
	return uservoice_client_set_log(client, level, level == USERVOICE_LOG_OFF ? NULL : tell_go,
	                                (void *)sink, error);
}
*/
import "C"

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unsafe"
)

type (
	nativeClient     = C.uservoice_client
	nativeCollection = C.uservoice_collection
	nativeExport     = C.uservoice_export
	nativeToken      = C.uservoice_token
)

// usable tells when the library that was loaded does not fit the header that this
// package was compiled with.
var usable = sync.OnceValue(func() error {
	return fits(Version(), C.USERVOICE_VERSION)
})

// Version gives the version of the C library that was loaded, such as "0.1.0".
func Version() string { return C.GoString(C.uservoice_version()) }

func statusName(status Status) string {
	return C.GoString(C.uservoice_status_name(C.uservoice_status(status)))
}

// texts makes C's texts of Go's. C reads them during the call only, so they are in
// Go's memory.
type texts struct{ err error }

func (t *texts) required(name, text string) *C.char {
	if strings.IndexByte(text, 0) >= 0 {
		t.err = invalidArgument("%s: must not hold a NUL byte", name)
	}
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(append([]byte(text), 0))))
}

// optional gives NULL for "".
func (t *texts) optional(name, text string) *C.char {
	if text == "" {
		return nil
	}
	return t.required(name, text)
}

// counted gives bytes whose number is told too: no NUL ends them.
func counted(data []byte) *C.char { return (*C.char)(unsafe.Pointer(unsafe.SliceData(data))) }

// take copies a text and frees it; nil for NULL.
func take(text *C.char) []byte {
	if text == nil {
		return nil
	}
	defer C.uservoice_string_free(text)
	return bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(text)), C.strlen(text)))
}

// result gives the error of a failed call, and frees C's.
func result(status C.uservoice_status, failure *C.uservoice_error) error {
	if status == C.USERVOICE_OK {
		return nil
	}
	defer C.uservoice_error_free(failure)
	e := &Error{
		Status:     Status(C.uservoice_error_status(failure)),
		Message:    C.GoString(C.uservoice_error_message(failure)),
		HTTPStatus: int(C.uservoice_error_http_status(failure)),
		Type:       C.GoString(C.uservoice_error_type(failure)),
		Body:       C.GoString(C.uservoice_error_body(failure)),
		Outcome:    Outcome(C.uservoice_error_outcome(failure)),
	}
	if wait := C.uservoice_error_retry_after_ms(failure); wait > 0 {
		e.RetryAfter = time.Duration(wait) * time.Millisecond
	}
	return e
}

func newClient(subdomain, key, secret, options string) (*nativeClient, error) {
	var t texts
	cSubdomain, cKey := t.required("subdomain", subdomain), t.required("api_key", key)
	cSecret, cOptions := t.optional("api_secret", secret), t.optional("options", options)
	if t.err != nil {
		return nil, t.err
	}
	var client *nativeClient
	var failure *C.uservoice_error
	status := C.uservoice_client_new(cSubdomain, cKey, cSecret, cOptions, &client, &failure)
	return client, result(status, failure)
}

func cloneClient(client *nativeClient, options string) (*nativeClient, error) {
	var t texts
	cOptions := t.optional("options", options)
	if t.err != nil {
		return nil, t.err
	}
	var clone *nativeClient
	var failure *C.uservoice_error
	status := C.uservoice_client_clone(client, cOptions, &clone, &failure)
	return clone, result(status, failure)
}

// setLog turns the log off where there is no sink.
func setLog(client *nativeClient, to *sink) error {
	var level C.int32_t = C.USERVOICE_LOG_OFF
	var number C.uintptr_t
	if to != nil {
		level, number = C.USERVOICE_LOG_INFO, C.uintptr_t(to.number)
	}
	var failure *C.uservoice_error
	return result(C.set_log(client, level, number, &failure), failure)
}

func logLevel(level int32) slog.Level {
	if level == C.USERVOICE_LOG_WARNING {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func cancel(client *nativeClient) { C.uservoice_client_cancel(client) }

func freeClient(client *nativeClient) { C.uservoice_client_free(client) }

func call(client *nativeClient, token *nativeToken, method, path, params string) ([]byte, error) {
	var t texts
	cPath, cParams := t.required("path", path), t.optional("params", params)
	if t.err != nil {
		return nil, t.err
	}
	var answer *C.char
	var failure *C.uservoice_error
	var status C.uservoice_status
	switch method {
	case "GET":
		status = C.uservoice_get(client, token, cPath, cParams, &answer, &failure)
	case "POST":
		status = C.uservoice_post(client, token, cPath, cParams, &answer, &failure)
	case "PUT":
		status = C.uservoice_put(client, token, cPath, cParams, &answer, &failure)
	case "DELETE":
		status = C.uservoice_delete(client, token, cPath, cParams, &answer, &failure)
	default:
		panic("uservoice: no such method: " + method)
	}
	return take(answer), result(status, failure)
}

func request(client *nativeClient, token *nativeToken, method, path, params, headers string) ([]byte, error) {
	var t texts
	cMethod, cPath := t.required("method", method), t.required("path", path)
	cParams, cHeaders := t.optional("params", params), t.optional("headers", headers)
	if t.err != nil {
		return nil, t.err
	}
	var answer *C.char
	var failure *C.uservoice_error
	status := C.uservoice_request(client, token, cMethod, cPath, cParams, cHeaders, &answer, &failure)
	return take(answer), result(status, failure)
}

func requestToken(client *nativeClient) (*nativeToken, error) {
	var token *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_request_token(client, &token, &failure)
	return token, result(status, failure)
}

func authorizeURL(client *nativeClient, requestToken *nativeToken) (string, error) {
	var url *C.char
	var failure *C.uservoice_error
	status := C.uservoice_authorize_url(client, requestToken, &url, &failure)
	return string(take(url)), result(status, failure)
}

func loginWithVerifier(client *nativeClient, requestToken *nativeToken, verifier string) (*nativeToken, error) {
	var t texts
	cVerifier := t.required("verifier", verifier)
	if t.err != nil {
		return nil, t.err
	}
	var token *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_login_with_verifier(client, requestToken, cVerifier, &token, &failure)
	return token, result(status, failure)
}

func loginAs(client *nativeClient, token *nativeToken, email string) (*nativeToken, error) {
	var t texts
	cEmail := t.required("email", email)
	if t.err != nil {
		return nil, t.err
	}
	var as *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_login_as(client, token, cEmail, &as, &failure)
	return as, result(status, failure)
}

func loginAsOwner(client *nativeClient, token *nativeToken) (*nativeToken, error) {
	var as *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_login_as_owner(client, token, &as, &failure)
	return as, result(status, failure)
}

func loginWithClientCredentials(client *nativeClient) (*nativeToken, error) {
	var token *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_login_with_client_credentials(client, &token, &failure)
	return token, result(status, failure)
}

func loginWithPassword(client *nativeClient, email, password string) (*nativeToken, error) {
	var t texts
	cEmail, cPassword := t.required("email", email), t.required("password", password)
	if t.err != nil {
		return nil, t.err
	}
	var token *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_login_with_password(client, cEmail, cPassword, &token, &failure)
	return token, result(status, failure)
}

func authorizeCodeURL(client *nativeClient, redirectURI, state string) (url, verifier string, err error) {
	var t texts
	cRedirectURI, cState := t.required("redirect_uri", redirectURI), t.optional("state", state)
	if t.err != nil {
		return "", "", t.err
	}
	var cURL, cVerifier *C.char
	var failure *C.uservoice_error
	status := C.uservoice_authorize_code_url(client, cRedirectURI, cState, &cURL, &cVerifier, &failure)
	return string(take(cURL)), string(take(cVerifier)), result(status, failure)
}

func loginWithCode(client *nativeClient, code, verifier, redirectURI string) (*nativeToken, error) {
	var t texts
	cCode, cVerifier, cRedirectURI := t.required("code", code), t.required("code_verifier", verifier), t.required("redirect_uri", redirectURI)
	if t.err != nil {
		return nil, t.err
	}
	var token *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_login_with_code(client, cCode, cVerifier, cRedirectURI, &token, &failure)
	return token, result(status, failure)
}

func newToken(value, secret string) (*nativeToken, error) {
	var t texts
	cValue, cSecret := t.required("token", value), t.required("secret", secret)
	if t.err != nil {
		return nil, t.err
	}
	var token *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_token_new(cValue, cSecret, &token, &failure)
	return token, result(status, failure)
}

func tokenFromJSON(text string) (*nativeToken, error) {
	var t texts
	cText := t.required("json", text)
	if t.err != nil {
		return nil, t.err
	}
	var token *nativeToken
	var failure *C.uservoice_error
	status := C.uservoice_token_from_json(cText, &token, &failure)
	return token, result(status, failure)
}

func tokenJSON(token *nativeToken) ([]byte, error) {
	var text *C.char
	var failure *C.uservoice_error
	status := C.uservoice_token_json(token, &text, &failure)
	return take(text), result(status, failure)
}

func tokenValue(token *nativeToken) string { return C.GoString(C.uservoice_token_value(token)) }

func tokenSecret(token *nativeToken) string { return C.GoString(C.uservoice_token_secret(token)) }

func freeToken(token *nativeToken) { C.uservoice_token_free(token) }

func newCollection(client *nativeClient, token *nativeToken, path, params string, limit int64) (*nativeCollection, error) {
	var t texts
	cPath, cParams := t.required("path", path), t.optional("params", params)
	if t.err != nil {
		return nil, t.err
	}
	var collection *nativeCollection
	var failure *C.uservoice_error
	status := C.uservoice_collection_new(client, token, cPath, cParams, C.int64_t(limit), &collection, &failure)
	return collection, result(status, failure)
}

func collectionLen(collection *nativeCollection) (int, error) {
	var length C.size_t
	var failure *C.uservoice_error
	status := C.uservoice_collection_len(collection, &length, &failure)
	return int(length), result(status, failure)
}

func collectionGet(collection *nativeCollection, index int) ([]byte, error) {
	var record *C.char
	var failure *C.uservoice_error
	status := C.uservoice_collection_get(collection, C.size_t(index), &record, &failure)
	return take(record), result(status, failure)
}

// collectionNextPage gives nil at the end.
func collectionNextPage(collection *nativeCollection) ([]byte, error) {
	var records *C.char
	var failure *C.uservoice_error
	status := C.uservoice_collection_next_page(collection, &records, &failure)
	return take(records), result(status, failure)
}

func collectionInfo(collection *nativeCollection) ([]byte, error) {
	var info *C.char
	var failure *C.uservoice_error
	status := C.uservoice_collection_info(collection, &info, &failure)
	return take(info), result(status, failure)
}

func rewind(collection *nativeCollection) { C.uservoice_collection_rewind(collection) }

func freeCollection(collection *nativeCollection) { C.uservoice_collection_free(collection) }

func newExport(client *nativeClient, token *nativeToken, directory, options string) (*nativeExport, error) {
	var t texts
	cDirectory, cOptions := t.required("directory", directory), t.required("options", options)
	if t.err != nil {
		return nil, t.err
	}
	var export *nativeExport
	var failure *C.uservoice_error
	status := C.uservoice_export_new(client, token, cDirectory, cOptions, &export, &failure)
	return export, result(status, failure)
}

// exportNext gives nil at the end.
func exportNext(export *nativeExport) ([]byte, error) {
	var progress *C.char
	var failure *C.uservoice_error
	status := C.uservoice_export_next(export, &progress, &failure)
	return take(progress), result(status, failure)
}

func freeExport(export *nativeExport) { C.uservoice_export_free(export) }

func ssoToken(subdomain, key, user string, seconds int64) (string, error) {
	var t texts
	cSubdomain, cKey, cUser := t.required("subdomain", subdomain), t.required("sso_key", key), t.required("user", user)
	if t.err != nil {
		return "", t.err
	}
	var token *C.char
	var failure *C.uservoice_error
	status := C.uservoice_sso_token(cSubdomain, cKey, cUser, C.int64_t(seconds), &token, &failure)
	return string(take(token)), result(status, failure)
}

func ssoDecrypt(subdomain, key, token string) ([]byte, error) {
	var t texts
	cSubdomain, cKey, cToken := t.required("subdomain", subdomain), t.required("sso_key", key), t.required("token", token)
	if t.err != nil {
		return nil, t.err
	}
	var user *C.char
	var failure *C.uservoice_error
	status := C.uservoice_sso_decrypt(cSubdomain, cKey, cToken, &user, &failure)
	return take(user), result(status, failure)
}

func ssoJWT(key, user string, seconds int64) (string, error) {
	var t texts
	cKey, cUser := t.required("sso_key", key), t.required("user", user)
	if t.err != nil {
		return "", t.err
	}
	var jwt *C.char
	var failure *C.uservoice_error
	status := C.uservoice_sso_jwt(cKey, cUser, C.int64_t(seconds), &jwt, &failure)
	return string(take(jwt)), result(status, failure)
}

func ssoVerifyJWT(key, jwt string, leeway int64) ([]byte, error) {
	var t texts
	cKey, cJWT := t.required("sso_key", key), t.required("jwt", jwt)
	if t.err != nil {
		return nil, t.err
	}
	var user *C.char
	var failure *C.uservoice_error
	status := C.uservoice_sso_jwt_verify(cKey, cJWT, C.int64_t(leeway), &user, &failure)
	return take(user), result(status, failure)
}

func ssoURL(client *nativeClient, token, returnPath string) (string, error) {
	var t texts
	cToken, cReturnPath := t.required("token", token), t.optional("return_path", returnPath)
	if t.err != nil {
		return "", t.err
	}
	var url *C.char
	var failure *C.uservoice_error
	status := C.uservoice_sso_url(client, cToken, cReturnPath, &url, &failure)
	return string(take(url)), result(status, failure)
}

func verifyWebhook(key string, data []byte, signature string) error {
	var t texts
	cKey, cSignature := t.required("sso_key", key), t.required("signature", signature)
	if t.err != nil {
		return t.err
	}
	var failure *C.uservoice_error
	status := C.uservoice_webhook_verify(cKey, counted(data), C.size_t(len(data)), cSignature, &failure)
	return result(status, failure)
}

func readWebhook(key string, body []byte) ([]byte, error) {
	var t texts
	cKey := t.required("sso_key", key)
	if t.err != nil {
		return nil, t.err
	}
	var delivery *C.char
	var failure *C.uservoice_error
	status := C.uservoice_webhook_read(cKey, counted(body), C.size_t(len(body)), &delivery, &failure)
	return take(delivery), result(status, failure)
}
