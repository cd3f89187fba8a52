// Guides runs the examples of the documentation against the sandbox.
package main

import (
	"bufio"
	"context"
	"log"
	"os"

	"github.com/libuservoice/libuservoice/bindings/go"
)

var stdin = bufio.NewScanner(os.Stdin)

// readLine returns a line of standard input.
func readLine() string {
	stdin.Scan()
	return stdin.Text()
}

func main() {
	ctx := context.Background()
	client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
		uservoice.WithBaseURL(os.Getenv("USERVOICE_BASE_URL")))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	for _, example := range []func(context.Context, *uservoice.Client) error{
		clients, requests, collections, singleSignOn, webhooks, loginAs, threeLegged, adminAPI, export,
		passwordLogin, codeLogin, errorHandling, retries, logging, goroutines, cancellation,
		usersAndForum, verifyUser, attachment,
	} {
		if err := example(ctx, client); err != nil {
			log.Fatal(err)
		}
	}
}
