package uservoice_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
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

// Where the sandbox's program is.
func program() string {
	if path := os.Getenv("USERVOICE_SANDBOX"); path != "" {
		return path
	}
	return "uservoice-sandbox"
}

func start(arguments ...string) (*site, error) {
	process := exec.Command(program(), append([]string{"--json", "--quiet"}, arguments...)...)
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("the tests need uservoice-sandbox, in PATH or named by USERVOICE_SANDBOX: %w", err)
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

func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "USERVOICE_") && name != "USERVOICE_SANDBOX" {
			os.Unsetenv(name)
		}
	}
	// For the examples. Each test has its own.
	site, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("USERVOICE_BASE_URL", site.URL)
	code := m.Run()
	site.stop()
	os.Exit(code)
}

// Each test has a sandbox of its own: what a client knows of a site's rate limit, all
// clients of the process do.
func sandbox(t testing.TB, arguments ...string) *site {
	t.Helper()
	s, err := start(arguments...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

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
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s %s: %v, %s: %s", method, path, err, response.Status, answer)
	}
	return answer
}

func (s *site) faults(t testing.TB, faults any) {
	t.Helper()
	s.control(t, "POST", "/_sandbox/faults", faults)
}

type entry struct {
	Method, Path, Query string
	Headers             map[string]string
	Body                json.RawMessage
}

// The API calls so far, without logins.
func (s *site) requests(t testing.TB) []entry {
	t.Helper()
	var all, calls []entry
	if err := json.Unmarshal(s.control(t, "GET", "/_sandbox/requests", nil), &all); err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if strings.HasPrefix(one.Path, "/api/v1/") && !strings.HasPrefix(one.Path, "/api/v1/users/login_as") {
			calls = append(calls, one)
		}
	}
	return calls
}

// waitFor waits until so many API calls have come in, however long it takes.
func (s *site) waitFor(t testing.TB, calls int) {
	t.Helper()
	for len(s.requests(t)) < calls {
		time.Sleep(5 * time.Millisecond)
	}
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

func loginAs(t testing.TB, client *uservoice.Client, email string) *uservoice.Client {
	t.Helper()
	user, err := client.LoginAs(context.Background(), email)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close() })
	return user
}

func loginAsOwner(t testing.TB, client *uservoice.Client) *uservoice.Client {
	t.Helper()
	owner, err := client.LoginAsOwner(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { owner.Close() })
	return owner
}

// clickAllow does what a person does at the authorize page, and gives the verifier
// that the page shows then.
func clickAllow(authorizeURL string) (verifier string, err error) {
	page, err := url.Parse(authorizeURL)
	if err != nil {
		return "", err
	}
	response, err := http.PostForm(authorizeURL, url.Values{
		"oauth_token": page.Query()["oauth_token"],
		"decision":    {"allow"},
		"email":       {"user1@sandbox.example"},
	})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`id="verifier">([^<]+)<`).FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("no verifier: %s", text)
	}
	return string(found[1]), nil
}
