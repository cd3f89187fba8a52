package uservoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestAnswersAreDecodedIntoAnything(t *testing.T) {
	client := sandbox(t).client(t)
	ctx := context.Background()
	var record struct {
		Suggestion struct {
			ID    int
			Title string
		}
	}
	if err := client.Get(ctx, "/api/v1/suggestions/1", nil, &record); err != nil {
		t.Fatal(err)
	}
	equal(t, "title", record.Suggestion.Title, "Dark mode (1)")

	var raw json.RawMessage
	if err := client.Get(ctx, "/api/v1/suggestions/1", nil, &raw); err != nil {
		t.Fatal(err)
	}
	equal(t, "raw title", at(t, raw, "suggestion/title"), "Dark mode (1)")

	if err := client.Get(ctx, "/api/v1/suggestions/1", nil, nil); err != nil {
		t.Error("an answer that nobody wants:", err)
	}
	var wrong struct{ Suggestion int }
	var mismatch *json.UnmarshalTypeError
	if err := client.Get(ctx, "/api/v1/suggestions/1", nil, &wrong); !errors.As(err, &mismatch) {
		t.Errorf("%v instead of what encoding/json says", err)
	}
}

func TestNothingIsSentForAnAnswerThatCannotBeTaken(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	for _, out := range []any{struct{}{}, (*struct{})(nil), 7, json.RawMessage{}, map[string]any{}} {
		for what, err := range map[string]error{
			"Post": client.Post(ctx, "/api/v1/forums", nil, out),
			"At":   client.Collection("/api/v1/users").At(ctx, 0, out),
			"Info": client.Collection("/api/v1/users").Info(ctx, out),
		} {
			if !errors.Is(err, uservoice.ErrInvalidArgument) {
				t.Errorf("%s into %#v: %v", what, out, err)
			}
		}
	}
	equal(t, "calls", len(s.requests(t)), 0)
}

func TestParametersOfEveryKind(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	type query struct {
		PerPage int `json:"per_page"`
	}
	for _, params := range []any{
		uservoice.Params{"per_page": 3},
		query{3},
		&query{3},
		json.RawMessage(`{"per_page":3}`),
		url.Values{"per_page": {"3"}},
	} {
		var answer json.RawMessage
		if err := client.Get(context.Background(), "/api/v1/users?page=2", params, &answer); err != nil {
			t.Fatalf("%T: %v", params, err)
		}
		equal(t, "per_page", at(t, answer, "response_data/per_page"), 3.0)
		equal(t, "page", at(t, answer, "response_data/page"), 2.0)
	}
	for _, none := range []any{nil, uservoice.Params(nil), url.Values{}, (*query)(nil)} {
		if err := client.Get(context.Background(), "/api/v1/users", none, nil); err != nil {
			t.Errorf("%T: %v", none, err)
		}
	}
	calls := s.requests(t)
	equal(t, "the query of none", calls[len(calls)-1].Query, "")
	for _, wrong := range []any{5, "per_page=3", []int{1}, func() {}, uservoice.Params{"a": make(chan int)}} {
		err := client.Get(context.Background(), "/api/v1/users", wrong, nil)
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%T: %v", wrong, err)
		}
	}
	if err := client.Post(context.Background(), "/api/v1/forums", url.Values{"a": {"b"}}, nil); !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error("a form as a body:", err)
	}
}

// text is a []byte of another name.
type text []byte

