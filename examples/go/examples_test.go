// Package examples_test runs the examples against the sandbox, as a person would.
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
	programs string // where the examples were built
	baseURL  string // the sandbox's
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

// startAndRead starts a program that tells its URL in its first line.
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

// What a program did.
type result struct {
	out, err string
	status   int
}

func command(program string, arguments ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(programs, program), arguments...)
	command.Env = append(os.Environ(), "USERVOICE_BASE_URL="+baseURL)
	return command
}

func finish(t *testing.T, command *exec.Cmd, expected int) result {
	t.Helper()
	var out, stderr bytes.Buffer
	command.Stderr = &stderr
	if command.Stdout == nil {
		command.Stdout = &out
	}
	var exit *exec.ExitError // its status is compared below
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{out.String(), stderr.String(), command.ProcessState.ExitCode()}
	if r.status != expected {
		t.Fatalf("%v ended with %d instead of %d\n%s%s", command.Args, r.status, expected, r.out, r.err)
	}
	return r
}

func run(t *testing.T, expected int, program string, arguments ...string) result {
	t.Helper()
	return finish(t, command(program, arguments...), expected)
}

func shows(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("nothing says %q:\n%.2000s", part, text)
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

// decide does what a person does at UserVoice's page.
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

func TestWithoutASiteTheySaySo(t *testing.T) {
	for _, arguments := range [][]string{{"tour"}, {"export", "--to", t.TempDir(), "users"}, {"sso", "{}"}, {"three_legged"}} {
		command := command(arguments[0], arguments[1:]...)
		command.Env = append(os.Environ(), "USERVOICE_BASE_URL=")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		if command.Run() == nil {
			t.Errorf("%v does something without a site", arguments)
		}
		shows(t, stderr.String(), "USERVOICE_BASE_URL", "USERVOICE_SUBDOMAIN")
	}
}

func TestTheTour(t *testing.T) {
	tour := command("tour")
	out, err := tour.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	typed, err := tour.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tour.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if line := strings.TrimSpace(lines.Text()); strings.Contains(line, "/oauth/authorize?") {
			page, err := url.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			verifier := regexp.MustCompile(`id="verifier">([^<]+)<`).FindStringSubmatch(decide(t, http.DefaultClient, page, "allow"))
			fmt.Fprintln(typed, verifier[1])
		}
	}
	if err := tour.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said.String())
	}
	shows(t, said.String(), "/?sso=", `"expires":"`, "<user1@sandbox.example>", "of 250 users.",
		"As user4@sandbox.example, UserVoice calls me Łukasz Żak.", "Created forum", `"Tea in the afternoon".`,
		"Deleted the forum.", "There is no forum 999999999: uservoice: HTTP 404", "HTTP status 401", "(UNAUTHORIZED)",
		"Logged in: the calls now act for user1@sandbox.example.", "The end: 7 steps done, 0 skipped, 0 failed.")
	link := regexp.MustCompile(`http://.*/\?sso=\S+`).FindString(said.String())
	shows(t, get(t, http.DefaultClient, link), "jo@example.com")
}

func TestTheTourWhenNobodyTypes(t *testing.T) {
	shows(t, run(t, 0, "tour").out, "The end: 6 steps done, 1 skipped, 0 failed.")

	// The suggestion fails: the forum goes all the same, and the exit status tells.
	control(t, "POST", "/_sandbox/faults", `{"path":"/api/v1/forums/*","method":"POST","status":500}`)
	failed := run(t, 1, "tour")
	shows(t, failed.out, "Created forum", "Deleted the forum.", "1 failed")
	shows(t, failed.err, "the suggestion cannot be posted")

	// A real site is changed only after a "y".
	real := command("tour")
	real.Env = append(real.Env, "USERVOICE_SUBDOMAIN=sandbox", "USERVOICE_API_KEY=sandbox-trusted-key", "USERVOICE_API_SECRET=sandbox-trusted-secret")
	shows(t, finish(t, real, 0).out, "on sandbox? [y/N]", "nothing was changed", "USERVOICE_SSO_KEY is not set", "3 skipped")
}

