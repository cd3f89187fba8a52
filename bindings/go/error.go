package uservoice

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Status is what kind of failure an [Error] is: a status code of the C library.
type Status int32

// The kinds of failures. The numbers are never reused.
const (
	// StatusInvalidArgument is the caller's mistake; nothing was sent.
	StatusInvalidArgument Status = 1
	// StatusUnauthorized says that the service refuses the key, the signature
	// or the user.
	StatusUnauthorized Status = 10
	// StatusNotFound says that there is no such record.
	StatusNotFound Status = 11
	// StatusRateLimited is HTTP 429, after the retries that the options allow.
	StatusRateLimited Status = 12
	// StatusApplicationError says that the service failed.
	StatusApplicationError Status = 13
	// StatusAPIError is any other error answer, such as "record_invalid".
	StatusAPIError Status = 14
	// StatusTransport says that no complete answer came: name lookup,
	// connection, TLS, reset.
	StatusTransport Status = 20
	// StatusTimeout says that a time limit of the options passed.
	StatusTimeout Status = 21
	// StatusCancelled says that the call's context ended.
	StatusCancelled Status = 22
	// StatusBadResponse says that the answer is not what it should be: not
	// JSON, too large, not a list.
	StatusBadResponse Status = 23
	// StatusFileError says that a file or directory of an export cannot be
	// read, written or used.
	StatusFileError Status = 30
	// StatusInternal is a bug of the library. Please report it with the
	// error's message.
	StatusInternal Status = 99
)

// String gives the status's name in the C library, such as "NOT_FOUND".
func (s Status) String() string { return statusName(s) }

// Outcome is whether a call reached the service, which decides whether a write
// may be tried again.
type Outcome int32

// What may have become of a call.
const (
	// OutcomeNotSent: it was certainly not sent.
	OutcomeNotSent Outcome = 0
	// OutcomeUnknown: it was sent at least in part, and what came of it is
	// unknown.
	OutcomeUnknown Outcome = 1
	// OutcomeAnswered: the service answered.
	OutcomeAnswered Outcome = 2
)

// String says it in words.
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

// Error is the error of a call, found with errors.As. There is never a secret in
// its message.
type Error struct {
	Status     Status
	Message    string        // one line for a person
	HTTPStatus int           // 0 when there was no answer
	Type       string        // UserVoice's own name, such as "record_not_found", or ""
	Body       string        // of the answer as it came, "" when there was none
	RetryAfter time.Duration // how long the service asks to wait, 0 when it did not say
	Outcome    Outcome

	cause error // of a cancelled call
}

// Error gives the message.
func (e *Error) Error() string {
	if e.cause != nil {
		return "uservoice: " + e.cause.Error()
	}
	return "uservoice: " + e.Message
}

// Is reports whether the error is of the kind that target names, such as
// [ErrNotFound].
func (e *Error) Is(target error) bool {
	kind, ok := target.(kind)
	return ok && Status(kind) == e.Status
}

// Unwrap gives [context.Canceled] or [context.DeadlineExceeded] where the call's context
// ended it, together with [context.Cause] where that says more.
func (e *Error) Unwrap() error { return e.cause }

// Timeout reports whether a time limit ended the call: of the options or of its
// context.
func (e *Error) Timeout() bool {
	if e.Status == StatusTimeout {
		return true
	}
	return errors.Is(e.cause, context.DeadlineExceeded)
}

// A kind is what errors.Is compares an [Error] with.
type kind Status

func (k kind) Error() string { return "uservoice: " + Status(k).String() }

// The kinds of failures, for errors.Is. They are told from an [Error] by its
// Status.
var (
	ErrInvalidArgument  error = kind(StatusInvalidArgument)
	ErrUnauthorized     error = kind(StatusUnauthorized)
	ErrNotFound         error = kind(StatusNotFound)
	ErrRateLimited      error = kind(StatusRateLimited)
	ErrApplicationError error = kind(StatusApplicationError)
	ErrAPI              error = kind(StatusAPIError)
	ErrTransport        error = kind(StatusTransport)
	ErrTimeout          error = kind(StatusTimeout)
	ErrCancelled        error = kind(StatusCancelled)
	ErrBadResponse      error = kind(StatusBadResponse)
	ErrFile             error = kind(StatusFileError)
	ErrInternal         error = kind(StatusInternal)
)

// ErrClosed is the error of what is used after its Close, and of a [Client] or [Collection]
// that no function of the package made.
var ErrClosed = errors.New("uservoice: use of a closed client, token or collection")

func invalidArgument(format string, values ...any) error {
	return &Error{Status: StatusInvalidArgument, Message: fmt.Sprintf(format, values...)}
}
