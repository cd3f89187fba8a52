package uservoice_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// What several goroutines log to.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// take gives what was logged since it was called last.
func (l *logged) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func TestEachAttemptIsLogged(t *testing.T) {
	s := sandbox(t)
	var first, second logged
	client := s.client(t, uservoice.WithLogger(first.logger()))
	ctx := context.Background()
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "status": 502})
	if err := client.Get(ctx, "/api/v1/forums", uservoice.Params{"q": "HIDDEN"}, nil); err != nil {
		t.Fatal(err)
	}
	said := first.take()
	contains(t, said, "level=WARN")
	contains(t, said, "level=INFO")
	contains(t, said, "uservoice method=GET path=/api/v1/forums?q status=502")
	contains(t, said, "status=200")
	equal(t, "lines", strings.Count(said, "\n"), 2)
	equal(t, "a value shows", strings.Contains(said, "HIDDEN"), false)

	// What is made from it logs to the same place.
	user := loginAs(t, client, "user2@sandbox.example")
	first.take()
	whoami(t, user)
	contains(t, first.take(), "path=/api/v1/users/current")
	if _, err := user.Collection("/api/v1/forums").Len(ctx); err != nil {
		t.Fatal(err)
	}
	contains(t, first.take(), "path=/api/v1/forums?")

	// Unless it is given another, or none.
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
	equal(t, "said", first.take()+second.take(), "")
}

// What was not answered is logged too, each part under its name.
func TestTheLogIsStructured(t *testing.T) {
	var log logged
	client, err := uservoice.New("acme", "key", "secret", uservoice.WithBaseURL("http://127.0.0.1:1"), uservoice.WithMaxRetries(0),
		uservoice.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	err = client.Get(context.Background(), "/api/v1/forums", nil, nil)
	var failure *uservoice.Error
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	line := []byte(log.take())
	equal(t, "msg", at(t, line, "msg"), "uservoice")
	equal(t, "path", at(t, line, "path"), "/api/v1/forums")
	equal(t, "status", at(t, line, "status"), 0.0)
	equal(t, "try", at(t, line, "try"), 1.0)
	contains(t, failure.Message, at(t, line, "error").(string))
}

// Neither is caught by anybody, nor leaves the call: the library would be left in the middle
// of it.
func TestALoggerThatDoesNotReturnEndsTheProgram(t *testing.T) {
	s := sandbox(t)
	for way, says := range map[string]string{"panic": "the disk is full", "exit": "it ended its goroutine"} {
		command := exec.Command("go", "run", "./testdata/logger", way)
		command.Env = append(os.Environ(), "USERVOICE_BASE_URL="+s.URL)
		out, err := command.CombinedOutput()
		if err == nil {
			t.Errorf("%s: the program went on: %s", way, out)
		}
		contains(t, string(out), "the handler of the logger did not return: "+says)
		contains(t, string(out), "main.handler.Handle") // where it happened
	}
}

// The logger is there as long as anything that logs, whatever is collected as garbage.
func TestTheLoggerOutlivesItsClient(t *testing.T) {
	s := sandbox(t)
	var log logged
	list := func() *uservoice.Collection {
		client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
			uservoice.WithBaseURL(s.URL), uservoice.WithLogger(log.logger()))
		if err != nil {
			t.Fatal(err)
		}
		return client.Collection("/api/v1/suggestions")
	}()
	read := 0
	for _, err := range list.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if read++; read%400 == 0 {
			runtime.GC()
			runtime.GC()
		}
	}
	list = nil
	for range 3 {
		runtime.GC()
	}
	equal(t, "pages logged", strings.Count(log.take(), "path=/api/v1/suggestions?"), 16)
}

func TestLoggersAreFreed(t *testing.T) {
	client := sandbox(t).client(t)
	const loggers = 100
	var freed atomic.Int64
	for range loggers {
		logger := new(logged).logger()
		runtime.SetFinalizer(logger, func(*slog.Logger) { freed.Add(1) })
		if _, err := client.With(uservoice.WithLogger(logger)); err != nil {
			t.Fatal(err)
		}
	}
	for freed.Load() < loggers { // for ever, where one is kept
		runtime.GC()
		runtime.Gosched()
	}
}
