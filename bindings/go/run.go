package uservoice

import (
	"context"
	"fmt"
)

// A callLimit limits the calls that run at once: each holds an operating-system thread, which is
// not freed after the call.
type callLimit chan struct{}

const defaultMaxConcurrentCalls = 256

// run makes a blocking call and cancels the client if ctx ends before the call returns.
// Cancelling is permanent, so the client must be one that no other call uses.
func (l callLimit) run(ctx context.Context, client *nativeClient, call func() error) error {
	if err := checkContext(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil { // select chooses at random if both cases are ready
		return notSentError(ctx)
	}
	select {
	case l <- struct{}{}:
		defer func() { <-l }()
	case <-ctx.Done():
		return notSentError(ctx)
	}
	stop := cancelAfter(ctx, client)
	defer stop()
	return withContextError(ctx, call())
}

// checkContext rejects a nil context, before it is used.
func checkContext(ctx context.Context) error {
	if ctx == nil {
		return invalidArgument("ctx", "must not be nil")
	}
	return nil
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
	return withContextError(ctx, &Error{Status: StatusCanceled, Message: "the context ended before the request was sent"})
}

// withContextError adds the context's error and cause to the error of a cancelled call.
func withContextError(ctx context.Context, err error) error {
	if uvErr, ok := err.(*Error); ok && uvErr.Status == StatusCanceled {
		uvErr.cause = ctx.Err()
		if cause := context.Cause(ctx); cause != ctx.Err() {
			uvErr.cause = fmt.Errorf("%w: %w", ctx.Err(), cause)
		}
	}
	return err
}
