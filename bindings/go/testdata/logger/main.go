// Logger logs to a handler that does not return: it panics or calls runtime.Goexit. Usage:
// logger URL-OF-THE-SANDBOX panic|goexit
package main

import (
	"context"
	"log/slog"
	"os"
	"runtime"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

type handler struct{ slog.Handler }

func (handler) Enabled(context.Context, slog.Level) bool { return true }

func (h handler) Handle(context.Context, slog.Record) error {
	if os.Args[2] == "panic" {
		panic("the disk is full")
	}
	runtime.Goexit()
	return nil
}

func main() {
	client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
		uservoice.WithBaseURL(os.Args[1]), uservoice.WithLogger(slog.New(handler{slog.Default().Handler()})))
	if err != nil {
		panic(err)
	}
	defer func() { recover() }() // must have no effect
	client.Get(context.Background(), "/api/v1/forums", nil, nil)
}
