// Export writes lists of the Admin API into files.
//
//	export DIRECTORY LIST...
//
// Interrupted, the same command resumes the export. Later it appends what has changed.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

func export(ctx context.Context, directory string, lists []string) error {
	client, err := site.NewClient()
	if err != nil {
		return err
	}
	defer client.Close()
	owner, err := client.LoginWithClientCredentials(ctx)
	if err != nil {
		return err
	}
	defer owner.Close()
	defer fmt.Fprintln(os.Stderr) // ends the line of the progress
	for progress, err := range owner.Export(ctx, directory, uservoice.WithResources(lists...)) {
		if err != nil {
			return err
		}
		total := "?"
		if progress.Total >= 0 {
			total = fmt.Sprint(progress.Total)
		}
		fmt.Fprintf(os.Stderr, "%d of %s records\r", progress.Written, total)
	}
	return nil
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: export DIRECTORY LIST...")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := export(ctx, os.Args[1], os.Args[2:])
	if err != nil {
		log.Print(err, "\nThe same command resumes the export.")
	}
	if ctx.Err() != nil {
		os.Exit(130)
	}
	if err != nil {
		os.Exit(1)
	}
}
