package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// An answer that does not come before the tests' own time limit: what is not ended by
// its context hangs.
func neverAnswers(path string) any {
	return uservoice.Params{"path": path, "times": 1000000, "delay_ms": 3600000}
}

// Everything that may block.
var blocking = map[string]struct {
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

func TestContextsEndCalls(t *testing.T) {
	for name, b := range blocking {
		t.Run(name, func(t *testing.T) {
			s := sandbox(t)
			client := s.client(t)
			s.faults(t, neverAnswers(b.path))
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error)
			go func() { ended <- b.call(ctx, client) }()
			s.waitForFault(t)
			cancel()
			expectEnd(t, <-ended, context.Canceled, uservoice.OutcomeUnknown)

			ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			expectEnd(t, b.call(ctx, client), context.DeadlineExceeded, uservoice.OutcomeUnknown)

			// Nothing is sent when it has ended already.
			s.control(t, "DELETE", "/_sandbox/requests", nil)
			expectEnd(t, b.call(ctx, client), context.DeadlineExceeded, uservoice.OutcomeNotSent)
			equal(t, "requests", len(s.requests(t)), 0)

			s.control(t, "DELETE", "/_sandbox/faults", nil)
			if err := client.Get(context.Background(), "/api/v1/forums", nil, nil); err != nil {
				t.Error("the client is unusable:", err)
			}
		})
	}
}

// waitForFault waits until a call has met the fault.
func (s *site) waitForFault(t *testing.T) {
	t.Helper()
	s.waitForFaults(t, 1)
}

func (s *site) waitForFaults(t *testing.T, calls int) {
	t.Helper()
	for {
		var faults []struct{ Times int }
		if err := json.Unmarshal(s.control(t, "GET", "/_sandbox/faults", nil), &faults); err != nil {
			t.Fatal(err)
		}
		if len(faults) == 1 && faults[0].Times <= 1000000-calls {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func expectEnd(t *testing.T, err, reason error, outcome uservoice.Outcome) {
	t.Helper()
	var failure *uservoice.Error
	if !errors.Is(err, reason) || !errors.Is(err, uservoice.ErrCancelled) || !errors.As(err, &failure) {
		t.Fatalf("%v instead of %v", err, reason)
	}
	equal(t, "a time limit", failure.Timeout(), reason == context.DeadlineExceeded)
	// A deadline may pass while the call is still connecting.
	if reason == context.Canceled || outcome == uservoice.OutcomeNotSent {
		equal(t, "outcome", failure.Outcome, outcome)
	}
}

func TestTheCauseOfACancelledContextIsTold(t *testing.T) {
	client := sandbox(t).client(t)
	shutDown := errors.New("the server shuts down")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(shutDown)
	err := client.Get(ctx, "/api/v1/forums", nil, nil)
	expectEnd(t, err, context.Canceled, uservoice.OutcomeNotSent)
	if !errors.Is(err, shutDown) {
		t.Error("no cause:", err)
	}
	contains(t, err.Error(), "the server shuts down")
	ctx, stop := context.WithTimeoutCause(context.Background(), -1, shutDown)
	defer stop()
	expectEnd(t, client.Get(ctx, "/api/v1/forums", nil, nil), context.DeadlineExceeded, uservoice.OutcomeNotSent)
}

func TestAContextEndsALoopWithinAPage(t *testing.T) {
	client := sandbox(t).client(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	read := 0
	for _, err := range client.Collection("/api/v1/suggestions").All(ctx) {
		if err != nil {
			expectEnd(t, err, context.Canceled, uservoice.OutcomeNotSent)
			equal(t, "records", read, 3)
			return
		}
		if read++; read == 3 {
			cancel()
		}
	}
	t.Error("the loop ended without an error")
}

func TestAContextEndsAPageThatIsLoading(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithPrefetchPages(0))
	s.faults(t, uservoice.Params{"path": "/api/v1/suggestions", "after": 1, "times": 1000000, "delay_ms": 3600000})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pages := 0
	for _, err := range client.Collection("/api/v1/suggestions").Pages(ctx) {
		if err != nil {
			expectEnd(t, err, context.Canceled, uservoice.OutcomeUnknown)
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

func TestOneContextEndsNobodyElsesCall(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	list := client.Collection("/api/v1/users")
	s.faults(t, neverAnswers("/api/v1/users"))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { _, err := list.Len(ctx); ended <- err }()
	s.waitForFault(t)
	others := make(chan error)
	go func() { others <- list.At(context.Background(), 120, nil) }()
	go func() { others <- client.Get(context.Background(), "/api/v1/forums", nil, nil) }()
	if err := <-others; err != nil {
		t.Error("another call of the client:", err)
	}
	s.control(t, "DELETE", "/_sandbox/faults", nil)
	cancel()
	expectEnd(t, <-ended, context.Canceled, uservoice.OutcomeUnknown)
	if err := <-others; err != nil {
		t.Error("another call of the collection:", err)
	}
}

func TestCallsThatWaitForTheirTurnEndToo(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	s.faults(t, neverAnswers("/api/v1/forums"))
	ctx, cancel := context.WithCancel(context.Background())
	const calls = 600 // more than run at once
	errs := make([]error, calls)
	var all sync.WaitGroup
	for i := range calls {
		all.Add(1)
		go func() {
			defer all.Done()
			errs[i] = client.Get(ctx, "/api/v1/forums", nil, nil)
		}()
	}
	s.waitForFaults(t, 256)
	late, cancelLate := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancelLate()
	expectEnd(t, client.Get(late, "/api/v1/forums", nil, nil), context.DeadlineExceeded, uservoice.OutcomeNotSent)
	cancel()
	all.Wait()
	for _, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	// Each call that blocks has a thread of its own, which stays.
	if threads := pprof.Lookup("threadcreate").Count(); threads < 256 || threads > 400 {
		t.Errorf("%d threads for %d calls", threads, calls)
	}
}

func TestLoopsThatEndEarlyLeaveNoGoroutine(t *testing.T) {
	client := sandbox(t).client(t)
	before := runtime.NumGoroutine()
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		for range client.Collection("/api/v1/users?per_page=10").All(ctx) {
			break
		}
		for range client.Collection("/api/v1/users?per_page=10").Pages(ctx) {
			cancel() // what follows is the error
		}
		cancel()
	}
	for runtime.NumGoroutine() > before { // for ever, where one stays
		runtime.Gosched()
	}
}

func TestAContextEndsTheWaitBeforeTheNextTry(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithMaxRetryWait(time.Hour))
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "times": 9, "status": 429, "retry_after": "3000"})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- client.Get(ctx, "/api/v1/forums", nil, nil) }()
	s.waitFor(t, 1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
