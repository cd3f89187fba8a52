// Webhook_receiver receives webhooks, and rejects those that UserVoice has not signed.
//
//	webhook_receiver [PORT]
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

const maxBytes = 1_000_000

type receiver struct{ ssoKey string }

func (s receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The signature is over the bytes as they arrived.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	webhook, err := uservoice.ReadWebhook(s.ssoKey, body)
	if errors.Is(err, uservoice.ErrNotVerified) {
		log.Print(err)
		http.Error(w, "not signed with the SSO key", http.StatusUnauthorized)
		return
	}
	// The signature covers the data, but not the event: decide by the data.
	var data struct{ Suggestion *struct{ Title string } }
	if err == nil {
		err = json.Unmarshal(webhook.Data, &data)
	}
	if err != nil {
		log.Print(err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	if data.Suggestion != nil {
		fmt.Println("Suggestion:", data.Suggestion.Title)
	}
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	port := "4000"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	key, err := site.SSOKey()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /", receiver{key})
	fmt.Printf("Listening on http://%s/\n", listener.Addr())
	server := http.Server{Handler: mux, ReadTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}
