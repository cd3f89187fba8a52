package uservoice_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// A site is a running sandbox.
type site struct {
	URL    string `json:"url"`
	SSOKey string `json:"sso_key"`

	process *exec.Cmd
}

func sandboxProgram() string {
	if path := os.Getenv("USERVOICE_SANDBOX"); path != "" {
		return path
	}
	return "uservoice-sandbox"
}

func startSandbox(arguments ...string) (*site, error) {
	process := exec.Command(sandboxProgram(), append([]string{"--json", "--quiet"}, arguments...)...)
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("the tests require uservoice-sandbox in PATH, or its path in USERVOICE_SANDBOX: %w", err)
	}
	s := &site{process: process}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the sandbox does not start: %w", err)
	}
	return s, json.Unmarshal(line, s)
}

func (s *site) stop() {
	s.process.Process.Kill()
	s.process.Wait()
}

// TestMain starts the sandbox of the examples. Each test has its own sandbox, see sandbox.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "USERVOICE_") && name != "USERVOICE_SANDBOX" {
			os.Unsetenv(name)
		}
	}
	site, err := startSandbox()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, value := range site.environment() {
		os.Setenv(name, value)
	}
	code := m.Run()
	site.stop()
	os.Exit(code)
}

// environment returns what NewFromEnv reads.
func (s *site) environment() map[string]string {
	return map[string]string{
		"USERVOICE_SUBDOMAIN":  "sandbox",
		"USERVOICE_API_KEY":    "sandbox-trusted-key",
		"USERVOICE_API_SECRET": "sandbox-trusted-secret",
		"USERVOICE_BASE_URL":   s.URL,
	}
}

// sandbox starts a sandbox for one test. Tests do not share one, because all clients of a process
// share their knowledge of a site's rate limit.
func sandbox(t testing.TB, arguments ...string) *site {
	t.Helper()
	s, err := startSandbox(arguments...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

func (s *site) client(t testing.TB, options ...uservoice.Option) *uservoice.Client {
	t.Helper()
	client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
		append([]uservoice.Option{uservoice.WithBaseURL(s.URL)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// control sends a request to the control API of the sandbox.
func (s *site) control(t testing.TB, method, path string, body any) []byte {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(method, s.URL+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	responseBody, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s %s: %v, %s: %s", method, path, err, response.Status, responseBody)
	}
	return responseBody
}

func (s *site) expireTokens(t testing.TB) {
	t.Helper()
	s.control(t, "POST", "/_sandbox/expire_tokens", nil)
}

func (s *site) faults(t testing.TB, faults any) {
	t.Helper()
	s.control(t, "POST", "/_sandbox/faults", faults)
}

const hangingRequests = 1000000

// hang is a fault that delays responses beyond the timeout of the tests.
func hang(path string) any {
	return uservoice.Params{"path": path, "times": hangingRequests, "delay_ms": 3600000}
}

// waitForFault waits until a request has met the fault hang.
func (s *site) waitForFault(t *testing.T) {
	t.Helper()
	s.waitForFaults(t, 1)
}

func (s *site) waitForFaults(t *testing.T, requests int) {
	t.Helper()
	for {
		var faults []struct{ Times int }
		if err := json.Unmarshal(s.control(t, "GET", "/_sandbox/faults", nil), &faults); err != nil {
			t.Fatal(err)
		}
		if len(faults) == 1 && faults[0].Times <= hangingRequests-requests {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

type recordedRequest struct {
	Method, Path, Query string
	Headers             map[string]string
	Body                json.RawMessage
}

// requests returns the requests to API v1 that the sandbox has received, without logins.
func (s *site) requests(t testing.TB) []recordedRequest {
	t.Helper()
	var all, requests []recordedRequest
	if err := json.Unmarshal(s.control(t, "GET", "/_sandbox/requests", nil), &all); err != nil {
		t.Fatal(err)
	}
	for _, request := range all {
		if strings.HasPrefix(request.Path, "/api/v1/") && !strings.HasPrefix(request.Path, "/api/v1/users/login_as") {
			requests = append(requests, request)
		}
	}
	return requests
}

// waitFor waits until the sandbox has received a number of requests.
func (s *site) waitFor(t testing.TB, requests int) {
	t.Helper()
	for len(s.requests(t)) < requests {
		time.Sleep(5 * time.Millisecond)
	}
}
