package uservoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestSecretsDoNotShow(t *testing.T) {
	s := sandbox(t)
	client, err := uservoice.New("sandbox", "KEY-TO-HIDE", "SECRET-TO-HIDE", uservoice.WithBaseURL(s.URL), uservoice.WithProxy("http://jo:PASSWORD-TO-HIDE@127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := uservoice.NewToken("VALUE-TO-HIDE", "TOKEN-SECRET-TO-HIDE")
	if err != nil {
		t.Fatal(err)
	}
	user, err := client.As(token)
	if err != nil {
		t.Fatal(err)
	}
	callError := user.Get(context.Background(), "/api/v1/users", nil, nil)
	if callError == nil {
		t.Fatal("there is no such proxy")
	}
	holder := struct {
		Client *uservoice.Client
		Token  uservoice.Token
		List   *uservoice.Collection
	}{user, token, user.Collection("/api/v1/users")}

	response := uservoice.Response{Status: 200, Header: map[string]string{"x": "HEADER-TO-HIDE"}, Body: json.RawMessage(`"BODY-TO-HIDE"`)}

	var said bytes.Buffer
	for _, value := range []any{response, &response, client, *client, user, *user, token, &token, []uservoice.Token{token}, holder, &holder, callError} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&said, format+"\n", value)
		}
		slog.New(slog.NewTextHandler(&said, nil)).Info("text", "value", value)
	}
	slog.New(slog.NewJSONHandler(&said, nil)).Info("json", "token", token, "client", client, "error", callError)
	if strings.Contains(said.String(), "TO-HIDE") {
		t.Errorf("a secret shows:\n%s", said.String())
	}
	contains(t, said.String(), "uservoice.Token{secret}")
	contains(t, fmt.Sprint(uservoice.Token{}), "uservoice.Token{}")

	// Asked for, they are there: without that the above shows nothing.
	kept, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(kept), "TOKEN-SECRET-TO-HIDE")
	equal(t, "value", token.Value(), "VALUE-TO-HIDE")
}
