package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/libuservoice/libuservoice/bindings/go"
)

type answer struct {
	User struct{ Email string }
}

func actAs(ctx context.Context, client *uservoice.Client) error {
	// [act-as]
	jo, err := client.LoginAs(ctx, "jo@example.com")
	if err != nil {
		return err
	}
	defer jo.Close()
	var current struct{ User struct{ Email string } }
	if err := jo.Get(ctx, "/api/v1/users/current", nil, &current); err != nil {
		return err
	}
	// [end]
	fmt.Println("acting as", current.User.Email)

	// [keep-token]
	kept, err := json.Marshal(jo.Token()) // a secret, for your store
	if err != nil {
		return err
	}

	var token uservoice.Token // later, in any process
	if err := json.Unmarshal(kept, &token); err != nil {
		return err
	}
	again, err := client.As(token)
	if err != nil {
		return err
	}
	// [end]
	defer again.Close()
	return again.Get(ctx, "/api/v1/users/current", nil, nil)
}

func threeLegged(ctx context.Context, client *uservoice.Client) error {
	// [three-legged-begin]
	request, err := client.RequestToken(ctx)
	if err != nil {
		return err
	}
	kept, err := json.Marshal(request)
	if err != nil {
		return err
	}
	url, err := client.AuthorizeURL(request)
	if err != nil {
		return err
	}
	fmt.Println("Please allow it at", url) // or redirect the browser there
	// [end]
	verifier := typed()

	// [three-legged-finish]
	var asked uservoice.Token
	if err := json.Unmarshal(kept, &asked); err != nil {
		return err
	}
	person, err := client.LoginWithVerifier(ctx, asked, verifier)
	if err != nil {
		return err
	}
	// [end]
	defer person.Close()
	var current answer
	if err := person.Get(ctx, "/api/v1/users/current", nil, &current); err != nil {
		return err
	}
	fmt.Println(current.User.Email, "allowed it")
	return nil
}

func admin(ctx context.Context, client *uservoice.Client) error {
	// [admin-credentials]
	owner, err := client.LoginWithClientCredentials(ctx) // its token renews itself
	if err != nil {
		return err
	}
	defer owner.Close()
	list := owner.Collection("/api/v2/admin/suggestions", uservoice.WithLimit(5),
		uservoice.WithParams(uservoice.Params{
			"sort": "-id", "updated_after": "2013-01-31T00:00:00Z",
		}))
	// [end]
	length, err := list.Len(ctx)
	if err != nil {
		return err
	}
	fmt.Println(length, "suggestions")

	// [admin-includes]
	whole := owner.Collection("/api/v2/admin/suggestions", uservoice.WithLimit(2),
		uservoice.WithParams(uservoice.Params{"includes": []string{"forums", "users"}, "per_page": 2}))
	for text, err := range whole.WholePages(ctx) {
		var page struct {
			Suggestions []struct{ Title string }
			Forums      []struct{ Name string }
		}
		if err == nil {
			err = json.Unmarshal(text, &page)
		}
		if err != nil {
			return err
		}
		fmt.Println(len(page.Suggestions), "suggestions of", page.Forums[0].Name)
	}
	// [end]
	return nil
}

func export(ctx context.Context, client *uservoice.Client) error {
	owner, err := client.LoginWithClientCredentials(ctx)
	if err != nil {
		return err
	}
	defer owner.Close()
	// [export]
	for progress, err := range owner.Export(ctx, "backup", uservoice.WithResources("forums", "users")) {
		if err != nil {
			return err // what is written stays; the next run goes on there
		}
		fmt.Println(progress.Written, "of", progress.Total)
	}
	// [end]
	return nil
}

func byPassword(ctx context.Context, client *uservoice.Client) error {
	// [admin-password]
	person, err := client.LoginWithPassword(ctx, "owner@sandbox.example", "sandbox-password")
	if err != nil {
		return err
	}
	defer person.Close()
	err = person.Get(ctx, "/api/v2/admin/users/current", nil, nil)
	// [end]
	fmt.Println("logged in:", err == nil)
	return err
}

func byCode(ctx context.Context, client *uservoice.Client) error {
	// [admin-code-begin]
	request, err := client.RequestCode("https://app.example/back", "")
	if err != nil {
		return err
	}
	kept, err := json.Marshal(request) // a secret, to be kept until they come back
	if err != nil {
		return err
	}
	fmt.Println("Please sign in at", request.URL)
	// [end]
	code, state := typed(), typed()

	// [admin-code-finish]
	var asked uservoice.CodeRequest
	if err := json.Unmarshal(kept, &asked); err != nil {
		return err
	}
	if state != asked.State {
		return errors.New("they do not come from there")
	}
	person, err := client.LoginWithCode(ctx, asked, code)
	if err != nil {
		return err
	}
	// [end]
	defer person.Close()
	err = person.Get(ctx, "/api/v2/admin/users/current", nil, nil)
	fmt.Println("signed in:", err == nil)
	return err
}
