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

// finish runs an export to its end, and returns the last progress.
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

// exportError runs an export and returns its error.
func exportError(t *testing.T, export iter.Seq2[uservoice.Progress, error]) (exportErr error) {
	t.Helper()
	for _, err := range export {
		if exportErr != nil {
			t.Error("the loop continued after", exportErr)
		}
		exportErr = err
	}
	return exportErr
}

// lines returns the lines of a file.
func lines(t *testing.T, path ...string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
}

// checkIDs checks that the records have the ids 1 to count, in this order.
func checkIDs(t *testing.T, records []string, count int) {
	t.Helper()
	equal(t, "records", len(records), count)
	for i, record := range records {
		if id := at(t, json.RawMessage(record), "id"); id != float64(i+1) {
			t.Fatalf("line %d has the id %v", i+1, id)
		}
	}
}

func TestExportResumesAndAppendsChanges(t *testing.T) {
	admin := loginToAdmin(t, sandbox(t).client(t))
	ctx := context.Background()
	directory := filepath.Join(t.TempDir(), "not", "yet", "created")
	export := admin.Export(ctx, directory, uservoice.WithResources("suggestions", "users"))
	written := 0
	for progress, err := range export { // interrupted after the first page
		if err != nil {
			t.Fatal(err)
		}
		if progress.Written <= written {
			t.Errorf("progress went from %d to %d", written, progress.Written)
		}
		written = progress.Written
		break
	}
	for range export { // and after the second page
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

	// After a complete export, the next one appends new records.
	err := admin.Post(ctx, "/api/v2/admin/users/find_or_create", uservoice.Params{"email_address": "new@example.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, export)
	checkIDs(t, lines(t, directory, "users.jsonl"), 251)
}

func TestExportResumesAfterCancellation(t *testing.T) {
	s := sandbox(t)
	admin := loginToAdmin(t, s.client(t))
	directory := t.TempDir()
	options := uservoice.WithResources("suggestions")
	s.faults(t, uservoice.Params{"path": "/api/v2/admin/suggestions", "after": 5, "times": hangingRequests, "delay_ms": 3600000})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		s.waitForFault(t)
		cancel()
	}()
	var exportErr error
	for _, err := range admin.Export(ctx, directory, options) {
		exportErr = err
	}
	if !errors.Is(exportErr, context.Canceled) {
		t.Fatal(exportErr)
	}
	s.control(t, "DELETE", "/_sandbox/faults", nil)
	finish(t, admin.Export(context.Background(), directory, options))
	checkIDs(t, lines(t, directory, "suggestions.jsonl"), 1501)
}

func TestExportOptions(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	admin := loginToAdmin(t, client)
	ctx := context.Background()
	directory := t.TempDir()
	finish(t, client.Export(ctx, directory, uservoice.WithResource(uservoice.Resource{
		Name: "forums", Path: "/api/v1/forums?sort=oldest", Params: uservoice.Params{"per_page": 2},
	})))
	finish(t, admin.Export(ctx, directory, uservoice.WithFormat(uservoice.CSV), uservoice.WithResource(uservoice.Resource{
		Name: "people", Path: "/api/v2/admin/users", Columns: []string{"id", "email_address"}, FullRefresh: true,
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
	equal(t, "owner", table[250], []string{"1", "owner@sandbox.example"})
	checkIDs(t, lines(t, directory, "forums.jsonl"), int(at(t, info(t, client, "/api/v1/forums"), "total_records").(float64)))

	empty := admin.Export(ctx, t.TempDir(), uservoice.WithResources("users"), uservoice.WithSince(time.Now().Add(time.Hour)))
	equal(t, "records updated in the future", finish(t, empty).Written, 0)
	empty = admin.Export(ctx, t.TempDir(), uservoice.WithResources("users"), uservoice.WithUntil(time.Unix(0, 0)))
	equal(t, "records updated before 1970", finish(t, empty).Written, 0)
}

func info(t *testing.T, client *uservoice.Client, path string) (info json.RawMessage) {
	t.Helper()
	if err := client.Collection(path).Info(context.Background(), &info); err != nil {
		t.Fatal(err)
	}
	return info
}

func TestExportErrors(t *testing.T) {
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
		err      error
		sentinel error
		message  string
	}{
		"not found":       {exportError(t, admin.Export(ctx, t.TempDir(), uservoice.WithResources("nothing"))), uservoice.ErrNotFound, "nothing: "},
		"unauthorized":    {exportError(t, client.Export(ctx, t.TempDir(), users)), uservoice.ErrUnauthorized, "users: "},
		"no resource":     {exportError(t, admin.Export(ctx, t.TempDir())), uservoice.ErrInvalidArgument, "WithResource: must have 1 to 64 elements"},
		"format":          {exportError(t, admin.Export(ctx, t.TempDir(), users, uservoice.WithFormat("xml"))), uservoice.ErrInvalidArgument, "WithFormat: "},
		"name":            {exportError(t, admin.Export(ctx, t.TempDir(), uservoice.WithResources("../users"))), uservoice.ErrInvalidArgument, "name"},
		"NUL":             {exportError(t, admin.Export(ctx, "a\x00", users)), uservoice.ErrInvalidArgument, "directory"},
		"params":          {exportError(t, admin.Export(ctx, t.TempDir(), uservoice.WithResource(uservoice.Resource{Name: "users", Params: func() {}}))), uservoice.ErrInvalidArgument, "params: cannot encode func() as JSON"},
		"params not JSON": {exportError(t, admin.Export(ctx, t.TempDir(), uservoice.WithResource(uservoice.Resource{Name: "users", Params: json.RawMessage("{")}))), uservoice.ErrInvalidArgument, "params: must be valid JSON"},
		"year":            {exportError(t, admin.Export(ctx, t.TempDir(), users, uservoice.WithSince(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)))), uservoice.ErrInvalidArgument, "WithSince: "},
		"other options":   {exportError(t, admin.Export(ctx, directory, users, uservoice.WithSince(time.Now()))), uservoice.ErrInvalidArgument, "users"},
		"not a directory": {exportError(t, admin.Export(ctx, file, users)), uservoice.ErrFile, "users.jsonl"},
		"closed client":   {exportError(t, closed.Export(ctx, directory, users)), uservoice.ErrClosed, ""},
		"zero client":     {exportError(t, new(uservoice.Client).Export(ctx, directory, users)), uservoice.ErrClosed, ""},
	} {
		if !errors.Is(c.err, c.sentinel) {
			t.Errorf("%s: %v", name, c.err)
			continue
		}
		contains(t, c.err.Error(), c.message)
	}

	other := t.TempDir()
	for range admin.Export(ctx, other, users) {
		if err := exportError(t, admin.Export(ctx, other, users)); !errors.Is(err, uservoice.ErrFile) {
			t.Error("two exports used the directory at once:", err)
		}
		break
	}
	finish(t, admin.Export(ctx, other, users)) // the directory is free again
}

func TestExportOutlivesClientAndToken(t *testing.T) {
	var log logBuffer
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
