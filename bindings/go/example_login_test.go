package uservoice_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func ExampleClient_LoginAs() {
	ctx := context.Background()
	user, err := exampleClient().LoginAs(ctx, "user2@sandbox.example")
	if err != nil {
		log.Fatal(err)
	}
	defer user.Close()
	var response struct{ User struct{ Name string } }
	if err := user.Get(ctx, "/api/v1/users/current", nil, &response); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.User.Name)
	// Output: 李小龍
}

func ExampleClient_LoginAsOwner() {
	ctx := context.Background()
	owner, err := exampleClient().LoginAsOwner(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer owner.Close()
	var response struct{ User struct{ Email string } }
	if err := owner.Get(ctx, "/api/v1/users/current", nil, &response); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.User.Email)
	// Output: owner@sandbox.example
}

// A three-legged login, in which the user decides. A web application sets [WithCallback], and
// receives the verifier in the query of the callback.
func ExampleClient_RequestToken() {
	ctx := context.Background()
	client := exampleClient()
	request, err := client.RequestToken(ctx)
	if err != nil {
		log.Fatal(err)
	}
	page, err := client.AuthorizeURL(request)
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := clickAllow(page) // the user does this
	if err != nil {
		log.Fatal(err)
	}
	user, err := client.LoginWithVerifier(ctx, request, verifier)
	if err != nil {
		log.Fatal(err)
	}
	var response struct{ User struct{ Email string } }
	if err := user.Get(ctx, "/api/v1/users/current", nil, &response); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.User.Email)
	// Output: user1@sandbox.example
}

func ExampleClient_AuthorizeURL() {
	client := exampleClient()
	request, err := client.RequestToken(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	text, err := client.AuthorizeURL(request)
	if err != nil {
		log.Fatal(err)
	}
	page, err := url.Parse(text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Path, page.Query().Get("oauth_token") == request.Value())
	// Output: /oauth/authorize true
}

func ExampleClient_LoginWithVerifier() {
	client := exampleClient()
	request, err := client.RequestToken(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.LoginWithVerifier(context.Background(), request, "not-a-verifier")
	fmt.Println(errors.Is(err, uservoice.ErrUnauthorized))
	// Output: true
}
