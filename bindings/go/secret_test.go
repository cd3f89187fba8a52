package uservoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
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
	response := uservoice.Response{Status: 200, Header: map[string]string{"x": "HEADER-TO-HIDE"}, Body: json.RawMessage(`"BODY-TO-HIDE"`)}
	request := codeRequestToHide()
	webhook := uservoice.Webhook{Event: "new_ticket", Data: json.RawMessage(`"DATA-TO-HIDE"`)}
	list := user.Collection("/api/v1/users?a=QUERY-TO-HIDE", uservoice.WithParams(uservoice.Params{"b": "PARAM-TO-HIDE"}))
	found := user.Collection("/api/v1/users", uservoice.WithParams(url.Values{"b": {"VALUE-TO-HIDE"}}))
	holder := struct {
		Client   *uservoice.Client
		Token    uservoice.Token
		List     *uservoice.Collection
		Request  uservoice.CodeRequest
		Response uservoice.Response
		Webhook  *uservoice.Webhook
		Requests map[string]uservoice.CodeRequest
	}{user, token, list, request, response, &webhook, map[string]uservoice.CodeRequest{"jo": request}}
	// On unexported fields fmt calls no methods.
	private := struct{ token uservoice.Token }{token}
	pointers := struct {
		client   *uservoice.Client
		list     *uservoice.Collection
		request  *uservoice.CodeRequest
		response *uservoice.Response
		webhook  *uservoice.Webhook
	}{user, list, &request, &response, &webhook}

	var said bytes.Buffer
	for _, value := range []any{
		response, &response, request, &request, webhook, &webhook, list, found, client, *client, user, *user,
		token, &token, []uservoice.Token{token}, []uservoice.CodeRequest{request}, holder, &holder, private, &private, callError,
	} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&said, format+"\n", value)
		}
		slog.New(slog.NewTextHandler(&said, nil)).Info("text", "value", value)
	}
	fmt.Fprintf(&said, "%v %+v %#v\n", pointers, pointers, &pointers)
	slog.New(slog.NewTextHandler(&said, nil)).Info("text", "value", &pointers)
	slog.New(slog.NewJSONHandler(&said, nil)).Info("json", "token", token, "client", client, "error", callError,
		"request", request, "kept", &request, "response", response, "webhook", webhook, "list", list,
		slog.Group("group", "token", &token, "request", request))
	if strings.Contains(said.String(), "TO-HIDE") {
		t.Errorf("a secret shows:\n%s", said.String())
	}
	contains(t, said.String(), "uservoice.Token{secret}")
	contains(t, fmt.Sprint(uservoice.Token{}), "uservoice.Token{}")
	contains(t, said.String(), "uservoice.Collection{/api/v1/users}\n")
	contains(t, said.String(), "uservoice.Webhook{new_ticket}")
	contains(t, said.String(), `"list":"uservoice.Collection{/api/v1/users}"`)
	contains(t, said.String(), `"webhook":"uservoice.Webhook{new_ticket}"`)

	// Asked for, they are there: without that the above shows nothing.
	kept, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(kept), "TOKEN-SECRET-TO-HIDE")
	equal(t, "value", token.Value(), "VALUE-TO-HIDE")
}

// What the documentation says about where they do show.
func TestWhereSecretsShow(t *testing.T) {
	token, err := uservoice.NewToken("value", "TOKEN-SECRET-TO-HIDE")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	slog.New(slog.NewJSONHandler(&said, nil)).Info("in a slice", "tokens", []uservoice.Token{token}, "requests", []uservoice.CodeRequest{codeRequestToHide()})
	contains(t, said.String(), "TOKEN-SECRET-TO-HIDE")
	contains(t, said.String(), "VERIFIER-TO-HIDE")
	inside := struct{ request uservoice.CodeRequest }{codeRequestToHide()}
	contains(t, fmt.Sprint(inside), "VERIFIER-TO-HIDE")
}

func codeRequestToHide() uservoice.CodeRequest {
	return uservoice.CodeRequest{URL: "/?state=STATE-TO-HIDE", State: "STATE-TO-HIDE", CodeVerifier: "VERIFIER-TO-HIDE"}
}
