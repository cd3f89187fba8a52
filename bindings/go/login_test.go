package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestRejectsZeroTokenAsRequestToken(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	_, urlErr := client.AuthorizeURL(uservoice.Token{})
	_, loginErr := client.LoginWithVerifier(context.Background(), uservoice.Token{}, "verifier")
	for _, err := range []error{urlErr, loginErr} {
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Fatal(err)
		}
		contains(t, err.Error(), "requestToken: must be the token that RequestToken returned")
	}
	equal(t, "requests", len(s.requests(t)), 0)
}

func TestThreeLeggedLoginWithStoredRequestToken(t *testing.T) {
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
	stored, err := json.Marshal(map[string]any{"token": request})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := clickAllow(page)
	if err != nil {
		t.Fatal(err)
	}
	var restored struct{ Token uservoice.Token }
	if err := json.Unmarshal(stored, &restored); err != nil {
		t.Fatal(err)
	}
	user, err := client.LoginWithVerifier(ctx, restored.Token, verifier)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "acting user", whoami(t, user), "user1@sandbox.example")

	token, err := uservoice.NewToken(user.Token().Value(), user.Token().Secret())
	if err != nil {
		t.Fatal(err)
	}
	restoredUser, err := client.WithToken(token)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "acting user of the restored token", whoami(t, restoredUser), "user1@sandbox.example")
}

// whoami returns the e-mail address of the acting user.
func whoami(t *testing.T, client *uservoice.Client) string {
	t.Helper()
	var result struct{ User struct{ Email string } }
	if err := client.Get(context.Background(), "/api/v1/users/current", nil, &result); err != nil {
		t.Fatal(err)
	}
	return result.User.Email
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

// clickAllow allows the access on the authorization page, and returns the verifier that the page
// then shows.
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
	match := regexp.MustCompile(`id="verifier">([^<]+)<`).FindSubmatch(text)
	if match == nil {
		return "", fmt.Errorf("the page shows no verifier: %s", text)
	}
	return string(match[1]), nil
}
