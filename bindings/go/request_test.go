package uservoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestResponseIsDecodedIntoOut(t *testing.T) {
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
		t.Error("with a nil out:", err)
	}
	var wrong struct{ Suggestion int }
	var mismatch *json.UnmarshalTypeError
	if err := client.Get(ctx, "/api/v1/suggestions/1", nil, &wrong); !errors.As(err, &mismatch) {
		t.Errorf("got %v, want a json.UnmarshalTypeError", err)
	}
}

func TestRejectsInvalidOutBeforeSending(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	for _, out := range []any{struct{}{}, (*struct{})(nil), 7, json.RawMessage{}, map[string]any{}} {
		for name, err := range map[string]error{
			"Post": client.Post(ctx, "/api/v1/forums", nil, out),
			"At":   client.Collection("/api/v1/users").At(ctx, 0, out),
			"Info": client.Collection("/api/v1/users").Info(ctx, out),
		} {
			if !errors.Is(err, uservoice.ErrInvalidArgument) {
				t.Errorf("%s into %#v: %v", name, out, err)
			}
		}
	}
	equal(t, "requests", len(s.requests(t)), 0)
}

// The requests were successful: only the caller's types do not fit.
func TestResponseThatDoesNotFitTheType(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	var wrong struct{ User struct{ Email int } }
	errs := map[string]error{
		"POST /api/v1/users": client.Post(ctx, "/api/v1/users?a=1", uservoice.Params{"user": uservoice.Params{"email": "new@sandbox.example"}}, &wrong),
		"GET /api/v1/users":  client.Collection("/api/v1/users?b=2").At(ctx, 0, new(int)),
	}
	for _, err := range uservoice.Records[string](ctx, client.Collection("/api/v1/forums")) {
		errs["GET /api/v1/forums"] = err
	}
	for request, err := range errs {
		var uvErr *uservoice.Error
		var typeErr *json.UnmarshalTypeError
		if !errors.As(err, &uvErr) || !errors.Is(err, uservoice.ErrBadResponse) || !errors.As(err, &typeErr) {
			t.Errorf("%s: %v", request, err)
			continue
		}
		equal(t, "request", uvErr.Request, request)
		equal(t, "outcome", uvErr.Outcome, uservoice.OutcomeAnswered)
		equal(t, "the body is a JSON object", uvErr.Body[:1], "{")
		contains(t, err.Error(), request+": cannot decode the response into *")
	}
}

func TestQueryParamTypes(t *testing.T) {
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
		var result json.RawMessage
		if err := client.Get(context.Background(), "/api/v1/users?page=2", params, &result); err != nil {
			t.Fatalf("%T: %v", params, err)
		}
		equal(t, "per_page", at(t, result, "response_data/per_page"), 3.0)
		equal(t, "page", at(t, result, "response_data/page"), 2.0)
	}
	for _, empty := range []any{nil, uservoice.Params(nil), url.Values{}, (*query)(nil)} {
		if err := client.Get(context.Background(), "/api/v1/users", empty, nil); err != nil {
			t.Errorf("%T: %v", empty, err)
		}
	}
	requests := s.requests(t)
	equal(t, "query of empty params", requests[len(requests)-1].Query, "")
	for _, invalid := range []any{5, "per_page=3", []int{1}, func() {}, uservoice.Params{"a": make(chan int)}} {
		err := client.Get(context.Background(), "/api/v1/users", invalid, nil)
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%T: %v", invalid, err)
		}
	}
	if err := client.Post(context.Background(), "/api/v1/forums", url.Values{"a": {"b"}}, nil); !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error("url.Values as a body:", err)
	}
}

type namedBytes []byte

