package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/libuservoice/libuservoice/bindings/go"
)

func main() {
	// The sandbox with its well-known key. For your own site:
	// uservoice.New("acme", "API-KEY", "API-SECRET")
	client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
		uservoice.WithBaseURL(os.Getenv("USERVOICE_BASE_URL")))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	type suggestion struct{ Title string }
	suggestions := client.Collection("/api/v1/forums/1/suggestions", uservoice.WithLimit(3))
	for suggestion, err := range uservoice.Records[suggestion](context.Background(), suggestions) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(suggestion.Title)
	}
}
