// Logs to a handler that does not return, for a test of what becomes of the program.
package main

import (
	"context"
	"log/slog"
	"os"
	"runtime"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

type handler struct{ slog.Handler }

func (h handler) Handle(context.Context, slog.Record) error {
	if os.Args[1] == "panic" {
		panic("the disk is full")
	}
	runtime.Goexit()
	return nil
}

func main() {
	client, err := uservoice.NewFromEnv(uservoice.WithLogger(slog.New(handler{slog.Default().Handler()})))
	if err != nil {
		panic(err)
	}
	defer func() { recover() }()
	client.Get(context.Background(), "/api/v1/forums", nil, nil)
}
