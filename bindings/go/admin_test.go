package uservoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

const password = "sandbox-password" // everybody's in the sandbox

func loginToAdmin(t testing.TB, client *uservoice.Client) *uservoice.Client {
	t.Helper()
	admin, err := client.LoginWithClientCredentials(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	return admin
}

func (s *site) expireTokens(t testing.TB) {
	t.Helper()
	s.control(t, "POST", "/_sandbox/expire_tokens", nil)
}

// whoamiInAdmin gives "" where the service refuses the token.
func whoamiInAdmin(t *testing.T, client *uservoice.Client) string {
	t.Helper()
	var answer struct {
		Users []struct {
			Email string `json:"email_address"`
		}
	}
	err := client.Get(context.Background(), "/api/v2/admin/users/current", nil, &answer)
	if errors.Is(err, uservoice.ErrUnauthorized) {
		return ""
	}
	if err != nil || len(answer.Users) != 1 {
		t.Fatal(err, answer)
	}
	return answer.Users[0].Email
}

func TestTheKeyActsAsTheOwnerAndRenewsItself(t *testing.T) {
	s := sandbox(t)
	admin := loginToAdmin(t, s.client(t))
	equal(t, "who", whoamiInAdmin(t, admin), "owner@sandbox.example")
	equal(t, "secret", admin.Token().Secret(), "")

	kept, err := json.Marshal(admin.Token())
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(kept), admin.Token().Value())
	equal(t, "the API secret is kept", strings.Contains(string(kept), "sandbox-trusted-secret"), false)
	var token uservoice.Token
	if err := json.Unmarshal(kept, &token); err != nil {
		t.Fatal(err)
	}
	restored, err := s.client(t).As(token)
	if err != nil {
		t.Fatal(err)
	}
	s.expireTokens(t)
	for _, client := range []*uservoice.Client{admin, restored} {
		equal(t, "who, by a new token", whoamiInAdmin(t, client), "owner@sandbox.example")
		renewed, err := json.Marshal(client.Token())
		if err != nil || bytes.Equal(renewed, kept) {
			t.Errorf("%v, or the token is still the old one", err)
		}
	}

	untrusted, err := uservoice.New("sandbox", "sandbox-untrusted-key", "sandbox-untrusted-secret", uservoice.WithBaseURL(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := untrusted.LoginWithClientCredentials(context.Background()); !errors.Is(err, uservoice.ErrUnauthorized) {
		t.Error(err)
	}
}

func TestAPasswordIsNotKept(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	if _, err := client.LoginWithPassword(context.Background(), "user1@sandbox.example", "wrong"); !errors.Is(err, uservoice.ErrUnauthorized) {
		t.Error(err)
	}
	user, err := client.LoginWithPassword(context.Background(), "user1@sandbox.example", password)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "who", whoamiInAdmin(t, user), "user1@sandbox.example")
	s.expireTokens(t)
	equal(t, "who, with an expired token", whoamiInAdmin(t, user), "")
}

// signIn does what a person does at the sign-in page, and gives the query that they come
// back with.
func signIn(page, decision string) (url.Values, error) {
	asked, err := url.Parse(page)
	if err != nil {
		return nil, err
	}
	form := asked.Query()
	form.Set("email", "user1@sandbox.example")
	form.Set("password", password)
	form.Set("decision", decision)
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.PostForm(page, form)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	back, err := response.Location()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", response.Status, err)
	}
	return back.Query(), nil
}

func TestALoginByCode(t *testing.T) {
	s := sandbox(t)
	ctx := context.Background()
	client, err := uservoice.New("sandbox", "sandbox-untrusted-key", "", uservoice.WithBaseURL(s.URL)) // without a secret
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"", "s t"} {
		request, err := client.RequestCode("https://app.example/back?a=b", state)
		if err != nil {
			t.Fatal(err)
		}
		if state != "" {
			equal(t, "state", request.State, state)
		}
		equal(t, "the verifier is in the URL", strings.Contains(request.URL, request.CodeVerifier), false)
		kept, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		back, err := signIn(request.URL, "allow")
		if err != nil {
			t.Fatal(err)
		}
		if request.State == "" || back.Get("state") != request.State {
			t.Errorf("state %q instead of %q", back.Get("state"), request.State)
		}
		var restored uservoice.CodeRequest
		if err := json.Unmarshal(kept, &restored); err != nil {
			t.Fatal(err)
		}
		person, err := client.LoginWithCode(ctx, restored, back.Get("code"))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "who", whoamiInAdmin(t, person), "user1@sandbox.example")
		if _, err := client.LoginWithCode(ctx, restored, back.Get("code")); !errors.Is(err, uservoice.ErrUnauthorized) {
			t.Errorf("a code, again: %v", err)
		}
	}
}

