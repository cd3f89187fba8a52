package uservoice_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// blockingMethods are all methods that may block, with the path of the request that they send.
var blockingMethods = map[string]struct {
	path string
	call func(context.Context, *uservoice.Client) error
}{
	"Get":    {"/api/v1/forums", func(ctx context.Context, c *uservoice.Client) error { return c.Get(ctx, "/api/v1/forums", nil, nil) }},
	"Post":   {"/api/v1/forums", func(ctx context.Context, c *uservoice.Client) error { return c.Post(ctx, "/api/v1/forums", nil, nil) }},
	"Put":    {"/api/v1/forums", func(ctx context.Context, c *uservoice.Client) error { return c.Put(ctx, "/api/v1/forums", nil, nil) }},
	"Delete": {"/api/v1/forums", func(ctx context.Context, c *uservoice.Client) error { return c.Delete(ctx, "/api/v1/forums", nil, nil) }},
	"Request": {"/api/v1/forums", func(ctx context.Context, c *uservoice.Client) error {
		_, err := c.Request(ctx, "PATCH", "/api/v1/forums", nil, nil)
		return err
	}},
	"LoginAs": {"/api/v1/users/login_as", func(ctx context.Context, c *uservoice.Client) error {
		_, err := c.LoginAs(ctx, "jo@example.com")
		return err
	}},
	"LoginAsOwner": {"/api/v1/users/login_as_owner", func(ctx context.Context, c *uservoice.Client) error { _, err := c.LoginAsOwner(ctx); return err }},
	"RequestToken": {"/oauth/request_token", func(ctx context.Context, c *uservoice.Client) error { _, err := c.RequestToken(ctx); return err }},
	"LoginWithVerifier": {"/oauth/access_token", func(ctx context.Context, c *uservoice.Client) error {
		token, err := uservoice.NewToken("a", "b")
		if err == nil {
			_, err = c.LoginWithVerifier(ctx, token, "verifier")
		}
		return err
	}},
	"Len": {"/api/v1/users", func(ctx context.Context, c *uservoice.Client) error {
		_, err := c.Collection("/api/v1/users").Len(ctx)
		return err
	}},
	"At": {"/api/v1/users", func(ctx context.Context, c *uservoice.Client) error {
		return c.Collection("/api/v1/users").At(ctx, 3, nil)
	}},
	"Info": {"/api/v1/users", func(ctx context.Context, c *uservoice.Client) error {
		return c.Collection("/api/v1/users").Info(ctx, nil)
	}},
	"Export": {"/api/v1/users", func(ctx context.Context, c *uservoice.Client) error {
		directory, err := os.MkdirTemp("", "export")
		if err != nil {
			return err
		}
		defer os.RemoveAll(directory)
		for _, err := range c.Export(ctx, directory, uservoice.WithResource(uservoice.Resource{Name: "users", Path: "/api/v1/users"})) {
			return err
		}
		return nil
	}},
	"All": {"/api/v1/users", func(ctx context.Context, c *uservoice.Client) error {
		for _, err := range c.Collection("/api/v1/users").All(ctx) {
			return err
		}
		return nil
	}},
}

func TestContextCancelsEveryBlockingCall(t *testing.T) {
	for name, method := range blockingMethods {
		t.Run(name, func(t *testing.T) {
			s := sandbox(t)
			client := s.client(t)
			s.faults(t, hang(method.path))
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error)
			go func() { done <- method.call(ctx, client) }()
			s.waitForFault(t)
			cancel()
			checkCancelled(t, <-done, context.Canceled, uservoice.OutcomeUnknown)

			ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			checkCancelled(t, method.call(ctx, client), context.DeadlineExceeded, uservoice.OutcomeUnknown)

			// No request is sent if the context has already ended.
			s.control(t, "DELETE", "/_sandbox/requests", nil)
			checkCancelled(t, method.call(ctx, client), context.DeadlineExceeded, uservoice.OutcomeNotSent)
			equal(t, "requests", len(s.requests(t)), 0)

			s.control(t, "DELETE", "/_sandbox/faults", nil)
			if err := client.Get(context.Background(), "/api/v1/forums", nil, nil); err != nil {
				t.Error("the client cannot be used after a cancelled call:", err)
			}
		})
	}
}

func TestRejectsNilContext(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	var ctx context.Context
	methods := map[string]func() error{
		"Send": func() error {
			_, err := client.Send(ctx, "POST", "/api/v1/forums", nil, strings.NewReader("{}"))
			return err
		},
		"Upload": func() error { return client.Upload(ctx, "/api/v1/forums", "a.txt", "", nil, nil) },
	}
	for name, method := range blockingMethods {
		methods[name] = func() error { return method.call(ctx, client) }
	}
	for name, call := range methods {
		var uvErr *uservoice.Error
		if err := call(); !errors.As(err, &uvErr) || uvErr.Status != uservoice.StatusInvalidArgument || uvErr.Argument != "ctx" {
			t.Errorf("%s: %v", name, err)
		}
	}
	equal(t, "requests", len(s.requests(t)), 0)
}

// The fastest of five calls, because a busy machine may wake the call's thread late.
func TestContextEndsCallWithin100Milliseconds(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	fastest := time.Hour
	for range 5 {
		s.faults(t, hang("/api/v1/forums"))
		ctx, cancel := context.WithCancel(context.Background())
		returned := make(chan time.Time)
		go func() {
			client.Get(ctx, "/api/v1/forums", nil, nil)
			returned <- time.Now()
		}()
		s.waitForFault(t)
		cancelled := time.Now()
		cancel()
		fastest = min(fastest, (<-returned).Sub(cancelled))
		s.control(t, "DELETE", "/_sandbox/faults", nil)
	}
	if fastest > 100*time.Millisecond {
		t.Errorf("the call ended %v after its context", fastest)
	}
}

