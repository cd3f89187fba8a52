package examples_test

import (
	"bufio"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// A server is a running web server of the examples.
type server struct {
	process *exec.Cmd
	output  *bufio.Scanner
	errors  strings.Builder
	url     string
}

func serve(t *testing.T, program string) *server {
	t.Helper()
	s := &server{process: command(program, "0")}
	s.process.Stderr = &s.errors
	out, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(s.process) })
	s.output = bufio.NewScanner(out)
	_, url, found := strings.Cut(s.readLine(t), "http://")
	if !found {
		t.Fatalf("%s does not start", program)
	}
	s.url = "http://" + url
	return s
}

func (s *server) readLine(t *testing.T) string {
	t.Helper()
	if !s.output.Scan() {
		t.Fatalf("the program has ended: %v", s.output.Err())
	}
	return s.output.Text()
}

// logged stops the server and returns what it has logged.
func (s *server) logged() string {
	stop(s.process)
	return s.errors.String()
}

// A visitor is a browser with cookies.
type visitor struct {
	*testing.T
	*http.Client
}

func newVisitor(t *testing.T) visitor {
	t.Helper()
	cookies, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return visitor{t, &http.Client{Jar: cookies}}
}

// connect follows the link of the front page to UserVoice's authorization page, and returns its URL.
func (v visitor) connect(application string) *url.URL {
	v.Helper()
	contains(v.T, get(v.T, v.Client, application), `<a href="/connect">Connect to UserVoice</a>`)
	response, err := v.Get(application + "connect")
	if err != nil {
		v.Fatal(err)
	}
	response.Body.Close()
	page := response.Request.URL
	if !strings.HasPrefix(page.String(), baseURL+"/oauth/authorize?oauth_token=") {
		v.Fatalf("redirected to %s", page)
	}
	return page
}

// decide submits UserVoice's authorization page, and returns the page that the application shows then.
func (v visitor) decide(page *url.URL, decision string) string {
	v.Helper()
	form := url.Values{"oauth_token": page.Query()["oauth_token"], "decision": {decision}, "email": {"user1@sandbox.example"}}
	request, err := http.NewRequest("POST", page.String(), strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return read(v.T, v.Client, request)
}

func TestThreeLeggedLogin(t *testing.T) {
	application := serve(t, "three_legged_login").url
	jo := newVisitor(t)
	contains(t, jo.decide(jo.connect(application), "allow"), "Hello Zoë Åström &lt;user1@sandbox.example&gt;!")
	contains(t, jo.decide(jo.connect(application), "deny"), "you did not allow the access")
}

func TestThreeLeggedLoginRejectsOtherBrowser(t *testing.T) {
	application := serve(t, "three_legged_login").url
	const rejected = "this login was started in another browser"
	page := newVisitor(t).connect(application)
	other := newVisitor(t)
	contains(t, other.decide(page, "allow"), rejected)

	page = newVisitor(t).connect(application)
	other.connect(application) // which now has another login
	contains(t, other.decide(page, "allow"), rejected)

	for _, cookie := range []string{"", "x", "bnVsbA==", "e30="} { // also null and {}
		request, err := http.NewRequest("GET", application+"callback?oauth_token=x&oauth_verifier=y", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.AddCookie(&http.Cookie{Name: "login", Value: cookie})
		contains(t, read(t, http.DefaultClient, request), rejected)
	}
}

func TestThreeLeggedLoginRejectsWrongVerifier(t *testing.T) {
	server := serve(t, "three_legged_login")
	application := server.url
	jo := newVisitor(t)
	token := jo.connect(application).Query().Get("oauth_token")
	contains(t, get(t, jo.Client, application+"callback?oauth_verifier=wrong&oauth_token="+token), "HTTP 401")

	control(t, "POST", "/_sandbox/faults", `{"path":"/oauth/request_token","times":9,"status":500}`)
	response, err := jo.Get(application + "connect")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	control(t, "DELETE", "/_sandbox/faults", "")
	if response.StatusCode != http.StatusBadGateway {
		t.Error(response.Status)
	}
	if text := server.logged(); text != "" {
		t.Errorf("logged %s", text)
	}
}

func TestWebhookReceiver(t *testing.T) {
	receiver := serve(t, "webhook_receiver")
	sandbox, siteURL, err := startSandbox("--webhook-url", receiver.url)
	if err != nil {
		t.Fatal(err)
	}
	defer stop(sandbox)
	response, err := http.Post(siteURL+"/_sandbox/webhooks", "application/json", strings.NewReader(`{"event":"new_comment"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	response, err = http.Post(siteURL+"/_sandbox/webhooks", "application/json", strings.NewReader(`{"event":"new_suggestion"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if line := receiver.readLine(t); !strings.HasPrefix(line, "Suggestion: ") {
		t.Error(line) // the comment has no suggestion
	}
}

func TestWebhookReceiverRejectsForgedAndLargeBodies(t *testing.T) {
	receiver := serve(t, "webhook_receiver")
	data := `{"suggestion":{"title":"Tea"}}`
	bodies := map[string]int{"": 401, strings.Repeat("x", 1_000_001): 413}
	for key, status := range map[string]int{"another": 401, "sandbox-sso-key": 204} {
		signature, err := uservoice.SignWebhook(key, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{"event": {"new_suggestion"}, "data": {data}, "signature": {signature}}
		bodies[form.Encode()] = status
	}
	for body, want := range bodies {
		response, err := http.Post(receiver.url, "application/x-www-form-urlencoded", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("got status %d, want %d", response.StatusCode, want)
		}
	}
	if line := receiver.readLine(t); line != "Suggestion: Tea" {
		t.Error(line)
	}
}
