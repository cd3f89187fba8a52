package main

import (
	"context"
	"fmt"
	"log"

	"github.com/libuservoice/libuservoice/bindings/go"
)

func main() {
	// The sandbox, as USERVOICE_BASE_URL says. For a site of yours:
	// uservoice.New("acme", "API-KEY", "API-SECRET")
	client, err := uservoice.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	type suggestion struct{ Title string }
	list := client.Collection("/api/v1/forums/1/suggestions", uservoice.WithLimit(3))
	for suggestion, err := range uservoice.Records[suggestion](context.Background(), list) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(suggestion.Title)
	}
}
