package examples_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestExportOfSeveralCollections(t *testing.T) {
	control(t, "POST", "/_sandbox/reset", "")
	directory := t.TempDir()
	for range 2 { // the second export finds no changes
		if done := run(t, 0, "export", "--to", directory, "suggestions", "users"); done.out+done.err != "" {
			t.Errorf("output without a terminal: %s%s", done.out, done.err)
		}
		checkRecords(t, contents(t, directory, "suggestions.jsonl"), records)
		checkRecords(t, contents(t, directory, "users.jsonl"), 250)
	}
	run(t, 0, "export", "--to", directory, "/api/v1/tickets?sort=oldest")
	if contents(t, directory, "tickets.jsonl") == "" {
		t.Error("the owner sees no tickets")
	}
}

func TestExportToCSVSince(t *testing.T) {
	directory := t.TempDir()
	run(t, 0, "export", "--to", directory, "suggestions")
	updated := make([]string, 0, records)
	for _, line := range strings.Split(strings.TrimSpace(contents(t, directory, "suggestions.jsonl")), "\n") {
		var one struct {
			Updated string `json:"updated_at"`
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		updated = append(updated, one.Updated)
	}
	since, want := updated[len(updated)/2], 0
	for _, one := range updated {
		if one >= since {
			want++
		}
	}
	if want == 0 || want == len(updated) {
		t.Fatalf("%d of %d records were updated since %s", want, len(updated), since)
	}
	directory = t.TempDir()
	run(t, 0, "export", "--to", directory, "--format", "csv", "--since", since, "suggestions")
	table, err := csv.NewReader(strings.NewReader(contents(t, directory, "suggestions.csv"))).ReadAll()
	if err != nil || len(table) != want+1 {
		t.Errorf("got %d rows, want %d: %v", len(table), want+1, err)
	}
	run(t, 0, "export", "--to", t.TempDir(), "--since", "2999-01-01", "suggestions")
}

func TestExportShowsProgressOnTerminal(t *testing.T) {
	directory := t.TempDir()
	line := fmt.Sprintf("'%s' --to '%s' suggestions", filepath.Join(programs, "export"), directory)
	terminal := exec.Command("script", "--quiet", "--return", "--command", line, "/dev/null")
	terminal.Env = append(os.Environ(), "USERVOICE_BASE_URL="+baseURL)
	contains(t, finish(t, terminal, 0).out, "[##----", "]   8 %  100 of 1234, ", "/s, ", "s left",
		"[##############################] 100 %  1234 of 1234, ")
	checkRecords(t, contents(t, directory, "suggestions.jsonl"), records)
}

// The sandbox stops responding, and SIGINT interrupts the export.
func TestExportResumesAfterInterrupt(t *testing.T) {
	directory := t.TempDir()
	control(t, "POST", "/_sandbox/faults", `{"path":"/api/v2/admin/suggestions","after":5,"times":100000,"delay_ms":3600000}`)
	first := command("export", "--to", directory, "suggestions")
	var output strings.Builder
	first.Stderr = &output
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(control(t, "GET", "/_sandbox/faults", ""), `"times":99999`) {
		time.Sleep(5 * time.Millisecond)
	}
	if err := first.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if status := first.ProcessState.ExitCode(); status != 130 {
		t.Errorf("status %d after Ctrl-C", status)
	}
	contains(t, output.String(), "context canceled", "records. The same command resumes the export")
	control(t, "DELETE", "/_sandbox/faults", "")
	run(t, 0, "export", "--to", directory, "suggestions")
	checkRecords(t, contents(t, directory, "suggestions.jsonl"), records)
}

func TestExportExitStatus(t *testing.T) {
	to := t.TempDir()
	for _, invalid := range [][]string{{}, {"users"}, {"--to", to}, {"--to", to, "--since", "yesterday", "users"},
		{"--to", to, "--format", "xml", "users"}, {"--to", to, "users", "users"}, {"--to", to, "users", "/api/v1/forums"}} {
		run(t, 2, "export", invalid...)
	}
	fails := func(status int, message string, environment ...string) {
		t.Helper()
		export := command("export", "--to", t.TempDir(), "users")
		export.Env = append(export.Env, environment...)
		contains(t, finish(t, export, status).err, message)
	}
	failsWithFault := func(status int, message, fault string) {
		t.Helper()
		control(t, "POST", "/_sandbox/faults", `{"path":"/api/v2/admin/users","times":100000,`+fault+`}`)
		defer control(t, "DELETE", "/_sandbox/faults", "")
		fails(status, message)
	}
	fails(3, "unauthorized_client", "USERVOICE_API_KEY=sandbox-untrusted-key", "USERVOICE_API_SECRET=sandbox-untrusted-secret")
	contains(t, run(t, 4, "export", "--to", to, "nothing").err, "GET /api/v2/admin/nothing: HTTP 404")
	failsWithFault(5, "HTTP 429", `"status":429,"retry_after":"3600"`)
	failsWithFault(6, "HTTP 500", `"status":500`)
	fails(7, "127.0.0.1:1", "USERVOICE_BASE_URL=http://127.0.0.1:1")
	file := filepath.Join(to, "state.json")
	contains(t, run(t, 8, "export", "--to", file, "users").err, file)
}

func contents(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkRecords checks that the lines are a number of different records.
func checkRecords(t *testing.T, text string, want int) {
	t.Helper()
	seen := map[int]bool{}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var record struct{ ID int }
		if err := json.Unmarshal([]byte(line), &record); err != nil || record.ID == 0 || seen[record.ID] {
			t.Fatalf("%v, id %d: %s", err, record.ID, line)
		}
		seen[record.ID] = true
	}
	if len(seen) != want {
		t.Errorf("got %d records, want %d", len(seen), want)
	}
}
