package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// A conformanceCase is a case that every binding must pass: see tests/conformance/README.md.
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

// A caseResult is the result of a case.
type caseResult struct {
	response   json.RawMessage
	records    []json.RawMessage
	collection *uservoice.Collection
	token      string
	user       string
	err        error
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
	for property, want := range c.Expect {
		got.check(t, property, want, requests)
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

func (c *conformanceCase) perform(client *uservoice.Client) (got caseResult) {
	ctx := context.Background()
	switch {
	case c.Call != nil:
		call := map[string]func(context.Context, string, any, any) error{
			"get": client.Get, "post": client.Post, "put": client.Put, "delete": client.Delete,
		}[c.Call.Method]
		got.err = call(ctx, c.Call.Path, c.Call.Params, &got.response)
	case c.Collection != nil:
		got.collection = client.Collection(c.Collection.Path, uservoice.WithParams(c.Collection.Params))
		for record, err := range got.collection.All(ctx) {
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
		got.err = errors.New("the case has no call, collection or sso")
	}
	return got
}

func (got *caseResult) check(t *testing.T, property string, want json.RawMessage, requests int) {
	t.Helper()
	switch property {
	case "at":
		var parts map[string]any
		decodeStrictly(t, want, &parts)
		for path, value := range parts {
			equal(t, path, at(t, got.response, path), value)
		}
	case "empty":
		equal(t, property, string(got.response) == "null", decoded(t, want))
	case "records":
		equal(t, property, float64(len(got.records)), decoded(t, want))
	case "length":
		length, err := got.collection.Len(context.Background())
		if string(want) == "null" {
			equal(t, property, errors.Is(err, uservoice.ErrBadResponse), true)
			return
		}
		if err != nil {
			t.Error(err)
		}
		equal(t, property, float64(length), decoded(t, want))
	case "first_id":
		equal(t, property, at(t, got.records[0], "id"), decoded(t, want))
	case "last_id":
		equal(t, property, at(t, got.records[len(got.records)-1], "id"), decoded(t, want))
	case "token":
		equal(t, property, got.token, decoded(t, want))
	case "user":
		equal(t, property, got.user, decoded(t, want))
	case "user_contains":
		contains(t, got.user, decoded(t, want).(string))
	case "requests":
		equal(t, property, float64(requests), decoded(t, want))
	case "error":
		checkError(t, got.err, want)
	default:
		t.Errorf("unknown property %q", property)
	}
}

func checkError(t *testing.T, err error, text json.RawMessage) {
	t.Helper()
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) {
		t.Fatalf("%v is not an *Error", err)
	}
	var want map[string]any
	decodeStrictly(t, text, &want)
	for property, value := range want {
		switch property {
		case "status":
			equal(t, property, uvErr.Status.String(), value)
		case "http_status":
			equal(t, property, float64(uvErr.HTTPStatus), orZero(value, 0.0))
		case "type":
			equal(t, property, uvErr.Type, orZero(value, ""))
		case "retry_after_ms":
			equal(t, property, float64(uvErr.RetryAfter.Milliseconds()), orZero(value, 0.0))
		case "outcome":
			equal(t, property, float64(uvErr.Outcome), value)
		case "message":
			contains(t, uvErr.Message, value.(string))
		default:
			t.Errorf("unknown property %q", property)
		}
	}
}

// orZero returns zero for nil, which stands for a missing value in the cases.
func orZero(value, zero any) any {
	if value == nil {
		return zero
	}
	return value
}