func TestRejectsTypesThatAreNotJSON(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	params := []byte(`{"per_page":5}`)
	for typeName, value := range map[string]any{
		"[]byte":                    params,
		"*[]byte":                   &params,
		"uservoice_test.namedBytes": namedBytes(params),
		"*strings.Reader":           strings.NewReader(string(params)),
		"*bytes.Buffer":             bytes.NewBuffer(params),
		"bytes.Buffer":              *bytes.NewBuffer(params),
		"url.Values":                url.Values{"per_page": {"5"}},
	} {
		message := fmt.Sprintf("must be a value to encode as JSON, or a json.RawMessage (got %s)", typeName)
		_, requestError := client.Request(ctx, "POST", "/api/v1/forums", value, nil)
		errs := map[string]error{
			"Post":    client.Post(ctx, "/api/v1/forums", value, nil),
			"Request": requestError,
			"Export":  exportError(t, client.Export(ctx, t.TempDir(), uservoice.WithResource(uservoice.Resource{Name: "users", Params: value}))),
		}
		if typeName != "url.Values" { // which may be a query
			_, errs["Collection"] = client.Collection("/api/v1/users", uservoice.WithParams(value)).Len(ctx)
			errs["Get"] = client.Get(ctx, "/api/v1/users", value, nil)
		}
		for name, err := range errs {
			if !errors.Is(err, uservoice.ErrInvalidArgument) {
				t.Errorf("%s with %s: %v", name, typeName, err)
				continue
			}
			equal(t, name, err.Error(), "uservoice: params: "+message)
		}
		_, tokenError := uservoice.SSOToken("acme", "key", value, 0)
		_, jwtError := uservoice.SSOJWT("key", value, 0)
		for _, err := range []error{tokenError, jwtError} {
			if err == nil {
				t.Errorf("accepted a user of type %s", typeName)
				continue
			}
			equal(t, "SSO", err.Error(), "uservoice: user: "+message)
		}
	}
	equal(t, "requests", len(s.requests(t)), 0)
}

// marshaler is a []byte that implements json.Marshaler.
type marshaler []byte

func (m marshaler) MarshalJSON() ([]byte, error) { return m, nil }

func TestBodyEncoding(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	raw := json.RawMessage(`{"a":0}`)
	for body, params := range map[string]any{
		`{"a":0}`:     &raw,
		`{"a":1}`:     json.RawMessage(`{"a":1}`),
		`{"a":2}`:     marshaler(`{"a":2}`),
		`{"a":3}`:     uservoice.Params{"a": 3},
		`"{\"a\":4}"`: `{"a":4}`,
		`"1.2.3.4"`:   net.IPv4(1, 2, 3, 4), // a []byte that implements encoding.TextMarshaler
	} {
		client.Post(context.Background(), "/api/v1/nothing", params, nil)
		requests := s.requests(t)
		equal(t, "body", string(requests[len(requests)-1].Body), body)
	}
}

func TestRequestMethodIsCaseInsensitive(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	for _, method := range []string{"get", "Head", "delete"} {
		if _, err := client.Request(context.Background(), method, "/api/v1/users", url.Values{"page": {"2"}}, nil); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		requests := s.requests(t)
		equal(t, "method", requests[len(requests)-1].Method, strings.ToUpper(method))
	}
	_, err := client.Request(context.Background(), "po\u017ft", "/api/v1/users", nil, nil) // a long s, which strings.ToUpper converts to S
	if !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestRejectsNULBytes(t *testing.T) {
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
		uservoice.SSODecrypt("acme", "k\x00", "token", nil),
	} {
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("got %v, want ErrInvalidArgument", err)
		}
	}
	equal(t, "requests", len(s.requests(t)), 0)
}

func TestRequestReturnsWholeResponse(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	s.faults(t, uservoice.Params{"path": "/api/v1/suggestions/1", "status": 404, "headers": map[string]string{"X-Why": "gone"}})
	response, err := client.Request(context.Background(), "GET", "/api/v1/suggestions/1", uservoice.Params{"a": 1},
		http.Header{"X-Trace": {"42", "43"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", response.Status, 404)
	equal(t, "header", response.Header.Get("X-Why"), "gone")
	equal(t, "body", at(t, response.Body, "errors/type"), "record_not_found")
	equal(t, "query", s.requests(t)[0].Query, "a=1")
	equal(t, "header sent", s.requests(t)[0].Headers["x-trace"], "42, 43")
	_, err = client.Request(context.Background(), "GET", "/api/v1/users", nil, http.Header{"Authorization": {"me"}})
	if !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error("with a header that the library sets:", err)
	}
}
