package uservoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestSecretsAreRedacted(t *testing.T) {
	s := sandbox(t)
	client, err := uservoice.New("sandbox", "KEY-TO-HIDE", "SECRET-TO-HIDE", uservoice.WithBaseURL(s.URL), uservoice.WithProxy("http://jo:PASSWORD-TO-HIDE@127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := uservoice.NewToken("VALUE-TO-HIDE", "TOKEN-SECRET-TO-HIDE")
	if err != nil {
		t.Fatal(err)
	}
	user, err := client.WithToken(token)
	if err != nil {
		t.Fatal(err)
	}
	proxyErr := user.Get(context.Background(), "/api/v1/users", nil, nil)
	if proxyErr == nil {
		t.Fatal("a request succeeded through a proxy that does not exist")
	}
	response := uservoice.Response{Status: 200, Header: http.Header{"X": {"HEADER-TO-HIDE"}}, Body: json.RawMessage(`"BODY-TO-HIDE"`)}
	request := authorizationRequestToHide()
	webhook := uservoice.Webhook{Event: "new_ticket", Data: json.RawMessage(`"DATA-TO-HIDE"`)}
	users := user.Collection("/api/v1/users?a=QUERY-TO-HIDE", uservoice.WithParams(uservoice.Params{"b": "PARAM-TO-HIDE"}))
	filtered := user.Collection("/api/v1/users", uservoice.WithParams(url.Values{"b": {"VALUE-TO-HIDE"}}))
	exported := struct {
		Client   *uservoice.Client
		Token    uservoice.Token
		Users    *uservoice.Collection
		Request  uservoice.AuthorizationRequest
		Response uservoice.Response
		Webhook  *uservoice.Webhook
		Requests map[string]uservoice.AuthorizationRequest
	}{user, token, users, request, response, &webhook, map[string]uservoice.AuthorizationRequest{"jo": request}}
	// fmt calls no methods of unexported fields.
	unexported := struct{ token uservoice.Token }{token}
	unexportedPointers := struct {
		client   *uservoice.Client
		users    *uservoice.Collection
		request  *uservoice.AuthorizationRequest
		response *uservoice.Response
		webhook  *uservoice.Webhook
	}{user, users, &request, &response, &webhook}

	var output bytes.Buffer
	for _, value := range []any{
		response, &response, request, &request, webhook, &webhook, users, filtered, client, *client, user, *user,
		token, &token, []uservoice.Token{token}, []uservoice.AuthorizationRequest{request}, exported, &exported, unexported, &unexported, proxyErr,
	} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&output, format+"\n", value)
		}
		slog.New(slog.NewTextHandler(&output, nil)).Info("text", "value", value)
	}
	fmt.Fprintf(&output, "%v %+v %#v\n", unexportedPointers, unexportedPointers, &unexportedPointers)
	slog.New(slog.NewTextHandler(&output, nil)).Info("text", "value", &unexportedPointers)
	slog.New(slog.NewJSONHandler(&output, nil)).Info("json", "token", token, "client", client, "error", proxyErr,
		"request", request, "pointer", &request, "response", response, "webhook", webhook, "collection", users,
		slog.Group("group", "token", &token, "request", request))
	for _, hidden := range []string{"TO-HIDE", fmt.Sprintf("%x", "TO-HIDE")} {
		if strings.Contains(output.String(), hidden) {
			t.Errorf("a secret is not redacted:\n%s", output.String())
		}
	}
	contains(t, output.String(), "uservoice.Token{secret}")
	contains(t, fmt.Sprint(uservoice.Token{}), "uservoice.Token{}")
	contains(t, output.String(), "uservoice.Collection{/api/v1/users}\n")
	contains(t, output.String(), "uservoice.AuthorizationRequest{secret}")
	contains(t, output.String(), "uservoice.Webhook{new_ticket}")
	contains(t, output.String(), `"collection":"uservoice.Collection{/api/v1/users}"`)
	contains(t, output.String(), `"webhook":"uservoice.Webhook{new_ticket}"`)

	// The checks above are meaningful only if the values have the secrets.
	stored, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(stored), "TOKEN-SECRET-TO-HIDE")
	equal(t, "value", token.Value(), "VALUE-TO-HIDE")
}

// The documentation warns of these.
func TestSecretsAreInJSONAndUnexportedFields(t *testing.T) {
	token, err := uservoice.NewToken("value", "TOKEN-SECRET-TO-HIDE")
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	slog.New(slog.NewJSONHandler(&output, nil)).Info("in a slice", "tokens", []uservoice.Token{token}, "requests", []uservoice.AuthorizationRequest{authorizationRequestToHide()})
	contains(t, output.String(), "TOKEN-SECRET-TO-HIDE")
	contains(t, output.String(), "VERIFIER-TO-HIDE")
	unexported := struct {
		request uservoice.AuthorizationRequest
	}{authorizationRequestToHide()}
	contains(t, fmt.Sprint(unexported), "VERIFIER-TO-HIDE")
}

func authorizationRequestToHide() uservoice.AuthorizationRequest {
	return uservoice.AuthorizationRequest{URL: "/?state=STATE-TO-HIDE", State: "STATE-TO-HIDE", CodeVerifier: "VERIFIER-TO-HIDE"}
}
