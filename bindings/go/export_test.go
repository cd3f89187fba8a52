package uservoice_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// finish runs an export to its end, and gives the last progress.
func finish(t *testing.T, export iter.Seq2[uservoice.Progress, error]) (last uservoice.Progress) {
	t.Helper()
	for progress, err := range export {
		if err != nil {
			t.Fatal(err)
		}
		last = progress
	}
	return last
}

// exportError gives the error that ends an export.
func exportError(t *testing.T, export iter.Seq2[uservoice.Progress, error]) (failure error) {
	t.Helper()
	for _, err := range export {
		if failure != nil {
			t.Error("the loop went on after", failure)
		}
		failure = err
	}
	return failure
}

// lines gives the records of a file.
func lines(t *testing.T, path ...string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
}

// checkIDs wants each id from 1 once, in this order.
func checkIDs(t *testing.T, records []string, count int) {
	t.Helper()
	equal(t, "records", len(records), count)
	for i, record := range records {
		if id := at(t, json.RawMessage(record), "id"); id != float64(i+1) {
			t.Fatalf("id %v in line %d", id, i+1)
		}
	}
}

func TestAnExportGoesOnWhereItWas(t *testing.T) {
	admin := loginToAdmin(t, sandbox(t).client(t))
	ctx := context.Background()
	directory := filepath.Join(t.TempDir(), "made", "for", "it")
	export := admin.Export(ctx, directory, uservoice.WithResources("suggestions", "users"))
	written := 0
	for progress, err := range export { // left early, again and again
		if err != nil {
			t.Fatal(err)
		}
		if progress.Written <= written {
			t.Errorf("%d after %d", progress.Written, written)
		}
		written = progress.Written
		break
	}
	for range export {
		break
	}
	last := finish(t, export)
	equal(t, "written", last.Written, 1751)
	equal(t, "total", last.Total, 1751)
	equal(t, "time left", last.TimeLeft, time.Duration(0))
	equal(t, "users", last.Resources["users"], uservoice.ResourceProgress{Written: 250, Total: 250, Done: true})
	if last.Elapsed <= 0 || last.RecordsPerSecond <= 0 {
		t.Errorf("%+v", last)
	}
	checkIDs(t, lines(t, directory, "suggestions.jsonl"), 1501)
	checkIDs(t, lines(t, directory, "users.jsonl"), 250)

	// Afterwards it appends what is new.
	err := admin.Post(ctx, "/api/v2/admin/users/find_or_create", uservoice.Params{"email_address": "new@example.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, export)
	checkIDs(t, lines(t, directory, "users.jsonl"), 251)
}

func TestAnExportGoesOnAfterItsContext(t *testing.T) {
	s := sandbox(t)
	admin := loginToAdmin(t, s.client(t))
	directory := t.TempDir()
	options := uservoice.WithResources("suggestions")
	s.faults(t, uservoice.Params{"path": "/api/v2/admin/suggestions", "after": 5, "times": 1000000, "delay_ms": 3600000})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		s.waitForFault(t)
		cancel()
	}()
	var ended error
	for _, err := range admin.Export(ctx, directory, options) {
		ended = err
	}
	if !errors.Is(ended, context.Canceled) {
		t.Fatal(ended)
	}
	s.control(t, "DELETE", "/_sandbox/faults", nil)
	finish(t, admin.Export(context.Background(), directory, options))
	checkIDs(t, lines(t, directory, "suggestions.jsonl"), 1501)
}

func TestWhatAnExportIsOf(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	admin := loginToAdmin(t, client)
	ctx := context.Background()
	directory := t.TempDir()
	finish(t, client.Export(ctx, directory, uservoice.WithResource(uservoice.Resource{
		Name: "forums", Path: "/api/v1/forums?sort=oldest", Params: uservoice.Params{"per_page": 2},
	})))
	finish(t, admin.Export(ctx, directory, uservoice.WithFormat(uservoice.CSV), uservoice.WithResource(uservoice.Resource{
		Name: "people", Path: "/api/v2/admin/users", Columns: []string{"id", "email_address"}, Whole: true,
	})))
	file, err := os.Open(filepath.Join(directory, "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil || len(table) != 251 {
		t.Fatal(len(table), err)
	}
	equal(t, "header", table[0], []string{"id", "email_address"})
	equal(t, "owner", table[1], []string{"1", "owner@sandbox.example"})
	checkIDs(t, lines(t, directory, "forums.jsonl"), int(at(t, info(t, client, "/api/v1/forums"), "total_records").(float64)))

	none := admin.Export(ctx, t.TempDir(), uservoice.WithResources("users"), uservoice.WithSince(time.Now().Add(time.Hour)))
	equal(t, "records of the future", finish(t, none).Written, 0)
	none = admin.Export(ctx, t.TempDir(), uservoice.WithResources("users"), uservoice.WithUntil(time.Unix(0, 0)))
	equal(t, "records of the past", finish(t, none).Written, 0)
}

func info(t *testing.T, client *uservoice.Client, path string) (info json.RawMessage) {
	t.Helper()
	if err := client.Collection(path).Info(context.Background(), &info); err != nil {
		t.Fatal(err)
	}
	return info
}

func TestWhatEndsAnExport(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	admin := loginToAdmin(t, client)
	ctx := context.Background()
	users, directory := uservoice.WithResources("users"), t.TempDir()
	finish(t, admin.Export(ctx, directory, users))
	file := filepath.Join(directory, "users.jsonl")
	closed := s.client(t)
	closed.Close()
	for name, c := range map[string]struct {
		err  error
		kind error
		says string
	}{
		"list":           {exportError(t, admin.Export(ctx, t.TempDir(), uservoice.WithResources("nothing"))), uservoice.ErrNotFound, "nothing: "},
		"key":            {exportError(t, client.Export(ctx, t.TempDir(), users)), uservoice.ErrUnauthorized, "users: "},
		"no list":        {exportError(t, admin.Export(ctx, t.TempDir())), uservoice.ErrInvalidArgument, "must name 1 to 64 lists"},
		"format":         {exportError(t, admin.Export(ctx, t.TempDir(), users, uservoice.WithFormat("xml"))), uservoice.ErrInvalidArgument, "format"},
		"name":           {exportError(t, admin.Export(ctx, t.TempDir(), uservoice.WithResources("../users"))), uservoice.ErrInvalidArgument, "name"},
		"NUL":            {exportError(t, admin.Export(ctx, "a\x00", users)), uservoice.ErrInvalidArgument, "directory"},
		"params":         {exportError(t, admin.Export(ctx, t.TempDir(), uservoice.WithResource(uservoice.Resource{Name: "users", Params: func() {}}))), uservoice.ErrInvalidArgument, "JSON"},
		"other options":  {exportError(t, admin.Export(ctx, directory, users, uservoice.WithSince(time.Now()))), uservoice.ErrInvalidArgument, "users"},
		"no directory":   {exportError(t, admin.Export(ctx, file, users)), uservoice.ErrFile, "users.jsonl"},
		"closed client":  {exportError(t, closed.Export(ctx, directory, users)), uservoice.ErrClosed, ""},
		"client of none": {exportError(t, new(uservoice.Client).Export(ctx, directory, users)), uservoice.ErrClosed, ""},
	} {
		if !errors.Is(c.err, c.kind) {
			t.Errorf("%s: %v", name, c.err)
			continue
		}
		contains(t, c.err.Error(), c.says)
	}

	other := t.TempDir()
	for range admin.Export(ctx, other, users) {
		if err := exportError(t, admin.Export(ctx, other, users)); !errors.Is(err, uservoice.ErrFile) {
			t.Error("the directory is in use:", err)
		}
		break
	}
	finish(t, admin.Export(ctx, other, users)) // and then it is not
}

func TestAnExportOutlivesItsClient(t *testing.T) {
	var log logged
	admin := loginToAdmin(t, sandbox(t).client(t, uservoice.WithLogger(log.logger())))
	directory := t.TempDir()
	log.take()
	for _, err := range admin.Export(context.Background(), directory, uservoice.WithResources("suggestions")) {
		if err != nil {
			t.Fatal(err)
		}
		admin.Close()
		admin.Token().Close()
	}
	checkIDs(t, lines(t, directory, "suggestions.jsonl"), 1501)
	equal(t, "pages logged", strings.Count(log.take(), "path=/api/v2/admin/suggestions?"), 16)
}
