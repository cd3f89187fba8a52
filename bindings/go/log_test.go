package uservoice_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// A logBuffer collects the log lines of several goroutines.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// take returns and discards the buffer's contents.
func (l *logBuffer) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestLogsEachAttempt(t *testing.T) {
	s := sandbox(t)
	var first, second logBuffer
	client := s.client(t, uservoice.WithLogger(first.logger()))
	ctx := context.Background()
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "status": 502})
	if err := client.Get(ctx, "/api/v1/forums", uservoice.Params{"q": "HIDDEN"}, nil); err != nil {
		t.Fatal(err)
	}
	output := first.take()
	contains(t, output, "level=WARN")
	contains(t, output, "level=DEBUG")
	contains(t, output, "uservoice method=GET path=/api/v1/forums?q status=502")
	contains(t, output, "status=200")
	equal(t, "lines", strings.Count(output, "\n"), 2)
	equal(t, "the log contains a query value", strings.Contains(output, "HIDDEN"), false)

	// Derived clients and collections inherit the logger.
	user := loginAs(t, client, "user2@sandbox.example")
	first.take()
	whoami(t, user)
	contains(t, first.take(), "path=/api/v1/users/current")
	if _, err := user.Collection("/api/v1/forums").Len(ctx); err != nil {
		t.Fatal(err)
	}
	contains(t, first.take(), "path=/api/v1/forums?")

	// WithLogger replaces or removes it.
	other, err := user.With(uservoice.WithLogger(second.logger()))
	if err != nil {
		t.Fatal(err)
	}
	silent, err := other.With(uservoice.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	whoami(t, other)
	contains(t, second.take(), "path=/api/v1/users/current")
	whoami(t, silent)
	equal(t, "log of a client without a logger", first.take()+second.take(), "")
}

// The request gets no response.
func TestLogAttributes(t *testing.T) {
	var log logBuffer
	client, err := uservoice.New("acme", "key", "secret", uservoice.WithBaseURL("http://127.0.0.1:1"), uservoice.WithMaxRetries(0),
		uservoice.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	err = client.Get(context.Background(), "/api/v1/forums", nil, nil)
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) {
		t.Fatal(err)
	}
	line := []byte(log.take())
	equal(t, "msg", at(t, line, "msg"), "uservoice")
	equal(t, "path", at(t, line, "path"), "/api/v1/forums")
	equal(t, "status", at(t, line, "status"), 0.0)
	equal(t, "attempt", at(t, line, "attempt"), 1.0)
	contains(t, uvErr.Message, at(t, line, "error").(string))
}

func TestLogHandlerThatDoesNotReturnEndsProgram(t *testing.T) {
	s := sandbox(t)
	for mode, message := range map[string]string{"panic": "the disk is full", "goexit": "it called runtime.Goexit"} {
		command := exec.Command("go", "run", "./testdata/logger", s.URL, mode)
		out, err := command.CombinedOutput()
		if err == nil {
			t.Errorf("%s: the program did not fail: %s", mode, out)
		}
		contains(t, string(out), "the log handler did not return: "+message)
		contains(t, string(out), "main.handler.Handle") // the stack trace
	}
}

// Collecting the client as garbage must not free the logger of its collection.
func TestLoggerOutlivesClient(t *testing.T) {
	s := sandbox(t)
	var log logBuffer
	collection := func() *uservoice.Collection {
		client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
			uservoice.WithBaseURL(s.URL), uservoice.WithLogger(log.logger()))
		if err != nil {
			t.Fatal(err)
		}
		return client.Collection("/api/v1/suggestions")
	}()
	count := 0
	for _, err := range collection.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if count++; count%400 == 0 {
			runtime.GC()
			runtime.GC()
		}
	}
	collection = nil
	for range 3 {
		runtime.GC()
	}
	equal(t, "pages logged", strings.Count(log.take(), "path=/api/v1/suggestions?"), 16)
}

