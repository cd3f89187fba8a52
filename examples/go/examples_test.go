// Package examples_test runs the examples against the sandbox.
package examples_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const records = 1234

var (
	programs string // the directory of the compiled examples
	baseURL  string // of the sandbox
)

func TestMain(m *testing.M) {
	code, err := build(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func build(m *testing.M) (int, error) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "USERVOICE_") && name != "USERVOICE_SANDBOX" {
			os.Unsetenv(name)
		}
	}
	var err error
	if programs, err = os.MkdirTemp("", "examples"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(programs)
	if out, err := exec.Command("go", "build", "-o", programs+"/", "./...").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("%w: %s", err, out)
	}
	sandbox, url, err := startSandbox("--records", fmt.Sprint(records))
	if err != nil {
		return 1, err
	}
	defer stop(sandbox)
	baseURL = url
	return m.Run(), nil
}

func startSandbox(arguments ...string) (*exec.Cmd, string, error) {
	program := os.Getenv("USERVOICE_SANDBOX")
	if program == "" {
		program = "uservoice-sandbox"
	}
	return startAndRead(exec.Command(program, append([]string{"--quiet"}, arguments...)...))
}

// startAndRead starts a program and returns the first line of its output.
func startAndRead(command *exec.Cmd) (*exec.Cmd, string, error) {
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := command.Start(); err != nil {
		return nil, "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", fmt.Errorf("%s does not start: %w", command.Path, err)
	}
	return command, strings.TrimSpace(line), nil
}

func stop(command *exec.Cmd) {
	command.Process.Kill()
	command.Wait()
}

// A result is the output and exit status of a program.
type result struct {
	out, err string
	status   int
}

func command(program string, arguments ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(programs, program), arguments...)
	command.Env = append(os.Environ(), "USERVOICE_BASE_URL="+baseURL)
	return command
}

// finish runs a program and checks its exit status.
func finish(t *testing.T, command *exec.Cmd, status int) result {
	t.Helper()
	var out, stderr bytes.Buffer
	command.Stderr = &stderr
	if command.Stdout == nil {
		command.Stdout = &out
	}
	var exit *exec.ExitError // the status is checked below
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{out.String(), stderr.String(), command.ProcessState.ExitCode()}
	if r.status != status {
		t.Fatalf("%v: got exit status %d, want %d\n%s%s", command.Args, r.status, status, r.out, r.err)
	}
	return r
}

func run(t *testing.T, status int, program string, arguments ...string) result {
	t.Helper()
	return finish(t, command(program, arguments...), status)
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%.2000s", part, text)
		}
	}
}

func control(t *testing.T, method, path, body string) string {
	t.Helper()
	request, err := http.NewRequest(method, baseURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	return read(t, http.DefaultClient, request)
}

func read(t *testing.T, client *http.Client, request *http.Request) string {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, client, request)
}

func TestExamplesFailWithoutSite(t *testing.T) {
	for _, arguments := range [][]string{{"sso_link"}, {"list_to_csv"}, {"act_as_user", "jo@example.com", "1"}, {"three_legged_login", "0"},
		{"export", t.TempDir(), "users"}, {"worker_threads"}, {"webhook_receiver", "0"}, {"log_and_interrupt"}} {
		command := command(arguments[0], arguments[1:]...)
		command.Env = append(os.Environ(), "USERVOICE_BASE_URL=")
		contains(t, finish(t, command, 1).err, "set USERVOICE_", "USERVOICE_BASE_URL alone")
	}
}

func TestExamplesReportServiceErrors(t *testing.T) {
	for _, arguments := range [][]string{{"list_to_csv"}, {"act_as_user", "jo@example.com", "1"}, {"export", t.TempDir(), "users"},
		{"worker_threads"}, {"log_and_interrupt"}} {
		command := command(arguments[0], arguments[1:]...)
		command.Env = append(command.Env, "USERVOICE_BASE_URL=http://127.0.0.1:1")
		contains(t, finish(t, command, 1).err, "127.0.0.1:1")
	}
	// The first comments load, a later one does not.
	control(t, "POST", "/_sandbox/faults", `{"path":"/api/v1/forums/1/suggestions/*","after":3,"times":9,"status":422}`)
	if failed := run(t, 1, "worker_threads"); failed.out != "" || !strings.Contains(failed.err, "HTTP 422") {
		t.Errorf("%+v", failed)
	}
	control(t, "DELETE", "/_sandbox/faults", "")
}

func TestExamplesOverTLS(t *testing.T) {
	sandbox, line, err := startSandbox("--json", "--tls")
	if err != nil {
		t.Fatal(err)
	}
	defer stop(sandbox)
	var about struct {
		URL    string
		CAFile string `json:"ca_file"`
	}
	if err := json.Unmarshal([]byte(line), &about); err != nil {
		t.Fatal(err)
	}
	trusting := command("list_to_csv")
	trusting.Env = append(trusting.Env, "USERVOICE_BASE_URL="+about.URL, "USERVOICE_CA_FILE="+about.CAFile)
	contains(t, finish(t, trusting, 0).out, "user249@sandbox.example")
	distrusting := command("list_to_csv")
	distrusting.Env = append(distrusting.Env, "USERVOICE_BASE_URL="+about.URL)
	finish(t, distrusting, 1)
}

