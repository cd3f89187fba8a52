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

func (l *logBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

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
	contains(t, output, "level=INFO")
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

func TestLoggersAreGarbageCollected(t *testing.T) {
	client := sandbox(t).client(t)
	const loggers = 100
	var freed atomic.Int64
	for range loggers {
		logger := new(logBuffer).logger()
		runtime.AddCleanup(logger, func(int) { freed.Add(1) }, 0)
		if _, err := client.With(uservoice.WithLogger(logger)); err != nil {
			t.Fatal(err)
		}
	}
	for freed.Load() < loggers { // until the timeout if one is never freed
		runtime.GC()
		runtime.Gosched()
	}
}
