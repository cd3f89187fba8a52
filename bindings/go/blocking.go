package uservoice

import (
	"context"
	"fmt"
)

// maxBlockingCalls limits the calls that run at once: each holds an operating-system thread,
// and the Go runtime aborts a program with more than 10,000 of them.
const maxBlockingCalls = 256

var blockingCalls = make(chan struct{}, maxBlockingCalls)

// runBlocking makes a blocking call and cancels the client if ctx ends before the call returns.
// Cancelling is permanent, so the client must be one that no other call uses.
func runBlocking(ctx context.Context, client *nativeClient, call func() error) error {
	if ctx.Err() != nil { // select chooses at random if both cases are ready
		return notSentError(ctx)
	}
	select {
	case blockingCalls <- struct{}{}:
		defer func() { <-blockingCalls }()
	case <-ctx.Done():
		return notSentError(ctx)
	}
	stop := cancelAfter(ctx, client)
	defer stop()
	return withCause(ctx, call())
}

// cancelAfter cancels the client when ctx ends. The caller must call stop before it frees the
// client.
func cancelAfter(ctx context.Context, client *nativeClient) (stop func()) {
	cancelled := make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		cancelClient(client)
		close(cancelled)
	})
	return func() {
		if !unregister() {
			<-cancelled
		}
	}
}

// notSentError returns the error of a call whose context ended before the call began.
func notSentError(ctx context.Context) error {
	return withCause(ctx, &Error{Status: StatusCancelled, Message: "the context ended before the request was sent"})
}

// withCause adds the context's error and cause to the error of a cancelled call.
func withCause(ctx context.Context, err error) error {
	if uvErr, ok := err.(*Error); ok && uvErr.Status == StatusCancelled {
		uvErr.cause = ctx.Err()
		if cause := context.Cause(ctx); cause != ctx.Err() {
			uvErr.cause = fmt.Errorf("%w: %w", ctx.Err(), cause)
		}
	}
	return err
}
