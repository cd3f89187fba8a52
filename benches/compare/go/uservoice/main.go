// Command uservoice sends GET requests with the Go package.
package main

import (
	"context"
	"log"

	"github.com/libuservoice/libuservoice/benches/compare/go/contest"
	"github.com/libuservoice/libuservoice/bindings/go"
)

func main() {
	contest.Main(func(baseURL string, goroutines int) contest.Get {
		client, err := uservoice.New("acme", contest.APIKey, contest.APISecret,
			uservoice.WithBaseURL(baseURL), uservoice.WithMaxIdleConnections(goroutines))
		if err != nil {
			log.Fatal(err)
		}
		token, err := uservoice.NewToken(contest.Token, contest.TokenSecret)
		if err != nil {
			log.Fatal(err)
		}
		user, err := client.WithToken(token)
		if err != nil {
			log.Fatal(err)
		}
		return func(ctx context.Context, path string, body *contest.Body) error {
			return user.Get(ctx, path, nil, body)
		}
	})
}
