// Export writes collections of a site into files of a directory, as JSON Lines or CSV.
//
//	export --to DIRECTORY [--since TIME] [--format csv] COLLECTION...
//	export --to backup suggestions users
//	export --to backup --since 2026-01-31 --format csv suggestions
//	export --to old /api/v1/suggestions?sort=oldest
//
// A COLLECTION is a name of the Admin API, or a path of either API. All must be of the same API. They
// are read as the owner of the site, which requires a trusted API key.
//
// If an export was interrupted or failed, the same command resumes it. After a complete export, it
// appends the records that have changed.
//
// Exit status: 0 success, 1 any other error, 2 invalid usage, 3 not authorized, 4 unknown
// collection, 5 rate limit, 6 error of the service, 7 the service cannot be reached, 8 a file cannot
// be read or written, 130 interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path"
	"strings"
	"syscall"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

type arguments struct {
	directory string
	apiV1     bool
	options   []uservoice.ExportOption
}

func main() {
	args, err := parseArguments()
	if err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
		flag.Usage()
		os.Exit(2)
	}
	// The first Ctrl-C cancels the running call, the second one ends the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
		os.Exit(exitStatus(err))
	}
}

func parseArguments() (args arguments, err error) {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: export --to DIRECTORY [--since TIME] [--format csv] COLLECTION...\n"+
			"A COLLECTION is a name of the Admin API, such as suggestions, or a path, such as /api/v1/suggestions.")
		flag.PrintDefaults()
	}
	flag.StringVar(&args.directory, "to", "", "the `directory` of the files, created if necessary")
	since := flag.String("since", "", "export only records updated at this `time` or later: 2026-01-31, or 2026-01-31T12:00:00Z")
	format := flag.String("format", string(uservoice.JSONLines), "jsonl or csv")
	flag.Parse()
	if args.directory == "" || flag.NArg() == 0 {
		return args, errors.New("--to and a collection are required")
	}
	args.options = append(args.options, uservoice.WithFormat(uservoice.Format(*format)))
	if *since != "" {
		t, err := parseTime(*since)
		if err != nil {
			return args, err
		}
		args.options = append(args.options, uservoice.WithSince(t))
	}
	for i, name := range flag.Args() {
		apiV1 := strings.HasPrefix(name, "/api/v1/")
		if i > 0 && apiV1 != args.apiV1 {
			return args, errors.New("collections of both APIs need different logins: export them separately")
		}
		args.apiV1 = apiV1
		args.options = append(args.options, withCollection(name))
	}
	return args, nil
}

func parseTime(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}

// withCollection names the file of a path after the last part of the path.
func withCollection(name string) uservoice.ExportOption {
	if !strings.HasPrefix(name, "/") {
		return uservoice.WithResources(name)
	}
	withoutQuery, _, _ := strings.Cut(name, "?")
	return uservoice.WithResource(uservoice.Resource{Name: path.Base(withoutQuery), Path: name})
}

func run(ctx context.Context, args arguments) error {
	client, err := login(ctx, args.apiV1)
	if err != nil {
		return err
	}
	defer client.Close()
	bar := newProgressBar()
	defer bar.end()
	var last uservoice.Progress
	for progress, err := range client.Export(ctx, args.directory, args.options...) {
		if err != nil {
			return fmt.Errorf("%w\nStopped after %d records. The same command resumes the export", err, last.Written)
		}
		last = progress
		bar.show(progress)
	}
	return nil
}

func login(ctx context.Context, apiV1 bool) (*uservoice.Client, error) {
	site, err := site.FromEnv()
	if err != nil {
		return nil, err
	}
	client, err := site.NewClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if apiV1 {
		return client.LoginAsOwner(ctx)
	}
	return client.LoginWithClientCredentials(ctx)
}

func exitStatus(err error) int {
	if errors.Is(err, context.Canceled) {
		return 130
	}
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) {
		return 1
	}
	switch uvErr.Status {
	case uservoice.StatusInvalidArgument:
		return 2
	case uservoice.StatusUnauthorized:
		return 3
	case uservoice.StatusNotFound:
		return 4
	case uservoice.StatusRateLimited:
		return 5
	case uservoice.StatusApplicationError, uservoice.StatusAPIError, uservoice.StatusBadResponse:
		return 6
	case uservoice.StatusTransport, uservoice.StatusTimeout:
		return 7
	case uservoice.StatusFileError:
		return 8
	}
	return 1
}
