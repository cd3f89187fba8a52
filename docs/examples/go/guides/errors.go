package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libuservoice/libuservoice/bindings/go"
)

func failures(ctx context.Context, client *uservoice.Client) error {
	// [errors]
	err := client.Get(ctx, "/api/v1/suggestions/999999", nil, nil)
	var failure *uservoice.Error
	switch {
	case errors.Is(err, uservoice.ErrNotFound):
		fmt.Println("There is no such suggestion.")
	case errors.As(err, &failure):
		return fmt.Errorf("HTTP %d: %w", failure.HTTPStatus, failure)
	}
	// [end]
	return postSafely(ctx, client, "nowhere", nil)
}

// [outcome]
// postSafely posts once for certain, or says that somebody has to look.
func postSafely(ctx context.Context, client *uservoice.Client, path string, body any) error {
	err := client.Post(ctx, path, body, nil)
	var failure *uservoice.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Outcome {
	case uservoice.OutcomeNotSent: // put it back into your queue
	case uservoice.OutcomeUnknown: // look whether it was done before you send it again
	case uservoice.OutcomeAnswered: // the service refused it, and would again
	}
	fmt.Println(failure.Outcome, failure.Message)
	return nil
}

// [end]

func waiting(ctx context.Context, client *uservoice.Client) error {
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
	var failure *uservoice.Error
	if errors.Is(err, uservoice.ErrRateLimited) && errors.As(err, &failure) {
		fmt.Println("again in", failure.RetryAfter)
	}
	// [end]
	return errors.Join(err, patient.Get(ctx, "/api/v1/forums/1", nil, nil))
}

func logs(ctx context.Context, client *uservoice.Client) error {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})
	logger := slog.New(handler)
	// [log]
	followed, err := uservoice.NewFromEnv(uservoice.WithLogger(logger)) // slog.Default()
	if err != nil {
		return err
	}
	// [end]
	defer followed.Close()
	return followed.Get(ctx, "/api/v1/users", uservoice.Params{"per_page": 1}, nil)
}

func goroutines(ctx context.Context, client *uservoice.Client) error {
	var taken atomic.Int32
	take := func(json.RawMessage) { taken.Add(1) }
	// [threads]
	users := make(chan json.RawMessage)
	var readers sync.WaitGroup
	for range 4 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for user := range users { // each goroutine gets other records
				take(user)
			}
		}()
	}
	var failure error
	list := client.Collection("/api/v1/users", uservoice.WithLimit(200))
	for user, err := range list.All(ctx) { // each loop reads the whole list, so there is one
		if err != nil {
			failure = err
			break
		}
		users <- user
	}
	close(users)
	readers.Wait()
	// [end]
	fmt.Println(taken.Load(), "users were shared out")
	return failure
}

func cancelled(ctx context.Context, client *uservoice.Client) error {
	// [cancel]
	ctx, stop := context.WithCancel(ctx) // or context.WithTimeout
	go stop()
	var err error
	for err == nil {
		err = client.Get(ctx, "/api/v1/suggestions", nil, nil)
	}
	fmt.Println(errors.Is(err, context.Canceled))
	// [end]
	return nil
}