// The logger of a collection that was not closed, too.
func TestLoggersAreGarbageCollected(t *testing.T) {
	client := sandbox(t).client(t)
	const loggers = 20
	var freed atomic.Int64
	for range loggers {
		logger := new(logBuffer).logger()
		runtime.AddCleanup(logger, func(int) { freed.Add(1) }, 0)
		logging, err := client.With(uservoice.WithLogger(logger))
		if err == nil {
			_, err = logging.Collection("/api/v1/forums").Len(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for freed.Load() < loggers { // until the timeout if one is never freed
		runtime.GC()
		runtime.Gosched()
	}
}

type contextKey struct{}

// A contextHandler records the value of the context that the calls of the log have.
type contextHandler struct {
	slog.Handler
	values *[]any
}

func (contextHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h contextHandler) Handle(ctx context.Context, _ slog.Record) error {
	*h.values = append(*h.values, ctx.Value(contextKey{}))
	return nil
}

func TestAttemptsHaveTheContextOfTheCall(t *testing.T) {
	s := sandbox(t)
	var logged, hooked []any
	client := s.client(t, uservoice.WithLogger(slog.New(contextHandler{slog.Default().Handler(), &logged})),
		uservoice.WithAttemptHook(func(ctx context.Context, _ uservoice.Attempt) { hooked = append(hooked, ctx.Value(contextKey{})) }))
	call := func(value string) context.Context {
		return context.WithValue(context.Background(), contextKey{}, value)
	}
	users := client.Collection("/api/v1/users?per_page=10", uservoice.WithPrefetchPages(0))
	if err := client.Get(call("get"), "/api/v1/forums", nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := users.Len(call("len")); err != nil {
		t.Fatal(err)
	}
	if err := users.At(call("at"), 15, nil); err != nil {
		t.Fatal(err)
	}
	for _, err := range users.All(call("all")) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	want := []any{"get", "len", "at", "all"}
	equal(t, "contexts of the log", logged, want)
	equal(t, "contexts of the hook", hooked, want)
}

func TestAttemptHook(t *testing.T) {
	s := sandbox(t)
	var attempts []uservoice.Attempt
	client := s.client(t, uservoice.WithAttemptHook(func(_ context.Context, a uservoice.Attempt) { attempts = append(attempts, a) }))
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "status": 503, "retry_after": "0"})
	if err := client.Get(context.Background(), "/api/v1/forums?q=HIDDEN", nil, nil); err != nil {
		t.Fatal(err)
	}
	equal(t, "attempts", len(attempts), 2)
	first, second := attempts[0], attempts[1]
	equal(t, "retries", first.Retries, true)
	equal(t, "error", first.Error, "")
	first.Duration, first.RetryIn, second.Duration = 0, 0, 0
	want := uservoice.Attempt{Method: "GET", Path: "/api/v1/forums?q", Number: 1, Status: 503, Retries: true}
	equal(t, "first attempt", first, want)
	want.Number, want.Status, want.Retries = 2, 200, false
	equal(t, "second attempt", second, want)

	silent, err := client.With(uservoice.WithAttemptHook(nil))
	if err != nil {
		t.Fatal(err)
	}
	whoami(t, loginAs(t, silent, "user2@sandbox.example"))
	equal(t, "attempts of a client without a hook", len(attempts), 2)
}

func TestAttemptHookGetsTheError(t *testing.T) {
	var attempt uservoice.Attempt
	client, err := uservoice.New("acme", "key", "secret", uservoice.WithBaseURL("http://127.0.0.1:1"), uservoice.WithMaxRetries(0),
		uservoice.WithAttemptHook(func(_ context.Context, a uservoice.Attempt) { attempt = a }))
	if err != nil {
		t.Fatal(err)
	}
	err = client.Get(context.Background(), "/api/v1/forums", nil, nil)
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) {
		t.Fatal(err)
	}
	equal(t, "status", attempt.Status, 0)
	equal(t, "the attempt has an error", attempt.Error != "", true)
	contains(t, uvErr.Message, attempt.Error)
}
