// Log_and_interrupt counts the suggestions, and logs each request. Ctrl-C ends a request at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/signal"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

func count(ctx context.Context, logger *slog.Logger) (suggestions int, err error) {
	client, err := site.NewClient(uservoice.WithLogger(logger))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	for _, err := range client.Collection("/api/v1/suggestions").All(ctx) {
		if err != nil {
			return suggestions, err
		}
		suggestions++
	}
	return suggestions, nil
}

func main() {
	// Every call takes a context: Ctrl-C cancels this one.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	// Only failed attempts are logged above the level debug.
	handler := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})
	suggestions, err := count(ctx, slog.New(handler))
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(os.Stderr, "Interrupted after %d suggestions\n", suggestions)
		os.Exit(130)
	}
	if err != nil {
		log.Fatal(err)
	}
	if _, err := fmt.Println(suggestions, "suggestions"); err != nil {
		log.Fatal(err)
	}
}