func TestWhatIsNoJSONIsNotSentAsIfItWere(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	json5 := []byte(`{"per_page":5}`)
	for shown, wrong := range map[string]any{
		"[]byte":              json5,
		"*[]byte":             &json5,
		"uservoice_test.text": text(json5),
		"*strings.Reader":     strings.NewReader(string(json5)),
		"*bytes.Buffer":       bytes.NewBuffer(json5),
		"bytes.Buffer":        *bytes.NewBuffer(json5),
	} {
		_, requestError := client.Request(ctx, "POST", "/api/v1/forums", wrong, nil)
		_, listError := client.Collection("/api/v1/users", uservoice.WithParams(wrong)).Len(ctx)
		for name, err := range map[string]error{
			"Get":        client.Get(ctx, "/api/v1/users", wrong, nil),
			"Post":       client.Post(ctx, "/api/v1/forums", wrong, nil),
			"Request":    requestError,
			"Collection": listError,
			"Export":     exportError(t, client.Export(ctx, t.TempDir(), uservoice.WithResource(uservoice.Resource{Name: "users", Params: wrong}))),
		} {
			if !errors.Is(err, uservoice.ErrInvalidArgument) {
				t.Errorf("%s with %s: %v", name, shown, err)
				continue
			}
			equal(t, name, err.Error(), "uservoice: params: must be JSON: give a json.RawMessage, not "+shown)
		}
		_, tokenError := uservoice.SSOToken("acme", "key", wrong, 0)
		_, jwtError := uservoice.SSOJWT("key", wrong, 0)
		for _, err := range []error{tokenError, jwtError} {
			if err == nil {
				t.Errorf("a user in %s", shown)
				continue
			}
			equal(t, "SSO", err.Error(), "uservoice: user: must be JSON: give a json.RawMessage, not "+shown)
		}
	}
	equal(t, "calls", len(s.requests(t)), 0)
}

// marshalled is a []byte that says itself what it is in JSON.
type marshalled []byte

func (m marshalled) MarshalJSON() ([]byte, error) { return m, nil }

func TestWhatABodyIs(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	kept := json.RawMessage(`{"a":0}`)
	for body, params := range map[string]any{
		`{"a":0}`:     &kept,
		`{"a":1}`:     json.RawMessage(`{"a":1}`),
		`{"a":2}`:     marshalled(`{"a":2}`),
		`{"a":3}`:     uservoice.Params{"a": 3},
		`"{\"a\":4}"`: `{"a":4}`,
		`"1.2.3.4"`:   net.IPv4(1, 2, 3, 4), // a []byte that says what text it is
	} {
		client.Post(context.Background(), "/api/v1/nothing", params, nil)
		calls := s.requests(t)
		equal(t, "body", string(calls[len(calls)-1].Body), body)
	}
}

func TestAMethodInLowerCase(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	for _, method := range []string{"get", "Head", "delete"} {
		if _, err := client.Request(context.Background(), method, "/api/v1/users", url.Values{"page": {"2"}}, nil); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		calls := s.requests(t)
		equal(t, "method", calls[len(calls)-1].Method, strings.ToUpper(method))
	}
	_, err := client.Request(context.Background(), "po\u017ft", "/api/v1/users", nil, nil) // s, as it once was
	if !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestTheZeroTokenIsNoRequestToken(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	_, pageError := client.AuthorizeURL(uservoice.Token{})
	_, loginError := client.LoginWithVerifier(context.Background(), uservoice.Token{}, "verifier")
	for _, err := range []error{pageError, loginError} {
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Fatal(err)
		}
		contains(t, err.Error(), "request_token: is the zero Token")
	}
	equal(t, "calls", len(s.requests(t)), 0)
}

func TestANulByteCutsNothingOff(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	_, newError := uservoice.New("acme\x00", "key", "secret")
	_, tokenError := uservoice.NewToken("a\x00", "b")
	_, ssoError := uservoice.SSOToken("acme", "k\x00", uservoice.Params{}, 0)
	_, loginError := client.LoginAs(ctx, "jo@example.com\x00")
	_, methodError := client.Request(ctx, "GET\x00", "/api/v1/users", nil, nil)
	for _, err := range []error{
		newError, tokenError, ssoError, loginError, methodError,
		client.Delete(ctx, "/api/v1/suggestions/1\x00/votes", nil, nil),
		uservoice.SSODecrypt("acme", "k", "\x00", nil),
	} {
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%v instead of an invalid argument", err)
		}
	}
	equal(t, "calls", len(s.requests(t)), 0)
}

