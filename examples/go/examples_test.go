// Package examples_test runs the examples against the sandbox.
package examples_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
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

// decide submits UserVoice's authorization page.
func decide(t *testing.T, client *http.Client, page *url.URL, decision string) string {
	t.Helper()
	form := url.Values{
		"oauth_token": page.Query()["oauth_token"],
		"decision":    {decision},
		"email":       {"user1@sandbox.example"},
	}
	request, err := http.NewRequest("POST", page.String(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return read(t, client, request)
}

func TestExamplesFailWithoutSite(t *testing.T) {
	for _, arguments := range [][]string{{"tour"}, {"export", "--to", t.TempDir(), "users"}, {"sso", "{}"}, {"three_legged"}} {
		command := command(arguments[0], arguments[1:]...)
		command.Env = append(os.Environ(), "USERVOICE_BASE_URL=")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		if command.Run() == nil {
			t.Errorf("%v succeeds without a site", arguments)
		}
		contains(t, stderr.String(), "USERVOICE_BASE_URL", "USERVOICE_SUBDOMAIN")
	}
}

func TestTour(t *testing.T) {
	tour := command("tour")
	out, err := tour.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := tour.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tour.Start(); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&output, lines.Text())
		if line := strings.TrimSpace(lines.Text()); strings.Contains(line, "/oauth/authorize?") {
			page, err := url.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			verifier := regexp.MustCompile(`id="verifier">([^<]+)<`).FindStringSubmatch(decide(t, http.DefaultClient, page, "allow"))
			fmt.Fprintln(stdin, verifier[1])
		}
	}
	if err := tour.Wait(); err != nil {
		t.Errorf("%v\n%s", err, output.String())
	}
	contains(t, output.String(), "/?sso=", `"expires":"`, "<user1@sandbox.example>", "of 250 users.",
		"Acting as user4@sandbox.example, named Łukasz Żak.", "Created forum", `"Tea in the afternoon".`,
		"Deleted the forum.", "There is no forum 999999999: uservoice: GET /api/v1/forums/999999999: HTTP 404", "HTTP status 401", "(UNAUTHORIZED)",
		"Logged in. The acting user is user1@sandbox.example.", "The end: 7 steps done, 0 skipped, 0 failed.")
	link := regexp.MustCompile(`http://.*/\?sso=\S+`).FindString(output.String())
	contains(t, get(t, http.DefaultClient, link), "jo@example.com")
}

func TestTourWithoutInput(t *testing.T) {
	contains(t, run(t, 0, "tour").out, "The end: 6 steps done, 1 skipped, 0 failed.")

	// If the suggestion fails, the forum is deleted, and the exit status reports the error.
	control(t, "POST", "/_sandbox/faults", `{"path":"/api/v1/forums/*","method":"POST","status":500}`)
	failed := run(t, 1, "tour")
	contains(t, failed.out, "Created forum", "Deleted the forum.", "1 failed")
	contains(t, failed.err, "the suggestion cannot be posted")

	// On a real site, the tour asks first.
	real := command("tour")
	real.Env = append(real.Env, "USERVOICE_SUBDOMAIN=sandbox", "USERVOICE_API_KEY=sandbox-trusted-key", "USERVOICE_API_SECRET=sandbox-trusted-secret")
	contains(t, finish(t, real, 0).out, "on sandbox? [y/N]", "nothing was changed", "USERVOICE_SSO_KEY is not set", "3 skipped")
}

func TestExamplesOverTLS(t *testing.T) {
	program := os.Getenv("USERVOICE_SANDBOX")
	if program == "" {
		program = "uservoice-sandbox"
	}
	sandbox, line, err := startAndRead(exec.Command(program, "--quiet", "--json", "--tls"))
	if err != nil {
		t.Fatal(err)
	}
	defer stop(sandbox)
	var sandboxInfo struct {
		URL    string
		CAFile string `json:"ca_file"`
	}
	if err := json.Unmarshal([]byte(line), &sandboxInfo); err != nil {
		t.Fatal(err)
	}
	tour := command("tour")
	tour.Env = append(tour.Env, "USERVOICE_BASE_URL="+sandboxInfo.URL, "USERVOICE_CA_FILE="+sandboxInfo.CAFile)
	contains(t, finish(t, tour, 0).out, "https://127.0.0.1", "0 failed.")
	untrusting := command("export", "--to", t.TempDir(), "users")
	untrusting.Env = append(untrusting.Env, "USERVOICE_BASE_URL="+sandboxInfo.URL)
	finish(t, untrusting, 7)
}

