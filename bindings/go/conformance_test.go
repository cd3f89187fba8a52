package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// The cases that every binding must pass: see tests/conformance/README.md.
type conformanceCase struct {
	Name    string
	Options map[string]any
	As      string
	Faults  json.RawMessage
	Call    *struct {
		Method, Path string
		Params       json.RawMessage
	}
	Collection *struct {
		Path   string
		Params json.RawMessage
	}
	SSO *struct {
		Subdomain, Key, User string
		ValidFor             int64 `json:"valid_for"`
	}
	Expect map[string]json.RawMessage
}

// What came of a case.
type outcome struct {
	answer  json.RawMessage
	records []json.RawMessage
	list    *uservoice.Collection
	token   string
	user    string
	err     error
}

func TestConformance(t *testing.T) {
	text, err := os.ReadFile("../../tests/conformance/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []conformanceCase
	decodeStrictly(t, text, &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { c.run(t) })
	}
}

// A field that nobody here knows is a case that is not tested.
func decodeStrictly(t *testing.T, text []byte, out any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		t.Fatal(err)
	}
}

func (c *conformanceCase) run(t *testing.T) {
	s := sandbox(t)
	client := c.client(t, s)
	if c.Faults != nil {
		s.faults(t, c.Faults)
	}
	s.control(t, "DELETE", "/_sandbox/requests", nil)
	got := c.perform(client)
	if got.err != nil && c.Expect["error"] == nil {
		t.Fatal(got.err)
	}
	requests := len(s.requests(t))
	for what, expected := range c.Expect {
		got.check(t, what, expected, requests)
	}
}

func (c *conformanceCase) client(t *testing.T, s *site) *uservoice.Client {
	t.Helper()
	options := []uservoice.Option{uservoice.WithBaseURL(s.URL)}
	for name, value := range c.Options {
		options = append(options, uservoice.WithOption(name, value))
	}
	secret := "sandbox-trusted-secret"
	if c.As == "public" {
		secret = ""
	}
	client, err := uservoice.New("sandbox", "sandbox-trusted-key", secret, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	switch c.As {
	case "", "key", "public":
		return client
	case "owner":
		return loginAsOwner(t, client)
	}
	return loginAs(t, client, c.As)
}

func (c *conformanceCase) perform(client *uservoice.Client) (got outcome) {
	ctx := context.Background()
	switch {
	case c.Call != nil:
		call := map[string]func(context.Context, string, any, any) error{
			"get": client.Get, "post": client.Post, "put": client.Put, "delete": client.Delete,
		}[c.Call.Method]
		got.err = call(ctx, c.Call.Path, c.Call.Params, &got.answer)
	case c.Collection != nil:
		got.list = client.Collection(c.Collection.Path, uservoice.WithParams(c.Collection.Params))
		for record, err := range got.list.All(ctx) {
			if err != nil {
				got.err = err
				break
			}
			got.records = append(got.records, record)
		}
	case c.SSO != nil:
		validFor := time.Duration(c.SSO.ValidFor) * time.Second
		got.token, got.err = uservoice.SSOToken(c.SSO.Subdomain, c.SSO.Key, json.RawMessage(c.SSO.User), validFor)
		if got.err == nil {
			var user json.RawMessage
			got.err = uservoice.SSODecrypt(c.SSO.Subdomain, c.SSO.Key, got.token, &user)
			got.user = string(user)
		}
	default:
		got.err = errors.New("nothing to do")
	}
	return got
}

func (got *outcome) check(t *testing.T, what string, expected json.RawMessage, requests int) {
	t.Helper()
	switch what {
	case "at":
		var parts map[string]any
		decodeStrictly(t, expected, &parts)
		for path, value := range parts {
			equal(t, path, at(t, got.answer, path), value)
		}
	case "empty":
		equal(t, what, string(got.answer) == "null", decoded(t, expected))
	case "records":
		equal(t, what, float64(len(got.records)), decoded(t, expected))
	case "length":
		length, err := got.list.Len(context.Background())
		if err != nil {
			t.Error(err)
		}
		equal(t, what, float64(length), decoded(t, expected))
	case "first_id":
		equal(t, what, at(t, got.records[0], "id"), decoded(t, expected))
	case "last_id":
		equal(t, what, at(t, got.records[len(got.records)-1], "id"), decoded(t, expected))
	case "token":
		equal(t, what, got.token, decoded(t, expected))
	case "user":
		equal(t, what, got.user, decoded(t, expected))
	case "user_contains":
		contains(t, got.user, decoded(t, expected).(string))
	case "requests":
		equal(t, what, float64(requests), decoded(t, expected))
	case "error":
		checkError(t, got.err, expected)
	default:
		t.Errorf("nobody knows how to check %q", what)
	}
}

func checkError(t *testing.T, err error, text json.RawMessage) {
	t.Helper()
	var failure *uservoice.Error
	if !errors.As(err, &failure) {
		t.Fatalf("%v is no *Error", err)
	}
	var expected map[string]any
	decodeStrictly(t, text, &expected)
	for what, value := range expected {
		switch what {
		case "status":
			equal(t, what, failure.Status.String(), value)
		case "http_status":
			equal(t, what, float64(failure.HTTPStatus), orZero(value, 0.0))
		case "type":
			equal(t, what, failure.Type, orZero(value, ""))
		case "retry_after_ms":
			equal(t, what, float64(failure.RetryAfter.Milliseconds()), orZero(value, 0.0))
		case "outcome":
			equal(t, what, float64(failure.Outcome), value)
		case "message":
			contains(t, failure.Message, value.(string))
		default:
			t.Errorf("nobody knows how to check %q", what)
		}
	}
}

// The cases say null for "none".
func orZero(value, zero any) any {
	if value == nil {
		return zero
	}
	return value
}

func decoded(t *testing.T, text json.RawMessage) (value any) {
	t.Helper()
	decodeStrictly(t, text, &value)
	return value
}

// What stands at a path such as "suggestions/0/title".
func at(t *testing.T, text json.RawMessage, path string) any {
	t.Helper()
	value := decoded(t, text)
	for _, part := range strings.Split(path, "/") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[part]
		case []any:
			index, err := strconv.Atoi(part)
			if err != nil || index >= len(inner) {
				t.Fatalf("there is no %s in %s", path, text)
			}
			value = inner[index]
		default:
			t.Fatalf("there is no %s in %s", path, text)
		}
	}
	return value
}

func equal(t *testing.T, what string, got, expected any) {
	t.Helper()
	if !reflect.DeepEqual(got, expected) {
		t.Errorf("%s: %v instead of %v", what, got, expected)
	}
}

func contains(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q is not in %q", part, text)
	}
}