func TestSSOLink(t *testing.T) {
	contains(t, get(t, http.DefaultClient, strings.TrimSpace(run(t, 0, "sso_link").out)), "jo@example.com")
	acme := command("sso_link")
	acme.Env = append(acme.Env, "USERVOICE_SUBDOMAIN=acme", "USERVOICE_API_KEY=key", "USERVOICE_API_SECRET=secret", "USERVOICE_BASE_URL=")
	contains(t, finish(t, acme, 1).err, "set USERVOICE_SSO_KEY")
}

func TestListToCSV(t *testing.T) {
	control(t, "POST", "/_sandbox/reset", "")
	rows, err := csv.NewReader(strings.NewReader(run(t, 0, "list_to_csv").out)).ReadAll()
	if err != nil || len(rows) != 251 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if !slices.Equal(rows[0], []string{"id", "name", "email"}) || !slices.Equal(rows[8], []string{"8", `Sam "Quote" <Tag>`, "user7@sandbox.example"}) {
		t.Errorf("%q, %q", rows[0], rows[8])
	}
}

func TestActAsUser(t *testing.T) {
	if out := run(t, 0, "act_as_user", "user3@sandbox.example", "7").out; out != "Maria O'Neil sees: Dark mode (7)\n" {
		t.Error(out)
	}
	contains(t, run(t, 1, "act_as_user", "user3@sandbox.example", "99999").err, "Maria O'Neil sees no suggestion 99999")
	contains(t, run(t, 1, "act_as_user", "user3@sandbox.example", "x").err, "invalid syntax")
	untrusted := command("act_as_user", "user3@sandbox.example", "7")
	untrusted.Env = append(untrusted.Env, "USERVOICE_API_KEY=sandbox-untrusted-key", "USERVOICE_API_SECRET=sandbox-untrusted-secret")
	contains(t, finish(t, untrusted, 1).err, "Is the API key trusted?")
}

func TestExamplesReportFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for _, arguments := range [][]string{
		{"sso_link"}, {"list_to_csv"}, {"act_as_user", "user1@sandbox.example", "1"}, {"worker_threads"}, {"log_and_interrupt"},
	} {
		command := command(arguments[0], arguments[1:]...)
		command.Stdout = full
		contains(t, finish(t, command, 1).err, "no space left on device")
	}
}

func TestWorkerThreads(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(run(t, 0, "worker_threads").out), "\n")
	if len(lines) != 20 || !slices.Contains(lines, "Dark mode (1): +1, please!") || !slices.Contains(lines, "Dark mode (7): (no comment)") {
		t.Errorf("%q", lines)
	}
}

func TestLogAndInterrupt(t *testing.T) {
	counted := run(t, 0, "log_and_interrupt")
	if want := fmt.Sprintf("%d suggestions\n", records); counted.out != want {
		t.Errorf("got %q, want %q", counted.out, want)
	}
	contains(t, counted.err, "level=DEBUG", "method=GET path=/api/v1/suggestions?per_page&page status=200")
	contains(t, interrupt(t, command("log_and_interrupt"), "/api/v1/suggestions").err, "Interrupted after ")
}

func TestExport(t *testing.T) {
	control(t, "POST", "/_sandbox/reset", "")
	directory := t.TempDir()
	contains(t, run(t, 0, "export", directory, "suggestions", "users").err, fmt.Sprintf("%d of %[1]d records\r\n", records+250))
	checkRecords(t, directory, "suggestions", records)
	checkRecords(t, directory, "users", 250)
	contains(t, run(t, 1, "export", t.TempDir(), "nothing").err, "HTTP 404", "The same command resumes the export.")
	run(t, 1, "export", directory)
}

func TestExportResumes(t *testing.T) {
	directory := t.TempDir()
	interrupted := interrupt(t, command("export", directory, "suggestions"), "/api/v2/admin/suggestions")
	contains(t, interrupted.err, "The same command resumes the export.")
	run(t, 0, "export", directory, "suggestions")
	checkRecords(t, directory, "suggestions", records)
}

// checkRecords checks that a file has the records 1 to count, each once.
func checkRecords(t *testing.T, directory, name string, count int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(directory, name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		var record struct{ ID int }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		ids[record.ID] = true
	}
	if len(lines) != count || len(ids) != count || !ids[1] || !ids[count] {
		t.Errorf("%s has %d lines with %d IDs, want 1 to %d", name, len(lines), len(ids), count)
	}
}

// interrupt sends SIGINT to a program while one of its requests waits, and returns its output.
func interrupt(t *testing.T, command *exec.Cmd, path string) result {
	t.Helper()
	control(t, "POST", "/_sandbox/faults", `{"path":"`+path+`","after":3,"delay_ms":600000}`)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for control(t, "GET", "/_sandbox/faults", "") != "[]" {
		time.Sleep(10 * time.Millisecond)
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	command.Wait() // the status is checked below
	if status := command.ProcessState.ExitCode(); status != 130 {
		t.Errorf("%v: got exit status %d, want 130\n%s", command.Args, status, stderr.String())
	}
	return result{err: stderr.String()}
}
