package uservoice_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestTheSiteTakesOurJWT(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	type user struct {
		GUID  string `json:"guid"`
		Email string `json:"email"`
	}
	jwt, err := uservoice.SSOJWT(s.SSOKey, user{"7", "zoe@example.com"}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		user
		Exp int64
	}
	if err := uservoice.SSOVerifyJWT(s.SSOKey, jwt, 0, &claims); err != nil {
		t.Fatal(err)
	}
	equal(t, "user", claims.user, user{"7", "zoe@example.com"})
	if left := time.Until(time.Unix(claims.Exp, 0)); left > time.Minute || claims.Exp == 0 {
		t.Errorf("it ends in %v", left)
	}

	link, err := client.SSOURL(jwt, "")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, link, s.URL+"/?sso=")
	page, err := client.Request(context.Background(), "GET", strings.TrimPrefix(link, s.URL), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", page.Status, 200)
	contains(t, string(page.Body), "zoe@example.com")
	if link, err = client.SSOURL(jwt, "/forums/1?a=b"); err != nil {
		t.Fatal(err)
	}
	contains(t, link, "/forums/1?a=b&sso=")
}

func TestAJWTThatDoesNotHoldIsRefused(t *testing.T) {
	ended, err := uservoice.SSOJWT("key", uservoice.Params{"guid": "1", "email": "jo@example.com", "exp": time.Now().Add(-time.Hour).Unix()}, 0)
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]error{
		"ended":       uservoice.SSOVerifyJWT("key", ended, 0, nil),
		"another key": uservoice.SSOVerifyJWT("another", ended, 2*time.Hour, nil),
		"none":        uservoice.SSOVerifyJWT("key", "nonsense", 0, nil),
		"leeway":      uservoice.SSOVerifyJWT("key", ended, -time.Hour, nil),
	}
	_, refused["user"] = uservoice.SSOJWT("key", 7, 0)
	_, refused["no key"] = uservoice.SSOJWT("", uservoice.Params{"guid": "1"}, 0)
	_, refused["page"] = sandbox(t).client(t).SSOURL("token", "https://elsewhere.example/")
	for name, err := range refused {
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := uservoice.SSOVerifyJWT("key", ended, 2*time.Hour, nil); err != nil {
		t.Error(err)
	}
}
