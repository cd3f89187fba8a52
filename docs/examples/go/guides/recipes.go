package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/libuservoice/libuservoice/bindings/go"
)

// [recipe-users]
type user struct{ Name, Email, URL string }

func usersAndForum(ctx context.Context, client *uservoice.Client) error {
	users := client.Collection("/api/v1/users") // needs a trusted key, but no user
	defer users.Close()
	length, err := users.Len(ctx)
	if err != nil {
		return err // ErrUnauthorized: a wrong key, one that is not trusted, or not an admin
	}
	fmt.Println("The site has", length, "users.")
	for index := range min(length, 3) {
		var user user
		if err := users.At(ctx, index, &user); err != nil {
			return err
		}
		fmt.Println(user.Name, user.URL)
	}

	jo, err := client.LoginAs(ctx, "jo@example.com") // a regular user
	if err != nil {
		return err
	}
	defer jo.Close()
	var current struct{ User user }
	if err := jo.Get(ctx, "/api/v1/users/current", nil, &current); err != nil {
		return err
	}
	fmt.Println(current.User.Name, current.User.URL)

	owner, err := client.LoginAsOwner(ctx)
	if err != nil {
		return err
	}
	defer owner.Close()
	var created struct{ Forum struct{ Name, URL string } }
	err = owner.Post(ctx, "/api/v1/forums", uservoice.Params{"forum": uservoice.Params{
		"name":                  "Private feedback",
		"private":               true,
		"allow_by_email_domain": true,
		"allowed_email_domains": []uservoice.Params{{"domain": "example.com"}},
	}}, &created)
	if err != nil {
		return err
	}
	fmt.Println(created.Forum.Name, created.Forum.URL)
	return nil
}

// [end]

func verifyUser(ctx context.Context, _ *uservoice.Client) error {
	// [recipe-verify]
	client, err := uservoice.New("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
		uservoice.WithBaseURL(os.Getenv("USERVOICE_BASE_URL")),
		uservoice.WithCallback("http://localhost:3000/")) // your site
	if err != nil {
		return err
	}
	defer client.Close()
	requestToken, err := client.RequestToken(ctx)
	if err != nil {
		return err
	}
	url, err := client.AuthorizeURL(requestToken)
	if err != nil {
		return err
	}
	fmt.Println("1. Go to", url, "and allow access.")
	fmt.Println("2. Type the oauth_verifier that UserVoice passed to your site:")
	verified, err := client.LoginWithVerifier(ctx, requestToken, readLine())
	if err != nil {
		return err
	}
	defer verified.Close()
	var current struct{ User user }
	if err := verified.Get(ctx, "/api/v1/users/current", nil, &current); err != nil {
		return err
	}
	fmt.Println(current.User.Name, "has the address", current.User.Email)
	// [end]
	return nil
}

func attachment(ctx context.Context, client *uservoice.Client) error {
	// [recipe-attachment]
	admin, err := client.LoginWithClientCredentials(ctx) // or LoginWithPassword
	if err != nil {
		return err
	}
	defer admin.Close()
	file, err := os.Open("screen.png")
	if err != nil {
		return err
	}
	defer file.Close()
	var uploaded struct {
		Attachments []struct {
			FileName string `json:"file_name"`
		}
	}
	err = admin.Upload(ctx, "/api/v2/admin/attachments", "screen.png", "", file, &uploaded)
	var uvErr *uservoice.Error
	switch {
	case errors.As(err, &uvErr) && errors.Is(err, uservoice.ErrRateLimited): // after a wait
		fmt.Println("The rate limit is reset in", uvErr.RetryAfter)
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(uploaded.Attachments[0].FileName)
	}
	// [end]
	return nil
}