// checkCancelled checks that err is the error of a call that was cancelled for a reason.
func checkCancelled(t *testing.T, err, reason error, outcome uservoice.Outcome) {
	t.Helper()
	var uvErr *uservoice.Error
	if !errors.Is(err, reason) || !errors.Is(err, uservoice.ErrCanceled) || !errors.As(err, &uvErr) {
		t.Fatalf("got %v, want %v", err, reason)
	}
	equal(t, "timeout", uvErr.Timeout(), reason == context.DeadlineExceeded)
	// A deadline may pass while the call is still connecting.
	if reason == context.Canceled || outcome == uservoice.OutcomeNotSent {
		equal(t, "outcome", uvErr.Outcome, outcome)
	}
}

func TestErrorWrapsContextCause(t *testing.T) {
	client := sandbox(t).client(t)
	errShutdown := errors.New("the server shuts down")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errShutdown)
	err := client.Get(ctx, "/api/v1/forums", nil, nil)
	checkCancelled(t, err, context.Canceled, uservoice.OutcomeNotSent)
	if !errors.Is(err, errShutdown) {
		t.Error("the error does not wrap the cause:", err)
	}
	contains(t, err.Error(), "the server shuts down")
	ctx, stop := context.WithTimeoutCause(context.Background(), -1, errShutdown)
	defer stop()
	checkCancelled(t, client.Get(ctx, "/api/v1/forums", nil, nil), context.DeadlineExceeded, uservoice.OutcomeNotSent)
}

func TestContextEndsLoopWithinPage(t *testing.T) {
	client := sandbox(t).client(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	records := 0
	for _, err := range client.Collection("/api/v1/suggestions").All(ctx) {
		if err != nil {
			checkCancelled(t, err, context.Canceled, uservoice.OutcomeNotSent)
			equal(t, "records", records, 3)
			return
		}
		if records++; records == 3 {
			cancel()
		}
	}
	t.Error("the loop ended without an error")
}

func TestContextCancelsLoadingPage(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithPrefetchPages(0))
	s.faults(t, uservoice.Params{"path": "/api/v1/suggestions", "after": 1, "times": hangingRequests, "delay_ms": 3600000})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pages := 0
	for _, err := range client.Collection("/api/v1/suggestions").Pages(ctx) {
		if err != nil {
			checkCancelled(t, err, context.Canceled, uservoice.OutcomeUnknown)
			equal(t, "pages", pages, 1)
			return
		}
		pages++
		go func() {
			s.waitForFault(t)
			cancel()
		}()
	}
	t.Error("the loop ended without an error")
}

func TestContextCancelsOnlyItsOwnCall(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	users := client.Collection("/api/v1/users")
	s.faults(t, hang("/api/v1/users"))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { _, err := users.Len(ctx); done <- err }()
	s.waitForFault(t)
	otherCalls := make(chan error)
	go func() { otherCalls <- users.At(context.Background(), 120, nil) }()
	go func() { otherCalls <- client.Get(context.Background(), "/api/v1/forums", nil, nil) }()
	if err := <-otherCalls; err != nil {
		t.Error("another call of the client:", err)
	}
	s.control(t, "DELETE", "/_sandbox/faults", nil)
	cancel()
	checkCancelled(t, <-done, context.Canceled, uservoice.OutcomeUnknown)
	if err := <-otherCalls; err != nil {
		t.Error("another call of the collection:", err)
	}
}

func TestContextEndsWaitForConcurrentCallLimit(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithMaxConcurrentCalls(100))
	s.faults(t, hang("/api/v1/forums"))
	ctx, cancel := context.WithCancel(context.Background())
	const calls = 300 // more than the limit
	errs := make([]error, calls)
	var all sync.WaitGroup
	for i := range calls {
		all.Add(1)
		go func() {
			defer all.Done()
			errs[i] = client.Get(ctx, "/api/v1/forums", nil, nil)
		}()
	}
	s.waitForFaults(t, 100)
	if err := s.client(t).Get(context.Background(), "/api/v1/users", nil, nil); err != nil {
		t.Error("another client:", err)
	}
	late, cancelLate := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancelLate()
	derived, err := client.With(uservoice.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	defer derived.Close()
	checkCancelled(t, derived.Get(late, "/api/v1/forums", nil, nil), context.DeadlineExceeded, uservoice.OutcomeNotSent)
	separate, err := client.With(uservoice.WithMaxConcurrentCalls(1))
	if err != nil {
		t.Fatal(err)
	}
	defer separate.Close()
	if err := separate.Get(context.Background(), "/api/v1/users", nil, nil); err != nil {
		t.Error("a client with a limit of its own:", err)
	}
	cancel()
	all.Wait()
	for _, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

func TestBreakLeaksNoGoroutine(t *testing.T) {
	client := sandbox(t).client(t)
	before := runtime.NumGoroutine()
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		for range client.Collection("/api/v1/users?per_page=10").All(ctx) {
			break
		}
		for range client.Collection("/api/v1/users?per_page=10").Pages(ctx) {
			cancel() // the next iteration yields the error
		}
		cancel()
	}
	for runtime.NumGoroutine() > before { // until the timeout if a goroutine leaks
		runtime.Gosched()
	}
}

func TestContextCancelsWaitBeforeRetry(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithMaxRetryWait(time.Hour))
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "times": 9, "status": 429, "retry_after": "3000"})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- client.Get(ctx, "/api/v1/forums", nil, nil) }()
	s.waitFor(t, 1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
