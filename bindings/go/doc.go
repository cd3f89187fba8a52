// Package uservoice is a client for [UserVoice]: its API v1 with OAuth 1.0a and its Admin
// API (v2) with OAuth 2, lists of any length, single sign-on and web hooks.
//
// # Calls
//
// A [Client] stands for one site and one API key. It may be used by any number
// of goroutines at once.
//
//	client, err := uservoice.New("acme", key, secret, uservoice.WithTimeout(5*time.Second))
//	...
//	var answer struct{ Suggestion struct{ Title string } }
//	err = client.Get(ctx, "/api/v1/suggestions/1", nil, &answer)
//
// Answers are decoded by encoding/json into whatever the last argument points
// to; give a *[json.RawMessage] for the text as the service sent it, nil for
// nothing. Calls are signed, tried again where that is safe, and held to the
// service's rate limits by the library.
//
// [Client.LoginAs] and [Client.LoginAsOwner] give a client that acts for
// somebody; [Client.RequestToken] begins a login in which a person decides. For the Admin
// API there are [Client.LoginWithClientCredentials], [Client.LoginWithPassword] and
// [Client.RequestCode].
//
// # Lists
//
// A [Collection] is loaded as it is read, the next pages ahead of the reader:
//
//	for record, err := range client.Collection("/api/v1/suggestions").All(ctx) {
//
// [Records] decodes the records, [Collection.Pages] gives them a page at a time, and
// [Collection.WholePages] with what stands beside them.
//
// [Client.Export] writes lists into files of a directory, and goes on there where it was
// interrupted, or with what has changed since.
//
// # Contexts
//
// Every call ends when its context does, within 100 milliseconds, with an error
// for which errors.Is(err, context.Canceled) or context.DeadlineExceeded holds.
// The context bounds the whole call with its retries, [WithTimeout] one attempt.
//
// # Errors
//
// What the service or the network did wrong is an [*Error], with the HTTP status,
// UserVoice's own type and message, the body, and whether the call was sent at
// all. Kinds are told apart by errors.Is and [ErrNotFound] and the like.
//
// # Resources
//
// Clients, tokens and collections hold memory outside of Go, which is freed with
// them by the garbage collector, and early by their Close method. Close never
// waits and ends no call; what is used after it gives [ErrClosed].
//
// A blocking call holds an operating-system thread. At most 256 run at once in a
// program; further ones wait, as long as their contexts let them.
//
// # The C library
//
// The package needs cgo and libuservoice, found by pkg-config. The build tag
// uservoice_static links the library into the program. A program built with
// CGO_ENABLED=0 compiles, and gets an error from [New] that says so.
//
// [UserVoice]: https://www.uservoice.com
package uservoice
