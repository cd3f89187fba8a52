package uservoice_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestAWebHookComesIn(t *testing.T) {
	bodies := make(chan []byte, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- body
	}))
	defer receiver.Close()
	s := sandbox(t, "--webhook-url", receiver.URL)
	user := loginAs(t, s.client(t), "user2@sandbox.example")
	err := user.Post(context.Background(), "/api/v1/forums/1/suggestions",
		uservoice.Params{"suggestion": uservoice.Params{"title": "Tea & <Zoë>"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := <-bodies

	webhook, err := uservoice.ReadWebhook(s.SSOKey, body)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "event", webhook.Event, "new_suggestion")
	equal(t, "title", at(t, webhook.Data, "suggestion/title"), "Tea & <Zoë>")

	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := uservoice.VerifyWebhook(s.SSOKey, []byte(form.Get("data")), form.Get("signature")); err != nil {
		t.Error(err)
	}
	equal(t, "data", form.Get("data"), string(webhook.Data))

	refused := map[string]error{
		"data":      uservoice.VerifyWebhook(s.SSOKey, []byte(form.Get("data")+" "), form.Get("signature")),
		"no data":   uservoice.VerifyWebhook(s.SSOKey, nil, form.Get("signature")),
		"signature": uservoice.VerifyWebhook(s.SSOKey, []byte(form.Get("data")), ""),
		"key":       uservoice.VerifyWebhook("another", []byte(form.Get("data")), form.Get("signature")),
	}
	form.Set("data", `{"suggestion":{"id":1}}`)
	_, refused["forged"] = uservoice.ReadWebhook(s.SSOKey, []byte(form.Encode()))
	_, refused["another key"] = uservoice.ReadWebhook("another", body)
	_, refused["no body"] = uservoice.ReadWebhook(s.SSOKey, nil)
	_, refused["NUL"] = uservoice.ReadWebhook(s.SSOKey, append(body, 0))
	for name, err := range refused {
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
