package uservoice_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// Receive webhooks.
func ExampleReadWebhook() {
	http.HandleFunc("POST /uservoice", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			return
		}
		webhook, err := uservoice.ReadWebhook("SSO-KEY", body)
		switch {
		case errors.Is(err, uservoice.ErrNotVerified):
			http.Error(w, "invalid signature", http.StatusUnauthorized)
			return
		case err != nil: // such as an empty key
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		fmt.Println(webhook.Event)
	})
}

func ExampleWebhook() {
	webhook := uservoice.Webhook{Event: "new_suggestion", Data: json.RawMessage(`{"suggestion":{"title":"Tea"}}`)}
	var data struct{ Suggestion struct{ Title string } }
	if err := json.Unmarshal(webhook.Data, &data); err != nil {
		log.Fatal(err)
	}
	fmt.Println(webhook.Event, data.Suggestion.Title)
	// Output: new_suggestion Tea
}

func ExampleWebhook_Format() {
	fmt.Println(uservoice.Webhook{Event: "new_ticket", Data: json.RawMessage(`{"email":"jo@example.com"}`)})
	// Output: uservoice.Webhook{new_ticket}
}

func ExampleWebhook_LogValue() {
	fmt.Println(uservoice.Webhook{Event: "new_ticket"}.LogValue()) // the value that log/slog writes
	// Output: uservoice.Webhook{new_ticket}
}

func ExampleVerifyWebhook() {
	data := []byte(`{"suggestion":{"id":1}}`)
	signature := "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0"
	fmt.Println(uservoice.VerifyWebhook("sandbox-sso-key", data, signature))
	err := uservoice.VerifyWebhook("sandbox-sso-key", data[1:], signature)
	fmt.Println(errors.Is(err, uservoice.ErrNotVerified))
	// Output:
	// <nil>
	// true
}

func ExampleSignWebhook() {
	data := `{"suggestion":{"id":1}}`
	signature, err := uservoice.SignWebhook("SSO-KEY", []byte(data))
	if err != nil {
		log.Fatal(err)
	}
	form := url.Values{"event": {"new_suggestion"}, "data": {data}, "signature": {signature}}
	webhook, err := uservoice.ReadWebhook("SSO-KEY", []byte(form.Encode()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(webhook.Event)
	// Output: new_suggestion
}
