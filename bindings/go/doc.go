// Package uservoice is a client for the API of [UserVoice]: API v1 with OAuth 1.0a and the Admin
// API (v2) with OAuth 2, collections of any size, exports, single sign-on and webhooks.
//
// # Requests
//
// A [Client] sends requests to one site with one API key. It is safe for concurrent use by
// multiple goroutines.
//
//	client, err := uservoice.New("acme", apiKey, apiSecret, uservoice.WithTimeout(5*time.Second))
//	...
//	var result struct{ Suggestion struct{ Title string } }
//	err = client.Get(ctx, "/api/v1/suggestions/1", nil, &result)
//
// Responses are decoded by encoding/json into the value that the last argument points to: a
// *[json.RawMessage] receives the JSON as the service sent it, and nil discards it. The library
// signs the requests, retries them if that is safe, and observes the rate limits of the service.
//
// # Logins
//
// [Client.LoginAs] and [Client.LoginAsOwner] return a client that acts as a user.
// [Client.RequestToken] begins a three-legged login, in which the user decides. The logins to the
// Admin API are [Client.LoginWithClientCredentials], [Client.LoginWithPassword] and
// [Client.AuthorizationRequest].
//
// # Collections
//
// A [Collection] is loaded page by page while it is read, and prefetches the next pages:
//
//	for record, err := range client.Collection("/api/v1/suggestions").All(ctx) {
//
// [Records] decodes the records, [Collection.Pages] yields them in pages, and
// [Collection.WholePages] yields the complete responses.
//
// [Client.Export] writes collections into files. It resumes an interrupted export, and later
// appends the records that have changed.
//
// # Contexts
//
// Every call ends within 100 milliseconds after its context ends, with an error that matches
// [context.Canceled] or [context.DeadlineExceeded]. The context limits a call with its retries,
// [WithTimeout] one attempt.
//
// # Errors
//
// The error of a failed request is an [*Error]. It has the HTTP status, UserVoice's error type and
// message, the response body, and whether the request was sent: after [OutcomeUnknown], the service
// may have processed it. [errors.Is] compares it with [ErrNotFound] and the like.
//
// A forged or expired token or webhook fails with [ErrNotVerified], an invalid argument such as an
// empty key with [ErrInvalidArgument].
//
// # Resources
//
// Clients, tokens and collections own memory outside of Go. The garbage collector frees it, and the
// method Close frees it earlier. Close neither waits for running calls nor cancels them; later
// calls fail with [ErrClosed].
//
// A running call blocks an operating-system thread, which on Linux is usually not one of Go's.
// [WithMaxConcurrentCalls] limits the calls of a client that run at once to 256 by default; further
// calls wait for their turn, or until their context ends.
//
// # The C library
//
// The package requires cgo and libuservoice, which it finds with pkg-config. The build tag
// uservoice_static links an installed library into the program. The module of a release contains
// the library for some platforms, and the build tag uservoice_shared selects an installed one. With
// CGO_ENABLED=0 the build fails.
//
// [UserVoice]: https://www.uservoice.com
package uservoice
