package uservoice_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestSSOJWTIsAcceptedBySite(t *testing.T) {
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
	if validFor := time.Until(time.Unix(claims.Exp, 0)); validFor > time.Minute || claims.Exp == 0 {
		t.Errorf("the token is valid for %v", validFor)
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

func TestSSOVerifyJWTRejectsInvalidTokens(t *testing.T) {
	expired, err := uservoice.SSOJWT("key", uservoice.Params{"guid": "1", "email": "jo@example.com", "exp": time.Now().Add(-time.Hour).Unix()}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"expired":     uservoice.SSOVerifyJWT("key", expired, 0, nil),
		"another key": uservoice.SSOVerifyJWT("another", expired, 2*time.Hour, nil),
		"malformed":   uservoice.SSOVerifyJWT("key", "nonsense", 0, nil),
	} {
		if !errors.Is(err, uservoice.ErrNotVerified) {
			t.Errorf("%s: got %v, want ErrNotVerified", name, err)
		}
	}
	errs := map[string]error{
		"leeway":    uservoice.SSOVerifyJWT("key", expired, -time.Hour, nil),
		"empty key": uservoice.SSOVerifyJWT("", expired, 0, nil),
	}
	_, errs["user"] = uservoice.SSOJWT("key", 7, 0)
	_, errs["no key"] = uservoice.SSOJWT("", uservoice.Params{"guid": "1"}, 0)
	_, errs["page"] = sandbox(t).client(t).SSOURL("token", "https://elsewhere.example/")
	for name, err := range errs {
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%s: got %v, want ErrInvalidArgument", name, err)
		}
	}
	if err := uservoice.SSOVerifyJWT("key", expired, 2*time.Hour, nil); err != nil {
		t.Error(err)
	}
}

// A duration that is a little less than 0 is not rounded to 0, which means five minutes.
func TestSSORejectsNegativeDurations(t *testing.T) {
	user := uservoice.Params{"guid": "1", "email": "jo@example.com"}
	errs := map[string]error{}
	jwt, err := uservoice.SSOJWT("key", user, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, negative := range []time.Duration{-1, -time.Millisecond, -time.Second} {
		_, errs["validFor"] = uservoice.SSOJWT("key", user, negative)
		_, errs["validFor "] = uservoice.SSOToken("acme", "key", user, negative)
		errs["leeway"] = uservoice.SSOVerifyJWT("key", jwt, negative, nil)
		for argument, err := range errs {
			var uvErr *uservoice.Error
			if !errors.As(err, &uvErr) {
				t.Errorf("%s of %v: got %v, want ErrInvalidArgument", argument, negative, err)
				continue
			}
			equal(t, "argument", uvErr.Argument, strings.TrimSpace(argument))
		}
	}
}

// A third party may have sent the token, so this is not reported as a mistake of the caller.
func TestSSOTokensThatAreNotStringsOfCDoNotVerify(t *testing.T) {
	for _, token := range []string{"", "\x00", "a.b.c\x00", "\xff"} {
		for name, err := range map[string]error{
			"SSOVerifyJWT": uservoice.SSOVerifyJWT("key", token, 0, nil),
			"SSODecrypt":   uservoice.SSODecrypt("acme", "key", token, nil),
		} {
			if !errors.Is(err, uservoice.ErrNotVerified) {
				t.Errorf("%s of %q: got %v, want ErrNotVerified", name, token, err)
			}
		}
	}
}

func TestSSORejectsInvalidOut(t *testing.T) {
	for name, err := range map[string]error{
		"SSOVerifyJWT": uservoice.SSOVerifyJWT("key", "token", 0, struct{}{}),
		"SSODecrypt":   uservoice.SSODecrypt("acme", "key", "token", struct{}{}),
	} {
		var uvErr *uservoice.Error
		if !errors.As(err, &uvErr) || uvErr.Argument != "user" {
			t.Errorf("%s: got %v, want an error of the argument user", name, err)
		}
	}
}
