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
	for range 2 { // the second one has no effect
		closed.Close()
	}
	errs := map[string]error{}
	_, errs["With"] = closed.With()
	_, errs["WithToken"] = closed.WithToken(user.Token())
	_, errs["LoginAs"] = closed.LoginAs(ctx, "user2@sandbox.example")
	_, errs["LoginAsOwner"] = closed.LoginAsOwner(ctx)
	_, errs["RequestToken"] = closed.RequestToken(ctx)
	_, errs["AuthorizeURL"] = closed.AuthorizeURL(user.Token())
	_, errs["LoginWithVerifier"] = closed.LoginWithVerifier(ctx, user.Token(), "verifier")
	_, errs["Request"] = closed.Request(ctx, "GET", "/api/v1/users", nil, nil)
	_, errs["LoginWithClientCredentials"] = closed.LoginWithClientCredentials(ctx)
	_, errs["LoginWithPassword"] = closed.LoginWithPassword(ctx, "user2@sandbox.example", "password")
	_, errs["LoginWithCode"] = closed.LoginWithCode(ctx, uservoice.AuthorizationRequest{}, "code")
	_, errs["AuthorizationRequest"] = closed.AuthorizationRequest("https://app.example/", "")
	_, errs["SSOURL"] = closed.SSOURL("token", "")
	errs["Get"] = closed.Get(ctx, "/api/v1/users", nil, nil)
	_, errs["Len of a collection of a closed client"] = unread.Len(ctx)

	collection := client.Collection("/api/v1/users")
	if _, err := collection.Len(ctx); err != nil {
		t.Fatal(err)
	}
	collection.Close()
	collection.Close()
	collection.Rewind()
	_, errs["Len"] = collection.Len(ctx)
	errs["At"] = collection.At(ctx, 0, nil)
	errs["Info"] = collection.Info(ctx, nil)
	for _, err := range collection.All(ctx) {
		errs["All"] = err
	}
	for _, err := range collection.WholePages(ctx) {
		errs["WholePages"] = err
	}

	token := user.Token()
	token.Close()
	token.Close()
	_, errs["MarshalJSON"] = json.Marshal(token)
	errs["Get with a closed token"] = user.Get(ctx, "/api/v1/users/current", nil, nil)
	_, errs["AuthorizeURL of a closed token"] = client.AuthorizeURL(token)
	_, errs["LoginWithVerifier of a closed token"] = client.LoginWithVerifier(ctx, token, "verifier")
	_, errs["Len with a closed token"] = user.Collection("/api/v1/users").Len(ctx)
	equal(t, "value", token.Value(), "")
	equal(t, "secret", token.Secret(), "")
	equal(t, "checked methods", len(errs), 25)
	for name, err := range errs {
		if !errors.Is(err, uservoice.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestZeroValuesAreClosed(t *testing.T) {
	ctx := context.Background()
	var client uservoice.Client
	var collection uservoice.Collection
	errs := map[string]error{}
	errs["Get"] = client.Get(ctx, "/api/v1/users", nil, nil)
	_, errs["With"] = client.With()
	_, errs["SSOURL"] = client.SSOURL("token", "")
	_, errs["Len of its collection"] = client.Collection("/api/v1/users").Len(ctx)
	_, errs["Len"] = collection.Len(ctx)
	for _, err := range collection.All(ctx) {
		errs["All"] = err
	}
	equal(t, "checked methods", len(errs), 6)
	for name, err := range errs {
		if !errors.Is(err, uservoice.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	collection.Rewind()
	collection.Close()
	client.Close()
}

func TestLoopsAndTokensOutliveClient(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	user := loginAs(t, client, "user2@sandbox.example")
	count := 0
	for _, err := range client.Collection("/api/v1/users").All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if count++; count == 5 {
			client.Close()
		}
	}
	equal(t, "records", count, 250)
	equal(t, "acting user", whoami(t, user), "user2@sandbox.example")

	token := user.Token()
	user.Close()
	other := s.client(t)
	restored, err := other.WithToken(token)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "acting user of the token", whoami(t, restored), "user2@sandbox.example")
}
