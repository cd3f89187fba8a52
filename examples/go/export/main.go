// Export writes lists of a site into files of a directory: JSON Lines, or CSV.
//
//	export --to DIRECTORY [--since MOMENT] [--format csv] LIST...
//	export --to backup suggestions users
//	export --to backup --since 2026-01-31 --format csv suggestions
//	export --to old /api/v1/suggestions?sort=oldest
//
// A LIST is a name of the Admin API, or the path of a list of either API; all are of one. They
// are read as the owner of the site, which needs a trusted API key.
//
// Interrupted, killed or stopped by an error, the same command goes on where it was. After one
// that came to its end, it appends what has changed since.
//
// Exit status: 0 all was written, 1 any other error, 2 wrong usage, 3 not authorized, 4 no such
// list, 5 rate limit, 6 the service failed, 7 the service was not reached, 8 a file cannot be
// written or used, 130 interrupted.
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
)

type request struct {
	directory string
	oldAPI    bool // of API v1
	options   []uservoice.ExportOption
}

func main() {
	what, err := parse()
	if err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
		flag.Usage()
		os.Exit(2)
	}
	// The first Ctrl-C ends the call that is running, a second one the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx, what); err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
		os.Exit(exitStatus(err))
	}
}

func parse() (what request, err error) {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: export --to DIRECTORY [--since MOMENT] [--format csv] LIST...\n"+
			"A LIST is a name of the Admin API, such as suggestions, or a path such as /api/v1/suggestions.")
		flag.PrintDefaults()
	}
	flag.StringVar(&what.directory, "to", "", "the `directory`, made where it is missing")
	since := flag.String("since", "", "only what was updated at this `moment` or later: 2026-01-31, or 2026-01-31T12:00:00Z")
	format := flag.String("format", string(uservoice.JSONLines), "jsonl or csv")
	flag.Parse()
	if what.directory == "" || flag.NArg() == 0 {
		return what, errors.New("a directory and a list are needed")
	}
	what.options = append(what.options, uservoice.WithFormat(uservoice.Format(*format)))
	if *since != "" {
		moment, err := parseMoment(*since)
		if err != nil {
			return what, err
		}
		what.options = append(what.options, uservoice.WithSince(moment))
	}
	for i, list := range flag.Args() {
		oldAPI := strings.HasPrefix(list, "/api/v1/")
		if i > 0 && oldAPI != what.oldAPI {
			return what, errors.New("lists of both APIs: they are logged in to in different ways, and need an export each")
		}
		what.oldAPI = oldAPI
		what.options = append(what.options, withList(list))
	}
	return what, nil
}

func parseMoment(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}

// withList calls a list that is given by its path as the path ends.
func withList(list string) uservoice.ExportOption {
	if !strings.HasPrefix(list, "/") {
		return uservoice.WithResources(list)
	}
	endpoint, _, _ := strings.Cut(list, "?")
	return uservoice.WithResource(uservoice.Resource{Name: path.Base(endpoint), Path: list})
}

func run(ctx context.Context, what request) error {
	client, err := login(ctx, what.oldAPI)
	if err != nil {
		return err
	}
	defer client.Close()
	bar := bar{terminal: isTerminal(os.Stderr)}
	defer bar.end()
	var last uservoice.Progress
	for progress, err := range client.Export(ctx, what.directory, what.options...) {
		if err != nil {
			return fmt.Errorf("%w\nStopped after %d records; the same command goes on there", err, last.Written)
		}
		last = progress
		bar.show(progress)
	}
	return nil
}

func login(ctx context.Context, oldAPI bool) (*uservoice.Client, error) {
	client, err := uservoice.NewFromEnv()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if oldAPI {
		return client.LoginAsOwner(ctx)
	}
	return client.LoginWithClientCredentials(ctx)
}

// exitStatus tells a script what kind of failure it was.
func exitStatus(err error) int {
	if errors.Is(err, context.Canceled) {
		return 130
	}
	var failure *uservoice.Error
	if !errors.As(err, &failure) {
		return 1
	}
	switch failure.Status {
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
