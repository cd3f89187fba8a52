package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestUseAfterClose(t *testing.T) {
	s := sandbox(t)
	ctx := context.Background()
	client := s.client(t)
	user := loginAs(t, client, "user2@sandbox.example")
	closed := s.client(t)
	unread := closed.Collection("/api/v1/users")
	for range 2 { // closing again does nothing
		closed.Close()
	}
	failed := map[string]error{}
	_, failed["With"] = closed.With()
	_, failed["As"] = closed.As(user.Token())
	_, failed["LoginAs"] = closed.LoginAs(ctx, "user2@sandbox.example")
	_, failed["LoginAsOwner"] = closed.LoginAsOwner(ctx)
	_, failed["RequestToken"] = closed.RequestToken(ctx)
	_, failed["AuthorizeURL"] = closed.AuthorizeURL(user.Token())
	_, failed["LoginWithVerifier"] = closed.LoginWithVerifier(ctx, user.Token(), "verifier")
	_, failed["Request"] = closed.Request(ctx, "GET", "/api/v1/users", nil, nil)
	_, failed["LoginWithClientCredentials"] = closed.LoginWithClientCredentials(ctx)
	_, failed["LoginWithPassword"] = closed.LoginWithPassword(ctx, "user2@sandbox.example", "password")
	_, failed["LoginWithCode"] = closed.LoginWithCode(ctx, uservoice.CodeRequest{}, "code")
	_, failed["RequestCode"] = closed.RequestCode("https://app.example/", "")
	_, failed["SSOURL"] = closed.SSOURL("token", "")
	failed["Get"] = closed.Get(ctx, "/api/v1/users", nil, nil)
	_, failed["Len of a collection of a closed client"] = unread.Len(ctx)

	list := client.Collection("/api/v1/users")
	if _, err := list.Len(ctx); err != nil {
		t.Fatal(err)
	}
	list.Close()
	list.Close()
	list.Rewind()
	_, failed["Len"] = list.Len(ctx)
	failed["At"] = list.At(ctx, 0, nil)
	failed["Info"] = list.Info(ctx, nil)
	for _, err := range list.All(ctx) {
		failed["All"] = err
	}
	for _, err := range list.WholePages(ctx) {
		failed["WholePages"] = err
	}

	token := user.Token()
	token.Close()
	token.Close()
	_, failed["MarshalJSON"] = json.Marshal(token)
	failed["Get with a closed token"] = user.Get(ctx, "/api/v1/users/current", nil, nil)
	_, failed["AuthorizeURL of a closed token"] = client.AuthorizeURL(token)
	_, failed["LoginWithVerifier of a closed token"] = client.LoginWithVerifier(ctx, token, "verifier")
	_, failed["Len with a closed token"] = user.Collection("/api/v1/users").Len(ctx)
	equal(t, "value", token.Value(), "")
	equal(t, "secret", token.Secret(), "")
	equal(t, "ways to fail", len(failed), 25)
	for name, err := range failed {
		if !errors.Is(err, uservoice.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What no function of the package made is as good as closed.
func TestZeroValues(t *testing.T) {
	ctx := context.Background()
	var client uservoice.Client
	var list uservoice.Collection
	failed := map[string]error{}
	failed["Get"] = client.Get(ctx, "/api/v1/users", nil, nil)
	_, failed["With"] = client.With()
	_, failed["SSOURL"] = client.SSOURL("token", "")
	_, failed["Len of its collection"] = client.Collection("/api/v1/users").Len(ctx)
	_, failed["Len"] = list.Len(ctx)
	for _, err := range list.All(ctx) {
		failed["All"] = err
	}
	equal(t, "ways to fail", len(failed), 6)
	for name, err := range failed {
		if !errors.Is(err, uservoice.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list.Rewind()
	list.Close()
	client.Close()
}

func TestWhatWasMadeOutlivesTheClient(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	user := loginAs(t, client, "user2@sandbox.example")
	read := 0
	for _, err := range client.Collection("/api/v1/users").All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if read++; read == 5 {
			client.Close()
		}
	}
	equal(t, "records", read, 250)
	equal(t, "who", whoami(t, user), "user2@sandbox.example")

	token := user.Token()
	user.Close()
	other := s.client(t)
	again, err := other.As(token)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "who, by the token", whoami(t, again), "user2@sandbox.example")
}
