package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// Read the users that have changed since a point in time.
func ExampleClient_LoginWithClientCredentials() {
	ctx := context.Background()
	admin, err := exampleClient().LoginWithClientCredentials(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer admin.Close()
	type user struct {
		ID    int
		Email string `json:"email_address"`
	}
	users := admin.Collection("/api/v2/admin/users", uservoice.WithLimit(2),
		uservoice.WithParams(uservoice.Params{"updated_after": "2001-01-01T00:00:00Z"}))
	for user, err := range uservoice.Records[user](ctx, users) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Email)
	}
	// Output:
	// user249@sandbox.example
	// user248@sandbox.example
}

func ExampleClient_LoginWithPassword() {
	ctx := context.Background()
	_, err := exampleClient().LoginWithPassword(ctx, "owner@sandbox.example", "wrong")
	fmt.Println(errors.Is(err, uservoice.ErrUnauthorized))
	// Output: true
}

// A login to the Admin API in which the user decides.
func ExampleClient_AuthorizationRequest() {
	ctx := context.Background()
	client := exampleClient()
	request, err := client.AuthorizationRequest("https://app.example.com/callback", "")
	if err != nil {
		log.Fatal(err)
	}
	query, err := signIn(request.URL, "allow") // the user does this
	if err != nil {
		log.Fatal(err)
	}
	if query.Get("state") != request.State {
		log.Fatal("the state is different: this is another login, or a forged request")
	}
	admin, err := client.LoginWithCode(ctx, request, query.Get("code"))
	if err != nil {
		log.Fatal(err)
	}
	defer admin.Close()
	fmt.Println(admin.Get(ctx, "/api/v2/admin/users/current", nil, nil))
	// Output: <nil>
}

func ExampleClient_LoginWithCode() {
	client := exampleClient()
	request, err := client.AuthorizationRequest("https://app.example.com/callback", "")
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.LoginWithCode(context.Background(), request, "not-a-code")
	fmt.Println(errors.Is(err, uservoice.ErrUnauthorized))
	// Output: true
}

// Store it until the user returns.
func ExampleAuthorizationRequest() {
	request, err := exampleClient().AuthorizationRequest("https://app.example.com/callback", "")
	if err != nil {
		log.Fatal(err)
	}
	stored, err := json.Marshal(request) // a secret
	if err != nil {
		log.Fatal(err)
	}
	var restored uservoice.AuthorizationRequest
	if err := json.Unmarshal(stored, &restored); err != nil {
		log.Fatal(err)
	}
	fmt.Println(restored == request)
	// Output: true
}

func ExampleAuthorizationRequest_Format() {
	fmt.Printf("%v\n", uservoice.AuthorizationRequest{CodeVerifier: "a secret"})
	// Output: uservoice.AuthorizationRequest{secret}
}

func ExampleAuthorizationRequest_LogValue() {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	logger.Info("login", "request", uservoice.AuthorizationRequest{CodeVerifier: "a secret"})
	// Output: {"level":"INFO","msg":"login","request":"uservoice.AuthorizationRequest{secret}"}
}
