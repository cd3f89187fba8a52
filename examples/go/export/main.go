// Export writes every record of a list as JSON Lines: to a file, or to standard output.
//
//	export [-as EMAIL | -owner] PATH [FILE]
//	export /api/v1/suggestions suggestions.jsonl
//
// With a file, an export that was interrupted goes on after its last complete page when it is
// started again: until it is complete, FILE.state says how far it came.
//
// -as acts as a user (UserVoice creates one where there is none with that address), -owner as
// the owner of the site. Exit status: 0 all was written, 1 an error, 2 wrong usage, 130
// interrupted.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/libuservoice/libuservoice/bindings/go"
)

const perPage = 100

func main() {
	as := flag.String("as", "", "act as the user with this `email`")
	owner := flag.Bool("owner", false, "act as the owner of the site")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: export [-as EMAIL | -owner] PATH [FILE]\n"+
			"PATH is a list such as /api/v1/suggestions or /api/v1/users")
		flag.PrintDefaults()
	}
	flag.Parse()
	path, file := flag.Arg(0), flag.Arg(1)
	if flag.NArg() > 2 || !strings.HasPrefix(path, "/") || *owner && *as != "" {
		flag.Usage()
		os.Exit(2)
	}
	// The first Ctrl-C ends the call that is running, a second one the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)

	err := run(ctx, *as, *owner, path, file)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "export:", err)
	if errors.Is(err, context.Canceled) {
		os.Exit(130)
	}
	os.Exit(1)
}

func run(ctx context.Context, as string, owner bool, path, file string) error {
	client, err := login(ctx, as, owner)
	if err != nil {
		return err
	}
	defer client.Close()
	if file == "" {
		return export(ctx, client, path, state{NextPage: 1}, &output{File: os.Stdout})
	}
	// Who acts is part of what is exported: not everybody sees the same records.
	done, err := readState(file, fmt.Sprintf("%s as %q, owner %v", path, as, owner))
	if err != nil {
		return err
	}
	out, err := openOutput(file, done)
	if err != nil {
		return err
	}
	defer out.Close()
	return export(ctx, client, path, done, out)
}

func login(ctx context.Context, as string, owner bool) (*uservoice.Client, error) {
	client, err := uservoice.NewFromEnv()
	switch {
	case err != nil:
		return nil, err
	case owner:
		return client.LoginAsOwner(ctx)
	case as != "":
		return client.LoginAs(ctx, as)
	}
	return client, nil
}

func export(ctx context.Context, client *uservoice.Client, path string, done state, out *output) error {
	list := client.Collection(path, uservoice.WithParams(uservoice.Params{"page": done.NextPage, "per_page": perPage}))
	left, err := list.Len(ctx)
	if err != nil {
		return err
	}
	show := progress{total: done.Records + left, terminal: isTerminal(os.Stderr)}
	defer show.end()
	for page, err := range list.Pages(ctx) {
		if err != nil {
			return fmt.Errorf("stopped after %d of %d records: %w", done.Records, show.total, err)
		}
		written, err := writeLines(out, page)
		if err != nil {
			return err
		}
		done.NextPage++
		done.Records += len(page)
		done.Size += written
		if err := out.keep(done); err != nil {
			return err
		}
		show.at(done.Records)
	}
	if done.Records < show.total {
		fmt.Fprintf(os.Stderr, "The list became shorter while it was read: %d of %d records.\n", done.Records, show.total)
	}
	return out.complete()
}

// writeLines writes each record as one line. The records are as the service sent them, so
// there may be line breaks in them.
func writeLines(out io.Writer, records []json.RawMessage) (int64, error) {
	var lines bytes.Buffer
	for _, record := range records {
		if err := json.Compact(&lines, record); err != nil {
			return 0, err
		}
		lines.WriteByte('\n')
	}
	return lines.WriteTo(out)
}

type progress struct {
	total    int
	terminal bool
	shown    bool
}

func (p *progress) at(records int) {
	if p.terminal {
		fmt.Fprintf(os.Stderr, "\r%d of %d", records, p.total)
		p.shown = true
	}
}

func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(os.Stderr)
	}
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