func TestWholeAnswers(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	s.faults(t, uservoice.Params{"path": "/api/v1/suggestions/1", "status": 404, "headers": map[string]string{"X-Why": "gone"}})
	response, err := client.Request(context.Background(), "GET", "/api/v1/suggestions/1", uservoice.Params{"a": 1},
		map[string]string{"X-Trace": "42"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", response.Status, 404)
	equal(t, "header", response.Header["x-why"], "gone")
	equal(t, "body", at(t, response.Body, "errors/type"), "record_not_found")
	equal(t, "query", s.requests(t)[0].Query, "a=1")
	equal(t, "header sent", s.requests(t)[0].Headers["x-trace"], "42")
	_, err = client.Request(context.Background(), "GET", "/api/v1/users", nil, map[string]string{"Authorization": "me"})
	if !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error("a header that the library sets:", err)
	}
}

func TestErrorsOfEveryKind(t *testing.T) {
	for kind, status := range map[error]uservoice.Status{
		uservoice.ErrInvalidArgument:  uservoice.StatusInvalidArgument,
		uservoice.ErrUnauthorized:     uservoice.StatusUnauthorized,
		uservoice.ErrNotFound:         uservoice.StatusNotFound,
		uservoice.ErrRateLimited:      uservoice.StatusRateLimited,
		uservoice.ErrApplicationError: uservoice.StatusApplicationError,
		uservoice.ErrAPI:              uservoice.StatusAPIError,
		uservoice.ErrTransport:        uservoice.StatusTransport,
		uservoice.ErrTimeout:          uservoice.StatusTimeout,
		uservoice.ErrCancelled:        uservoice.StatusCancelled,
		uservoice.ErrBadResponse:      uservoice.StatusBadResponse,
		uservoice.ErrFile:             uservoice.StatusFileError,
		uservoice.ErrInternal:         uservoice.StatusInternal,
	} {
		for _, other := range headerStatuses(t) {
			equal(t, kind.Error(), errors.Is(&uservoice.Error{Status: other}, kind), other == status)
		}
	}
}

func TestWhatAnErrorTells(t *testing.T) {
	s := sandbox(t)
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "status": 429, "retry_after": "7", "body": "slow down"})
	client := s.client(t, uservoice.WithMaxRetryWait(time.Second))
	err := client.Get(context.Background(), "/api/v1/forums", nil, nil)
	var failure *uservoice.Error
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	equal(t, "body", failure.Body, "slow down")
	equal(t, "wait", failure.RetryAfter, 7*time.Second)
	equal(t, "outcome", failure.Outcome.String(), "answered")
	equal(t, "HTTP status", failure.HTTPStatus, 429)
	equal(t, "a time limit", failure.Timeout(), false)
	contains(t, err.Error(), "uservoice: HTTP 429")
}

func TestOptionsReachTheLibrary(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithUserAgent("MyApp/1.0"), uservoice.WithMaxRetries(0), uservoice.WithProxy(""))
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "times": 2, "status": 502})
	if err := client.Get(context.Background(), "/api/v1/forums", nil, nil); !errors.Is(err, uservoice.ErrApplicationError) {
		t.Error(err)
	}
	contains(t, s.requests(t)[0].Headers["user-agent"], "MyApp/1.0 ")

	other, err := client.With(uservoice.WithMaxRetries(3))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.Get(context.Background(), "/api/v1/forums", nil, nil); err != nil {
		t.Error("with more retries:", err)
	}
	for name, option := range map[string]uservoice.Option{
		"timeout_ms":         uservoice.WithTimeout(0),
		"connect_timeout_ms": uservoice.WithConnectTimeout(-1),
		"max_retries":        uservoice.WithMaxRetries(-1),
		"max_retry_wait_ms":  uservoice.WithMaxRetryWait(-time.Second),
		"max_connections":    uservoice.WithMaxConnections(0),
		"prefetch_pages":     uservoice.WithPrefetchPages(-1),
		"per_page":           uservoice.WithPerPage(101),
		"max_response_bytes": uservoice.WithMaxResponseBytes(-1),
		"ca_file":            uservoice.WithCAFile("/nothing/here.pem"),
		"proxy":              uservoice.WithProxy("nonsense"),
		"protocol":           uservoice.WithProtocol("gopher"),
		"uservoice_domain":   uservoice.WithDomain("a b"),
		"base_url":           uservoice.WithBaseURL("nonsense"),
		"no_such_option":     uservoice.WithOption("no_such_option", 1),
	} {
		_, err := uservoice.New("acme", "key", "secret", option)
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		contains(t, err.Error(), name)
	}
	if _, err := uservoice.New("acme", "key", "secret", uservoice.WithInsecure(), uservoice.WithProtocol("http")); err != nil {
		t.Error("plain http where that is allowed:", err)
	}
	if _, err := uservoice.New("acme", "key", "secret", uservoice.WithTimeout(time.Nanosecond)); err != nil {
		t.Error("a short time limit is not none:", err)
	}
}