func TestACodeIsOfNoUseToOthers(t *testing.T) {
	client := sandbox(t).client(t)
	request, err := client.RequestCode("https://app.example/back", "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := client.RequestCode("https://app.example/back", "")
	if err != nil {
		t.Fatal(err)
	}
	if other.State == request.State || other.CodeVerifier == request.CodeVerifier {
		t.Error("two logins have the same secrets")
	}
	back, err := signIn(request.URL, "allow")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.LoginWithCode(context.Background(), other, back.Get("code")); !errors.Is(err, uservoice.ErrUnauthorized) {
		t.Error(err)
	}
	back, err = signIn(request.URL, "deny")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "error", back.Get("error"), "access_denied")
	if _, err := client.RequestCode("", ""); !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestACodeRequestDoesNotShow(t *testing.T) {
	request := uservoice.CodeRequest{URL: "https://x/TO-HIDE", State: "TO-HIDE", CodeVerifier: "TO-HIDE"}
	var said bytes.Buffer
	for _, value := range []any{request, &request, []uservoice.CodeRequest{request}, struct{ R uservoice.CodeRequest }{request}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&said, format+"\n", value)
		}
		slog.New(slog.NewTextHandler(&said, nil)).Info("text", "value", value)
	}
	slog.New(slog.NewJSONHandler(&said, nil)).Info("json", "request", request)
	for _, hidden := range []string{"TO-HIDE", fmt.Sprintf("%x", "TO-HIDE")} {
		if strings.Contains(said.String(), hidden) {
			t.Errorf("a secret shows:\n%s", said.String())
		}
	}
	contains(t, said.String(), "uservoice.CodeRequest{secret}")
}

// The tokens end in the middle of it.
func TestAListIsReadByCursor(t *testing.T) {
	s := sandbox(t)
	admin := loginToAdmin(t, s.client(t))
	ctx := context.Background()
	list := admin.Collection("/api/v2/admin/suggestions", uservoice.WithParams(uservoice.Params{"sort": "-id"}))
	length, err := list.Len(ctx)
	if err != nil || length != 1501 {
		t.Fatal(length, err)
	}
	left := length
	for suggestion, err := range uservoice.Records[struct{ ID int }](ctx, list) {
		if err != nil || suggestion.ID != left {
			t.Fatal(suggestion.ID, left, err)
		}
		if left--; left == length/2 {
			s.expireTokens(t)
		}
	}
	equal(t, "left", left, 0)
	var last struct{ ID int }
	if err := list.At(ctx, length-1, &last); err != nil || last.ID != 1 {
		t.Error(last.ID, err)
	}
	var info struct {
		Total int `json:"total_records"`
	}
	if err := list.Info(ctx, &info); err != nil || info.Total != length {
		t.Error(info, err)
	}
}

type suggestionsPage struct {
	Suggestions []struct{ ID int }
	Forums      []struct{ ID int }
	Users       []struct{ ID int }
	Pagination  struct{ Cursor string }
}

func TestWholePagesHaveWhatStandsBeside(t *testing.T) {
	admin := loginToAdmin(t, sandbox(t).client(t))
	read := func(params uservoice.Params) (ids []int, cursors []string) {
		list := admin.Collection("/api/v2/admin/suggestions", uservoice.WithParams(params))
		for text, err := range list.WholePages(context.Background()) {
			var page suggestionsPage
			if err == nil {
				err = json.Unmarshal(text, &page)
			}
			if err != nil || len(page.Forums) == 0 || len(page.Users) == 0 {
				t.Fatalf("%v: %.200s", err, text)
			}
			for _, suggestion := range page.Suggestions {
				ids = append(ids, suggestion.ID)
			}
			cursors = append(cursors, page.Pagination.Cursor)
		}
		return ids, cursors
	}
	includes := []string{"forums", "users"}
	all, cursors := read(uservoice.Params{"includes": includes})
	equal(t, "records", len(all), 1501)
	equal(t, "pages", len(cursors), 16)
	equal(t, "cursors that are none", slices.Index(cursors, ""), 15)
	rest, _ := read(uservoice.Params{"includes": includes, "cursor": cursors[9]})
	equal(t, "the rest from a cursor", rest, all[1000:])
}

// Each loop gives what it is for, whatever the option of the client says.
func TestTheLoopSaysWhetherPagesAreWhole(t *testing.T) {
	client := sandbox(t).client(t, uservoice.WithOption("whole_pages", true))
	list := client.Collection("/api/v1/users", uservoice.WithLimit(7))
	records := 0
	for _, err := range list.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		records++
	}
	equal(t, "records", records, 7)
	pages := 0
	for page, err := range list.WholePages(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "total", at(t, page, "response_data/total_records"), 250.0)
		if pages++; pages == 1 {
			break
		}
	}
	equal(t, "pages", pages, 1)
}

func TestAnErrorOfTheAdminAPIKeepsItsBody(t *testing.T) {
	admin := loginToAdmin(t, sandbox(t).client(t))
	err := admin.Post(context.Background(), "/api/v2/admin/suggestions", uservoice.Params{}, nil)
	var failure *uservoice.Error
	if !errors.As(err, &failure) || !errors.Is(err, uservoice.ErrAPI) || failure.HTTPStatus != 422 {
		t.Fatal(err)
	}
	contains(t, failure.Body, `"links":{"forum":"int"}`)
}
