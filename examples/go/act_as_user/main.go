// Act_as_user reads a suggestion as a user, who sees only the forums that are open to them.
//
//	act_as_user EMAIL SUGGESTION
//
// UserVoice creates a user who does not exist. The API key must be trusted.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

func run(ctx context.Context, email string, id int64) error {
	client, err := site.NewClient()
	if err != nil {
		return err
	}
	defer client.Close()
	user, err := client.LoginAs(ctx, email)
	if errors.Is(err, uservoice.ErrUnauthorized) {
		return fmt.Errorf("%w\nIs the API key trusted?", err)
	}
	if err != nil {
		return err
	}
	defer user.Close()

	var current struct{ User struct{ Name string } }
	if err := user.Get(ctx, "/api/v1/users/current", nil, &current); err != nil {
		return err
	}
	var found struct{ Suggestion struct{ Title string } }
	err = user.Get(ctx, fmt.Sprintf("/api/v1/suggestions/%d", id), nil, &found)
	if errors.Is(err, uservoice.ErrNotFound) {
		return fmt.Errorf("%s sees no suggestion %d", current.User.Name, id)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s sees: %s\n", current.User.Name, found.Suggestion.Title)
	return err
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: act_as_user EMAIL SUGGESTION")
	}
	id, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(context.Background(), os.Args[1], id); err != nil {
		log.Fatal(err)
	}
}
