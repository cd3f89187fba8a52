package uservoice

import (
	"context"
	"fmt"
)

// A blocking call into C holds an operating-system thread, and Go ends a program
// with more than 10,000 of them.
const maxRunning = 256

var running = make(chan struct{}, maxRunning)

// run makes a blocking call with a handle that nobody else makes calls with: when
// ctx ends, all calls of the handle end, for good.
func run(ctx context.Context, client *nativeClient, call func() error) error {
	if ctx.Err() != nil { // select does not prefer it
		return notSent(ctx)
	}
	select {
	case running <- struct{}{}:
		defer func() { <-running }()
	case <-ctx.Done():
		return notSent(ctx)
	}
	stop := cancelWith(ctx, client)
	defer stop()
	return because(ctx, call())
}

// cancelWith cancels the client when ctx ends, until the function that it returns
// is called. The client must not be freed before that.
func cancelWith(ctx context.Context, client *nativeClient) (stop func()) {
	cancelled := make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		cancel(client)
		close(cancelled)
	})
	return func() {
		if !unregister() {
			<-cancelled
		}
	}
}

// notSent is the error of a call that was not begun, since ctx had ended.
func notSent(ctx context.Context) error {
	return because(ctx, &Error{Status: StatusCancelled, Message: "the context had ended before anything was sent"})
}

// because tells in the error of a cancelled call why it was.
func because(ctx context.Context, err error) error {
	if failure, ok := err.(*Error); ok && failure.Status == StatusCancelled {
		failure.cause = ctx.Err()
		if cause := context.Cause(ctx); cause != ctx.Err() {
			failure.cause = fmt.Errorf("%w: %w", ctx.Err(), cause)
		}
	}
	return err
}
