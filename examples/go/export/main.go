// Export writes every record of a list as JSON Lines: to a file, or to standard output.
//
//	export [-as EMAIL | -owner | -admin [-since MOMENT]] PATH [FILE]
//	export /api/v1/suggestions suggestions.jsonl
//	export -admin -since 2026-01-31T12:00:00Z /api/v2/admin/users users.jsonl
//
// With a file, an export that was interrupted goes on after its last complete page when it is
// started again: until it is complete, FILE.state says how far it came.
//
// -as acts as a user (UserVoice creates one where there is none with that address), -owner as
// the owner of the site, -admin as the owner in the Admin API, -since exports what was updated
// after that moment. Exit status: 0 all was written, 1 an error, 2 wrong usage, 130
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
	"iter"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// What is exported. Who acts is part of it: not everybody sees the same records.
type source struct {
	path  string
	as    string
	owner bool
	admin bool
	since string
}

func (s source) String() string {
	return fmt.Sprintf("%s as %q, owner %v, admin %v, since %q", s.path, s.as, s.owner, s.admin, s.since)
}

// isPossible reports whether the switches fit each other.
func (s source) isPossible() bool {
	switch {
	case !strings.HasPrefix(s.path, "/"):
		return false
	case s.admin:
		return strings.HasPrefix(s.path, "/api/v2/") && s.as == "" && !s.owner
	}
	return s.since == "" && (s.as == "" || !s.owner)
}

func main() {
	var what source
	flag.StringVar(&what.as, "as", "", "act as the user with this `email`")
	flag.BoolVar(&what.owner, "owner", false, "act as the owner of the site")
	flag.BoolVar(&what.admin, "admin", false, "export a list of the Admin API, as the owner")
	flag.Func("since", "with -admin: what was updated after this `moment`, such as 2026-01-31T12:00:00Z", func(text string) error {
		what.since = text
		_, err := time.Parse(time.RFC3339, text)
		return err
	})
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: export [-as EMAIL | -owner | -admin [-since MOMENT]] PATH [FILE]\n"+
			"PATH is a list such as /api/v1/suggestions, or with -admin /api/v2/admin/users")
		flag.PrintDefaults()
	}
	flag.Parse()
	what.path = flag.Arg(0)
	if flag.NArg() > 2 || !what.isPossible() {
		flag.Usage()
		os.Exit(2)
	}
	// The first Ctrl-C ends the call that is running, a second one the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)

	err := run(ctx, what, flag.Arg(1))
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "export:", err)
	if errors.Is(err, context.Canceled) {
		os.Exit(130)
	}
	os.Exit(1)
}

func run(ctx context.Context, what source, file string) error {
	client, err := what.login(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if file == "" {
		done := state{NextPage: 1}
		return export(what.pages(ctx, client, done), done, &output{File: os.Stdout})
	}
	done, err := readState(file, what.String())
	if err != nil {
		return err
	}
	out, err := openOutput(file, done)
	if err != nil {
		return err
	}
	defer out.Close()
	return export(what.pages(ctx, client, done), done, out)
}

func (s source) login(ctx context.Context) (*uservoice.Client, error) {
	client, err := uservoice.NewFromEnv()
	switch {
	case err != nil:
		return nil, err
	case s.admin:
		return client.LoginWithClientCredentials(ctx)
	case s.owner:
		return client.LoginAsOwner(ctx)
	case s.as != "":
		return client.LoginAs(ctx, s.as)
	}
	return client, nil
}

func export(pages iter.Seq2[page, error], done state, out *output) error {
	show := progress{terminal: isTerminal(os.Stderr)}
	defer show.end()
	for page, err := range pages {
		if err != nil {
			return fmt.Errorf("stopped after %d records: %w", done.Records, err)
		}
		written, err := writeLines(out, page.records)
		if err != nil {
			return err
		}
		done = done.after(page, written)
		if err := out.keep(done); err != nil {
			return err
		}
		show.at(done.Records, page.total)
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

func (p *progress) at(records, total int) {
	p.total = total
	if p.terminal {
		fmt.Fprintf(os.Stderr, "\r%d of %d", records, total)
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
