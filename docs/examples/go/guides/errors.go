package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libuservoice/libuservoice/bindings/go"
)

func errorHandling(ctx context.Context, client *uservoice.Client) error {
	// [errors]
	err := client.Get(ctx, "/api/v1/suggestions/999999", nil, nil)
	var uvErr *uservoice.Error
	switch {
	case errors.Is(err, uservoice.ErrNotFound):
		fmt.Println("There is no such suggestion.")
	case errors.As(err, &uvErr):
		log.Printf("%s: HTTP %d", uvErr.Request, uvErr.HTTPStatus)
		return err
	}
	// [end]
	err = client.Post(ctx, "nowhere", nil, nil)
	fmt.Println(isSafeToRepeat(err), err)
	return nil
}

// [outcome]
// isSafeToRepeat reports whether a write that failed with err can be repeated.
func isSafeToRepeat(err error) bool {
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) {
		return false
	}
	switch uvErr.Outcome {
	case uservoice.OutcomeNotSent:
		return true
	case uservoice.OutcomeUnknown: // it may have been done: check before you repeat it
		return false
	default: // the service rejected it, and may say when to retry
		return uvErr.RetryAfter > 0
	}
}

// [end]

func retries(ctx context.Context, client *uservoice.Client) error {
	// [options]
	quick, err := client.With(uservoice.WithTimeout(2*time.Second),
		uservoice.WithConnectTimeout(500*time.Millisecond), uservoice.WithMaxRetries(0),
		uservoice.WithMaxRetryWait(0))
	if err != nil {
		return err
	}
	defer quick.Close()
	// [end]

	// [clone]
	patient, err := client.With(uservoice.WithTimeout(2*time.Minute), uservoice.WithMaxRetries(5))
	if err != nil {
		return err
	}
	// [end]
	defer patient.Close()

	// [rate-limit]
	err = quick.Get(ctx, "/api/v1/forums/1", nil, nil)
	var uvErr *uservoice.Error
	if errors.Is(err, uservoice.ErrRateLimited) && errors.As(err, &uvErr) {
		fmt.Println("retry in", uvErr.RetryAfter)
	}
	// [end]
	return errors.Join(err, patient.Get(ctx, "/api/v1/forums/1", nil, nil))
}

func logging(ctx context.Context, client *uservoice.Client) error {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug, // the default has only failed attempts
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})
	logger := slog.New(handler)
	// [log]
	logged, err := client.With(uservoice.WithLogger(logger)) // or slog.Default()
	if err != nil {
		return err
	}
	// [end]
	defer logged.Close()
	return logged.Get(ctx, "/api/v1/users", uservoice.Params{"per_page": 1}, nil)
}

func goroutines(ctx context.Context, client *uservoice.Client) error {
	var processed atomic.Int32
	process := func(json.RawMessage) { processed.Add(1) }
	// [threads]
	users := make(chan json.RawMessage)
	var workers sync.WaitGroup
	for range 4 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for user := range users { // each record goes to one goroutine
				process(user)
			}
		}()
	}
	var readErr error
	collection := client.Collection("/api/v1/users", uservoice.WithLimit(200))
	for user, err := range collection.All(ctx) { // one loop, because each one reads all records
		if err != nil {
			readErr = err
			break
		}
		users <- user
	}
	close(users)
	workers.Wait()
	// [end]
	fmt.Println(processed.Load(), "users processed")
	return readErr
}

func cancellation(ctx context.Context, client *uservoice.Client) error {
	// [cancel]
	ctx, cancel := context.WithCancel(ctx) // or context.WithTimeout
	go cancel()
	var err error
	for err == nil {
		err = client.Get(ctx, "/api/v1/suggestions", nil, nil)
	}
	fmt.Println(errors.Is(err, context.Canceled))
	// [end]
	return nil
}
