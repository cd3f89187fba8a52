package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// The examples with an output run against a sandbox, see TestMain.

func Example() {
	ctx := context.Background()
	client, err := uservoice.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	type user struct{ Name, Email string }
	users := client.Collection("/api/v1/users", uservoice.WithLimit(3))
	for user, err := range uservoice.Records[user](ctx, users) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Email)
	}
	// Output:
	// owner@sandbox.example
	// user1@sandbox.example
	// user2@sandbox.example
}

func ExampleNew() {
	client, err := uservoice.New("acme", "API-KEY", "API-SECRET",
		uservoice.WithTimeout(5*time.Second),
		uservoice.WithUserAgent("MyApp/1.0"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	fmt.Println(client) // contains no secrets
	// Output: uservoice.Client
}

func ExampleNewFromEnv() {
	// export USERVOICE_SUBDOMAIN=acme USERVOICE_API_KEY=... USERVOICE_API_SECRET=...
	client, err := uservoice.NewFromEnv(uservoice.WithMaxRetries(5))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

func ExampleClient() {
	client, err := uservoice.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var response struct{ Forum struct{ Name string } }
	if err := client.Get(ctx, "/api/v1/forums/1", nil, &response); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Forum.Name)
	// Output: General
}

func ExampleClient_With() {
	client := exampleClient()
	patient, err := client.With(uservoice.WithTimeout(2*time.Minute), uservoice.WithMaxRetries(10))
	if err != nil {
		log.Fatal(err)
	}
	defer patient.Close()
}

func ExampleClient_WithToken() {
	client := exampleClient()
	var token uservoice.Token
	stored := []byte(`null`) // from json.Marshal(user.Token())
	if err := json.Unmarshal(stored, &token); err != nil {
		log.Fatal(err)
	}
	user, err := client.WithToken(token)
	if err != nil {
		log.Fatal(err)
	}
	defer user.Close()
}

func ExampleClient_Token() {
	client := exampleClient()
	fmt.Println(client.Token().IsZero()) // authenticated with the API key alone
	owner, err := client.LoginAsOwner(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(owner.Token().IsZero())
	// Output:
	// true
	// false
}

func ExampleClient_Close() {
	client := exampleClient()
	client.Close()
	err := client.Get(context.Background(), "/api/v1/users", nil, nil)
	fmt.Println(errors.Is(err, uservoice.ErrClosed))
	// Output: true
}

func ExampleClient_String() {
	fmt.Printf("%v\n", exampleClient())
	// Output: uservoice.Client
}

func ExampleClient_GoString() {
	fmt.Printf("%#v\n", exampleClient())
	// Output: uservoice.Client
}

func ExampleVersion() {
	fmt.Println(uservoice.Version() != "")
	// Output: true
}

func exampleClient() *uservoice.Client {
	client, err := uservoice.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	return client
}
