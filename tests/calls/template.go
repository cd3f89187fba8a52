// Calls runs the lines of docs/reference/api in Go, see calls.py.
package main

import (
	"context"
	"log"
	"os"
	"strings"

	"github.com/libuservoice/libuservoice/bindings/go"
)

func check(call string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", call, err)
	}
}

func checkList(ctx context.Context, call string, records *uservoice.Collection) {
	defer records.Close()
	for _, err := range records.All(ctx) {
		check(call, err)
		return
	}
	log.Fatalf("%s: no records", call)
}

func main() {
	ctx := context.Background()
	client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
		uservoice.WithBaseURL(os.Getenv("USERVOICE_BASE_URL")), uservoice.WithPrefetchPages(0))
	check("New", err)
	file := strings.NewReader("...")
	var out any
	// [calls]
}