func TestSSO(t *testing.T) {
	user := `{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}`
	token := strings.TrimSpace(run(t, 0, "sso", "-token", user).out)
	if decrypted := run(t, 0, "sso", "-decrypt", token).out; decrypted != user+"\n" {
		t.Errorf("got user %s, want %s", decrypted, user)
	}
	withStdin := command("sso")
	withStdin.Stdin = strings.NewReader(user + "\n")
	if url := finish(t, withStdin, 0).out; url != baseURL+"/?sso="+token+"\n" {
		t.Errorf("got the URL %s", url)
	}
	acme := command("sso", user)
	acme.Env = append(acme.Env, "USERVOICE_SUBDOMAIN=acme", "USERVOICE_SSO_KEY=key", "USERVOICE_BASE_URL=")
	contains(t, finish(t, acme, 0).out, "https://acme.uservoice.com/?sso=")
	otherKey := command("sso", "-decrypt", token)
	otherKey.Env = append(otherKey.Env, "USERVOICE_SSO_KEY=another")
	finish(t, otherKey, 1)
	run(t, 1, "sso", "not json")
	run(t, 2, "sso", "{}", "{}")
}

// An application is the running example three_legged.
type application struct {
	t       *testing.T
	state   string
	process *exec.Cmd
	url     string
}

func startApplication(t *testing.T) *application {
	a := &application{t: t, state: t.TempDir()}
	a.start("127.0.0.1:0")
	t.Cleanup(func() { stop(a.process) })
	return a
}

func (a *application) start(listen string) {
	a.t.Helper()
	var err error
	if a.process, a.url, err = startAndRead(command("three_legged", "-listen", listen, "-state", a.state)); err != nil {
		a.t.Fatal(err)
	}
}

// restart restarts the application at the same address.
func (a *application) restart() {
	a.t.Helper()
	if err := a.process.Process.Signal(syscall.SIGTERM); err != nil {
		a.t.Fatal(err)
	}
	if err := a.process.Wait(); err != nil {
		a.t.Error(err)
	}
	a.start(strings.TrimPrefix(a.url, "http://"))
}

// browser returns an HTTP client with cookies.
func browser(t *testing.T) *http.Client {
	t.Helper()
	cookies, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: cookies}
}

// connect follows the link of the front page to UserVoice's authorization page, and returns its URL.
func (a *application) connect(client *http.Client) *url.URL {
	a.t.Helper()
	contains(a.t, get(a.t, client, a.url), `<a href="/connect">Connect to UserVoice</a>`)
	response, err := client.Get(a.url + "/connect")
	if err != nil {
		a.t.Fatal(err)
	}
	response.Body.Close()
	if page := response.Request.URL; strings.HasPrefix(page.String(), baseURL+"/oauth/authorize?oauth_token=") {
		return page
	}
	a.t.Fatalf("redirected to %s", response.Request.URL)
	return nil
}

func TestThreeLeggedLoginContinuesAfterRestart(t *testing.T) {
	a := startApplication(t)
	client := browser(t)
	page := a.connect(client)
	a.restart()
	contains(t, decide(t, client, page, "allow"), "Hello Zoë Åström &lt;user1@sandbox.example&gt;!")

	page = a.connect(client)
	a.restart()
	contains(t, decide(t, client, page, "deny"), "You did not allow the access.")

	pending, err := os.ReadDir(a.state)
	if err != nil || len(pending) > 0 {
		t.Errorf("%v, %d pending logins are stored", err, len(pending))
	}
}

func TestThreeLeggedLoginRejectsOtherBrowser(t *testing.T) {
	a := startApplication(t)
	page := a.connect(browser(t))
	otherBrowser := browser(t)
	contains(t, decide(t, otherBrowser, page, "allow"), "This browser has no such pending login.")

	page = a.connect(browser(t))
	a.connect(otherBrowser) // which now has another pending login
	contains(t, decide(t, otherBrowser, page, "allow"), "This browser has no such pending login.")

	request, err := http.NewRequest("GET", a.url+"/callback?oauth_token=x&oauth_verifier=y", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: "login", Value: "../../etc/passwd"})
	contains(t, read(t, http.DefaultClient, request), "This browser has no such pending login.")
}

func TestThreeLeggedLoginReportsServiceError(t *testing.T) {
	a := startApplication(t)
	control(t, "POST", "/_sandbox/faults", `{"path":"/oauth/request_token","times":9,"status":401}`)
	contains(t, get(t, browser(t), a.url+"/connect"), "The request to UserVoice failed.")
	control(t, "DELETE", "/_sandbox/faults", "")
}