func TestTheEnvironmentNamesASite(t *testing.T) {
	s := sandbox(t)
	environment := func(values map[string]string) {
		for _, name := range []string{"SUBDOMAIN", "API_KEY", "API_SECRET", "BASE_URL", "CA_FILE"} {
			t.Setenv("USERVOICE_"+name, values[name])
		}
	}
	environment(map[string]string{"BASE_URL": s.URL})
	client, err := uservoice.NewFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.LoginAsOwner(context.Background()); err != nil {
		t.Error("the sandbox:", err)
	}
	environment(map[string]string{"BASE_URL": s.URL, "SUBDOMAIN": "sandbox", "API_KEY": "sandbox-untrusted-key", "API_SECRET": "sandbox-untrusted-secret"})
	client, err = uservoice.NewFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.LoginAsOwner(context.Background()); !errors.Is(err, uservoice.ErrUnauthorized) {
		t.Error("another key:", err)
	}
	environment(map[string]string{"BASE_URL": s.URL, "CA_FILE": "/nothing/here.pem"})
	if _, err := uservoice.NewFromEnv(); !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error("authorities:", err)
	}
	environment(nil)
	if _, err := uservoice.NewFromEnv(); err == nil {
		t.Error("a client of nothing")
	} else {
		contains(t, err.Error(), "USERVOICE_SUBDOMAIN")
	}
	environment(map[string]string{"SUBDOMAIN": "acme"})
	if _, err := uservoice.NewFromEnv(); err == nil {
		t.Error("a site without a key")
	} else {
		contains(t, err.Error(), "USERVOICE_API_KEY")
	}
}

func TestAThreeLeggedLoginThatOtherProcessesFinish(t *testing.T) {
	client := sandbox(t).client(t)
	ctx := context.Background()
	request, err := client.RequestToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	page, err := client.AuthorizeURL(request)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(map[string]any{"token": request})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := clickAllow(page)
	if err != nil {
		t.Fatal(err)
	}
	var restored struct{ Token uservoice.Token }
	if err := json.Unmarshal(kept, &restored); err != nil {
		t.Fatal(err)
	}
	user, err := client.LoginWithVerifier(ctx, restored.Token, verifier)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "who", whoami(t, user), "user1@sandbox.example")

	again, err := uservoice.NewToken(user.Token().Value(), user.Token().Secret())
	if err != nil {
		t.Fatal(err)
	}
	same, err := client.As(again)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "who, by the token's parts", whoami(t, same), "user1@sandbox.example")
}

func whoami(t *testing.T, client *uservoice.Client) string {
	t.Helper()
	var answer struct{ User struct{ Email string } }
	if err := client.Get(context.Background(), "/api/v1/users/current", nil, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.User.Email
}

func TestTokensAsJSON(t *testing.T) {
	for text, ok := range map[string]bool{`{"token":5}`: false, `{}`: false, `7`: false, `null`: true} {
		token, err := uservoice.NewToken("value", "secret")
		if err != nil {
			t.Fatal(err)
		}
		err = json.Unmarshal([]byte(text), &token)
		equal(t, text, err == nil, ok)
		equal(t, text+" is the key itself", token.IsZero(), ok)
	}
	text, err := json.Marshal(uservoice.Token{})
	if err != nil || string(text) != "null" {
		t.Error(string(text), err)
	}
}
