// The examples of the documentation, one after the other, against the sandbox.
package main

import (
	"bufio"
	"context"
	"log"
	"os"

	"github.com/libuservoice/libuservoice/bindings/go"
)

var input = bufio.NewScanner(os.Stdin)

// typed is one line that somebody types.
func typed() string {
	input.Scan()
	return input.Text()
}

func main() {
	ctx := context.Background()
	client, err := uservoice.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	for _, example := range []func(context.Context, *uservoice.Client) error{
		clients, calls, lists, singleSignOn, webHooks, actAs, threeLegged, admin, export, byPassword,
		byCode, failures, waiting, logs, goroutines, cancelled,
	} {
		if err := example(ctx, client); err != nil {
			log.Fatal(err)
		}
	}
}
