//go:build !cgo

package uservoice

import (
	"errors"
	"log/slog"
)

// Without cgo the package compiles, so that programs get a clear error at run time. Every
// function that creates an object calls checkLibrary first, and the others are never reached.

type (
	nativeClient     struct{}
	nativeCollection struct{}
	nativeError      struct{}
	nativeExport     struct{}
	nativeToken      struct{}
	logSink          struct{}
)

var errNoCgo = errors.New("uservoice: this program was built without cgo, which libuservoice requires: install a C compiler and libuservoice, and build with CGO_ENABLED=1")

func checkLibrary() error { return errNoCgo }

// Version returns the version of the loaded C library, such as "0.1.0".
func Version() string { return "" }

func statusName(Status) string                { return "UNKNOWN" }
func errorHeader(*nativeError, string) string { return "" }

func newClient(_, _, _, _ string) (*nativeClient, error)       { return nil, errNoCgo }
func cloneClient(*nativeClient, string) (*nativeClient, error) { return nil, errNoCgo }
func newLogSink(*slog.Logger) *logSink                         { return nil }
func setLog(*nativeClient, *logSink) error                     { return errNoCgo }
func cancelClient(*nativeClient)                               {}
func freeClient(*nativeClient)                                 {}

func requestJSON(*nativeClient, *nativeToken, string, string, string) ([]byte, error) {
	return nil, errNoCgo
}

func request(*nativeClient, *nativeToken, string, string, string, string) ([]byte, error) {
	return nil, errNoCgo
}

func send(*nativeClient, *nativeToken, string, string, string, []byte) ([]byte, error) {
	return nil, errNoCgo
}

func upload(*nativeClient, *nativeToken, string, string, string, []byte) ([]byte, error) {
	return nil, errNoCgo
}

func newCollection(*nativeClient, *nativeToken, string, string, int64) (*nativeCollection, error) {
	return nil, errNoCgo
}

func collectionLen(*nativeCollection) (int, error)         { return 0, errNoCgo }
func collectionGet(*nativeCollection, int) ([]byte, error) { return nil, errNoCgo }
func collectionNextPage(*nativeCollection) ([]byte, error) { return nil, errNoCgo }
func collectionInfo(*nativeCollection) ([]byte, error)     { return nil, errNoCgo }
func rewindCollection(*nativeCollection)                   {}
func freeCollection(*nativeCollection)                     {}

func newExport(*nativeClient, *nativeToken, string, string) (*nativeExport, error) {
	return nil, errNoCgo
}

func exportNext(*nativeExport) ([]byte, error) { return nil, errNoCgo }
func freeExport(*nativeExport)                 {}

func newToken(_, _ string) (*nativeToken, error)       { return nil, errNoCgo }
func tokenFromJSON(string) (*nativeToken, error)       { return nil, errNoCgo }
func tokenJSON(*nativeToken) ([]byte, error)           { return nil, errNoCgo }
func tokenValue(*nativeToken) string                   { return "" }
func tokenSecret(*nativeToken) string                  { return "" }
func freeToken(*nativeToken)                           {}
func requestToken(*nativeClient) (*nativeToken, error) { return nil, errNoCgo }

func loginAs(*nativeClient, *nativeToken, string) (*nativeToken, error) { return nil, errNoCgo }
func loginAsOwner(*nativeClient, *nativeToken) (*nativeToken, error)    { return nil, errNoCgo }
func authorizeURL(*nativeClient, *nativeToken) (string, error)          { return "", errNoCgo }

func loginWithVerifier(*nativeClient, *nativeToken, string) (*nativeToken, error) {
	return nil, errNoCgo
}

func loginWithClientCredentials(*nativeClient) (*nativeToken, error) { return nil, errNoCgo }

func loginWithPassword(*nativeClient, string, string) (*nativeToken, error) {
	return nil, errNoCgo
}

func authorizeCodeURL(*nativeClient, string, string) (url, codeVerifier string, err error) {
	return "", "", errNoCgo
}

func loginWithCode(*nativeClient, string, string, string) (*nativeToken, error) {
	return nil, errNoCgo
}

func ssoToken(_, _, _ string, _ int64) (string, error)     { return "", errNoCgo }
func ssoDecrypt(_, _, _ string) ([]byte, error)            { return nil, errNoCgo }
func ssoJWT(_, _ string, _ int64) (string, error)          { return "", errNoCgo }
func ssoVerifyJWT(_, _ string, _ int64) ([]byte, error)    { return nil, errNoCgo }
func ssoURL(*nativeClient, string, string) (string, error) { return "", errNoCgo }

func signWebhook(string, []byte) (string, error) { return "", errNoCgo }
func verifyWebhook(string, []byte, string) error { return errNoCgo }
func readWebhook(string, []byte) ([]byte, error) { return nil, errNoCgo }