func TestOverTLS(t *testing.T) {
	program := os.Getenv("USERVOICE_SANDBOX")
	if program == "" {
		program = "uservoice-sandbox"
	}
	sandbox, line, err := startAndRead(exec.Command(program, "--quiet", "--json", "--tls"))
	if err != nil {
		t.Fatal(err)
	}
	defer stop(sandbox)
	var told struct {
		URL    string
		CAFile string `json:"ca_file"`
	}
	if err := json.Unmarshal([]byte(line), &told); err != nil {
		t.Fatal(err)
	}
	tour := command("tour")
	tour.Env = append(tour.Env, "USERVOICE_BASE_URL="+told.URL, "USERVOICE_CA_FILE="+told.CAFile)
	shows(t, finish(t, tour, 0).out, "https://127.0.0.1", "0 failed.")
	stranger := command("export", "--to", t.TempDir(), "users")
	stranger.Env = append(stranger.Env, "USERVOICE_BASE_URL="+told.URL)
	finish(t, stranger, 7)
}

func TestSingleSignOnThereAndBack(t *testing.T) {
	user := `{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}`
	token := strings.TrimSpace(run(t, 0, "sso", "-token", user).out)
	if back := run(t, 0, "sso", "-decrypt", token).out; back != user+"\n" {
		t.Errorf("the user came back as %s", back)
	}
	typed := command("sso")
	typed.Stdin = strings.NewReader(user + "\n")
	if link := finish(t, typed, 0).out; link != baseURL+"/?sso="+token+"\n" {
		t.Errorf("the link is %s", link)
	}
	acme := command("sso", user)
	acme.Env = append(acme.Env, "USERVOICE_SUBDOMAIN=acme", "USERVOICE_SSO_KEY=key", "USERVOICE_BASE_URL=")
	shows(t, finish(t, acme, 0).out, "https://acme.uservoice.com/?sso=")
	other := command("sso", "-decrypt", token)
	other.Env = append(other.Env, "USERVOICE_SSO_KEY=another")
	finish(t, other, 1)
	run(t, 1, "sso", "not json")
	run(t, 2, "sso", "{}", "{}")
}

// A web application: started, stopped and started again at the same address.
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

// A browser with cookies, that stops at UserVoice's page.
func browser(t *testing.T) *http.Client {
	t.Helper()
	cookies, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: cookies}
}

// connect follows the link of the front page to UserVoice's page.
func (a *application) connect(client *http.Client) *url.URL {
	a.t.Helper()
	shows(a.t, get(a.t, client, a.url), `<a href="/connect">Connect to UserVoice</a>`)
	response, err := client.Get(a.url + "/connect")
	if err != nil {
		a.t.Fatal(err)
	}
	response.Body.Close()
	if page := response.Request.URL; strings.HasPrefix(page.String(), baseURL+"/oauth/authorize?oauth_token=") {
		return page
	}
	a.t.Fatalf("the link leads to %s", response.Request.URL)
	return nil
}

func TestAThreeLeggedLoginOverARestart(t *testing.T) {
	a := startApplication(t)
	client := browser(t)
	page := a.connect(client)
	a.restart()
	shows(t, decide(t, client, page, "allow"), "Hello Zoë Åström &lt;user1@sandbox.example&gt;!")

	page = a.connect(client)
	a.restart()
	shows(t, decide(t, client, page, "deny"), "You did not allow the access.")

	left, err := os.ReadDir(a.state)
	if err != nil || len(left) > 0 {
		t.Errorf("%v, %d logins are left", err, len(left))
	}
}

func TestALoginIsFinishedByTheBrowserThatBeganItOnly(t *testing.T) {
	a := startApplication(t)
	begun := a.connect(browser(t))
	stranger := browser(t)
	shows(t, decide(t, stranger, begun, "allow"), "This browser has begun no such login.")

	begun = a.connect(browser(t))
	a.connect(stranger) // has a login of its own, which is another
	shows(t, decide(t, stranger, begun, "allow"), "This browser has begun no such login.")

	request, err := http.NewRequest("GET", a.url+"/callback?oauth_token=x&oauth_verifier=y", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: "login", Value: "../../etc/passwd"})
	shows(t, read(t, http.DefaultClient, request), "This browser has begun no such login.")
}

func TestTheApplicationSaysWhenUserVoiceFails(t *testing.T) {
	a := startApplication(t)
	control(t, "POST", "/_sandbox/faults", `{"path":"/oauth/request_token","times":9,"status":401}`)
	shows(t, get(t, browser(t), a.url+"/connect"), "UserVoice could not be asked.")
	control(t, "DELETE", "/_sandbox/faults", "")
}
