package uservoice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Status is the kind of an [Error]: a status code of the C library.
type Status int32

// The kinds of errors. The values never change.
const (
	// StatusInvalidArgument is a mistake of the caller. No request was sent.
	StatusInvalidArgument Status = 1
	// StatusNotVerified means that a single sign-on token, a JWT or a webhook was not created with
	// the SSO key, has expired, or is malformed.
	StatusNotVerified Status = 2
	// StatusUnauthorized means that the service rejected the key, the signature, the token or the
	// acting user (HTTP 401 or 403).
	StatusUnauthorized Status = 10
	// StatusNotFound means that there is no such record (HTTP 404).
	StatusNotFound Status = 11
	// StatusRateLimited is HTTP 429 after the retries that the options permit, or a rate limit that
	// would take longer to wait for than [WithMaxRetryWait] permits.
	StatusRateLimited Status = 12
	// StatusApplicationError is an error of the service (HTTP 5xx).
	StatusApplicationError Status = 13
	// StatusAPIError is any other error response, such as "record_invalid" (HTTP 422).
	StatusAPIError Status = 14
	// StatusTransport is an error of name lookup, connection or TLS: there is no complete response.
	StatusTransport Status = 20
	// StatusTimeout means that a timeout of the options expired.
	StatusTimeout Status = 21
	// StatusCanceled means that the context of the call ended.
	StatusCanceled Status = 22
	// StatusBadResponse is a malformed response: not JSON, too large, or not a list of records.
	StatusBadResponse Status = 23
	// StatusFileError means that a file or directory of an export cannot be read or written.
	StatusFileError Status = 30
	// StatusInternal is a bug in the library. Please report it with the message.
	StatusInternal Status = 99
)

// String returns the name of the status in the C library, such as "NOT_FOUND".
func (s Status) String() string { return statusName(s) }

// Outcome says whether the service may have processed a request that failed. It decides whether
// a write can be repeated safely.
type Outcome int32

// The outcomes of a request.
const (
	// OutcomeNotSent means that the request was certainly not sent.
	OutcomeNotSent Outcome = 0
	// OutcomeUnknown means that at least a part of the request was sent, and that there is no
	// complete response: the service may have processed it.
	OutcomeUnknown Outcome = 1
	// OutcomeAnswered means that there is a response.
	OutcomeAnswered Outcome = 2
)

// String returns "not sent", "unknown" or "answered".
func (o Outcome) String() string {
	switch o {
	case OutcomeNotSent:
		return "not sent"
	case OutcomeUnknown:
		return "unknown"
	case OutcomeAnswered:
		return "answered"
	}
	return fmt.Sprintf("Outcome(%d)", int32(o))
}

// Error is the error of a call, to be obtained with [errors.As]. Its message contains no secrets.
type Error struct {
	Status     Status
	Message    string        // one line; begins with Request or Argument if there is one
	Argument   string        // the invalid argument, such as "path", or the function that set an option, such as "WithTimeout", or ""
	Request    string        // the method and path of the request, such as "GET /api/v1/forums/9", or ""
	HTTPStatus int           // 0 if there is no response, or one that is successful but cannot be decoded
	Type       string        // UserVoice's error type, such as "record_not_found", or ""
	Body       string        // the response body, or ""
	RetryAfter time.Duration // how long the service asks to wait, or 0
	Outcome    Outcome

	cause  error                 // the context's error, or the one of encoding/json
	native *handle[*nativeError] // the headers of the response; nil without a response
}

// Error returns the message. If the context ended the call, it returns the request, and the error
// and cause of the context.
func (e *Error) Error() string {
	switch {
	case e.cause == nil || e.Status != StatusCanceled:
		return "uservoice: " + e.Message
	case e.Request == "":
		return "uservoice: " + e.cause.Error()
	}
	return "uservoice: " + e.Request + ": " + e.cause.Error()
}

// Header returns a header of the response, such as "X-Request-Id". The name is case-insensitive,
// and the values of a repeated header are joined with ", ". It returns "" if the response has no
// such header, or if there is no response.
func (e *Error) Header(name string) string {
	native, err := e.native.acquire()
	if err != nil { // there is no response
		return ""
	}
	defer e.native.release()
	return errorHeader(native, name)
}

// Is reports whether the error is of the kind of target, such as [ErrNotFound].
func (e *Error) Is(target error) bool {
	k, ok := target.(kind)
	return ok && Status(k) == e.Status
}

// Unwrap returns [context.Canceled] or [context.DeadlineExceeded] if the context ended the call,
// joined with [context.Cause] if there is one, and the error of encoding/json if the response could
// not be decoded.
func (e *Error) Unwrap() error { return e.cause }

// Timeout reports whether the call timed out, by an option or by the deadline of its context.
func (e *Error) Timeout() bool {
	return e.Status == StatusTimeout || errors.Is(e.cause, context.DeadlineExceeded)
}

// A kind is an error that errors.Is compares with the status of an Error.
type kind Status

func (k kind) Error() string { return "uservoice: " + Status(k).String() }

// The kinds of errors, for [errors.Is]. Each corresponds to a [Status].
var (
	ErrInvalidArgument  error = kind(StatusInvalidArgument)
	ErrNotVerified      error = kind(StatusNotVerified)
	ErrUnauthorized     error = kind(StatusUnauthorized)
	ErrNotFound         error = kind(StatusNotFound)
	ErrRateLimited      error = kind(StatusRateLimited)
	ErrApplicationError error = kind(StatusApplicationError)
	ErrAPI              error = kind(StatusAPIError)
	ErrTransport        error = kind(StatusTransport)
	ErrTimeout          error = kind(StatusTimeout)
	ErrCanceled         error = kind(StatusCanceled)
	ErrBadResponse      error = kind(StatusBadResponse)
	ErrFile             error = kind(StatusFileError)
	ErrInternal         error = kind(StatusInternal)
)

// ErrClosed is the error of a [Client], [Collection] or [Token] that is used after Close, and of a
// zero Client or Collection.
var ErrClosed = errors.New("uservoice: use of a closed client, token or collection")

// invalidArgument returns an error in the format of the C library's.
func invalidArgument(argument, format string, values ...any) error {
	return &Error{
		Status:   StatusInvalidArgument,
		Message:  argument + ": " + fmt.Sprintf(format, values...),
		Argument: argument,
	}
}

// goArgument returns what an argument of the C library is called in this package.
func goArgument(name string) string {
	name, rest := cutAny(name, ".[")
	if name == "options" {
		option, rest := cutAny(strings.TrimPrefix(rest, "."), ".[")
		if function, ok := optionFunctions[option]; ok {
			return function + rest
		}
		return name + "." + option + rest
	}
	if name == "headers" {
		name = "header"
	}
	words := strings.Split(strings.TrimSuffix(name, "_seconds"), "_")
	for i, word := range words {
		switch {
		case i == 0:
		case word == "uri":
			words[i] = "URI"
		default:
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "") + rest
}

// cutAny splits s before the first of the characters.
func cutAny(s, chars string) (before, rest string) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}
