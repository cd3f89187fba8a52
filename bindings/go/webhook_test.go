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

func TestReadAndVerifyWebhook(t *testing.T) {
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

	errs := map[string]error{
		"data":                           uservoice.VerifyWebhook(s.SSOKey, []byte(form.Get("data")+" "), form.Get("signature")),
		"no data":                        uservoice.VerifyWebhook(s.SSOKey, nil, form.Get("signature")),
		"signature":                      uservoice.VerifyWebhook(s.SSOKey, []byte(form.Get("data")), ""),
		"NUL in the signature":           uservoice.VerifyWebhook(s.SSOKey, []byte(form.Get("data")), form.Get("signature")+"\x00"),
		"invalid UTF-8 in the signature": uservoice.VerifyWebhook(s.SSOKey, []byte(form.Get("data")), "\xff"),
		"key":                            uservoice.VerifyWebhook("another", []byte(form.Get("data")), form.Get("signature")),
	}
	form.Set("data", `{"suggestion":{"id":1}}`)
	_, errs["forged"] = uservoice.ReadWebhook(s.SSOKey, []byte(form.Encode()))
	_, errs["another key"] = uservoice.ReadWebhook("another", body)
	_, errs["no body"] = uservoice.ReadWebhook(s.SSOKey, nil)
	_, errs["NUL"] = uservoice.ReadWebhook(s.SSOKey, append(body, 0))
	for name, err := range errs {
		if !errors.Is(err, uservoice.ErrNotVerified) {
			t.Errorf("%s: got %v, want ErrNotVerified", name, err)
		}
	}
	if err := uservoice.VerifyWebhook("", []byte("{}"), "00"); !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Errorf("empty key: got %v, want ErrInvalidArgument", err)
	}
}

func TestSignedWebhookVerifies(t *testing.T) {
	data := []byte(`{"suggestion":{"title":"Zo\u00eb"}}`)
	signature, err := uservoice.SignWebhook("key", data)
	if err != nil {
		t.Fatal(err)
	}
	if err := uservoice.VerifyWebhook("key", data, signature); err != nil {
		t.Error(err)
	}
	form := url.Values{"event": {"new_suggestion"}, "data": {string(data)}, "signature": {signature}}
	webhook, err := uservoice.ReadWebhook("key", []byte(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "data", string(webhook.Data), string(data))
	if _, err := uservoice.SignWebhook("", data); !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Errorf("empty key: got %v, want ErrInvalidArgument", err)
	}
}
