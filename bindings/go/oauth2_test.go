package uservoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

const password = "sandbox-password" // of every user of the sandbox

func loginToAdmin(t testing.TB, client *uservoice.Client) *uservoice.Client {
	t.Helper()
	admin, err := client.LoginWithClientCredentials(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	return admin
}

// whoamiInAdmin returns the e-mail address of the acting user, or "" if the service rejects the
// token.
func whoamiInAdmin(t *testing.T, client *uservoice.Client) string {
	t.Helper()
	var result struct {
		Users []struct {
			Email string `json:"email_address"`
		}
	}
	err := client.Get(context.Background(), "/api/v2/admin/users/current", nil, &result)
	if errors.Is(err, uservoice.ErrUnauthorized) {
		return ""
	}
	if err != nil || len(result.Users) != 1 {
		t.Fatal(err, result)
	}
	return result.Users[0].Email
}

func TestClientCredentialsLoginRefreshesExpiredToken(t *testing.T) {
	s := sandbox(t)
	admin := loginToAdmin(t, s.client(t))
	equal(t, "acting user", whoamiInAdmin(t, admin), "owner@sandbox.example")
	equal(t, "secret", admin.Token().Secret(), "")

	stored, err := json.Marshal(admin.Token())
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(stored), admin.Token().Value())
	equal(t, "JSON of the token contains the API secret", strings.Contains(string(stored), "sandbox-trusted-secret"), false)
	var token uservoice.Token
	if err := json.Unmarshal(stored, &token); err != nil {
		t.Fatal(err)
	}
	restored, err := s.client(t).WithToken(token)
	if err != nil {
		t.Fatal(err)
	}
	s.expireTokens(t)
	for _, client := range []*uservoice.Client{admin, restored} {
		equal(t, "acting user of the refreshed token", whoamiInAdmin(t, client), "owner@sandbox.example")
		refreshed, err := json.Marshal(client.Token())
		if err != nil || bytes.Equal(refreshed, stored) {
			t.Errorf("the token was not refreshed: %v", err)
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

func TestPasswordLoginDoesNotStorePassword(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	if _, err := client.LoginWithPassword(context.Background(), "user1@sandbox.example", "wrong"); !errors.Is(err, uservoice.ErrUnauthorized) {
		t.Error(err)
	}
	user, err := client.LoginWithPassword(context.Background(), "user1@sandbox.example", password)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "acting user", whoamiInAdmin(t, user), "user1@sandbox.example")
	s.expireTokens(t)
	equal(t, "acting user of the expired token", whoamiInAdmin(t, user), "")
}

// signIn completes the sign-in page as a user who allows or denies the access, and returns the
// query of the redirect.
func signIn(page, decision string) (url.Values, error) {
	parsed, err := url.Parse(page)
	if err != nil {
		return nil, err
	}
	form := parsed.Query()
	form.Set("email", "user1@sandbox.example")
	form.Set("password", password)
	form.Set("decision", decision)
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.PostForm(page, form)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	redirect, err := response.Location()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", response.Status, err)
	}
	return redirect.Query(), nil
}

func TestCodeLogin(t *testing.T) {
	s := sandbox(t)
	ctx := context.Background()
	client, err := uservoice.New("sandbox", "sandbox-untrusted-key", "", uservoice.WithBaseURL(s.URL)) // without a secret
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"", "s t"} {
		request, err := client.AuthorizationRequest("https://app.example/back?a=b", state)
		if err != nil {
			t.Fatal(err)
		}
		if state != "" {
			equal(t, "state", request.State, state)
		}
		equal(t, "the URL contains the verifier", strings.Contains(request.URL, request.CodeVerifier), false)
		stored, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		query, err := signIn(request.URL, "allow")
		if err != nil {
			t.Fatal(err)
		}
		if request.State == "" || query.Get("state") != request.State {
			t.Errorf("state: got %q, want %q", query.Get("state"), request.State)
		}
		var restored uservoice.AuthorizationRequest
		if err := json.Unmarshal(stored, &restored); err != nil {
			t.Fatal(err)
		}
		user, err := client.LoginWithCode(ctx, restored, query.Get("code"))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "acting user", whoamiInAdmin(t, user), "user1@sandbox.example")
		if _, err := client.LoginWithCode(ctx, restored, query.Get("code")); !errors.Is(err, uservoice.ErrUnauthorized) {
			t.Errorf("a code was accepted twice: %v", err)
		}
	}
}

func TestCodeLoginRejectsCodeOfAnotherLogin(t *testing.T) {
	client := sandbox(t).client(t)
	request, err := client.AuthorizationRequest("https://app.example/back", "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := client.AuthorizationRequest("https://app.example/back", "")
	if err != nil {
		t.Fatal(err)
	}
	if other.State == request.State || other.CodeVerifier == request.CodeVerifier {
		t.Error("two logins have the same secrets")
	}
	query, err := signIn(request.URL, "allow")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.LoginWithCode(context.Background(), other, query.Get("code")); !errors.Is(err, uservoice.ErrUnauthorized) {
		t.Error(err)
	}
	query, err = signIn(request.URL, "deny")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "error", query.Get("error"), "access_denied")
	if _, err := client.AuthorizationRequest("", ""); !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error(err)
	}
}
