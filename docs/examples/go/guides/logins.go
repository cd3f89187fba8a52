package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/libuservoice/libuservoice/bindings/go"
)

type currentUser struct {
	User struct{ Email string }
}

func loginAs(ctx context.Context, client *uservoice.Client) error {
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
	stored, err := json.Marshal(jo.Token()) // store it in a place for secrets
	if err != nil {
		return err
	}

	var token uservoice.Token // later, in any process
	if err := json.Unmarshal(stored, &token); err != nil {
		return err
	}
	restored, err := client.WithToken(token)
	if err != nil {
		return err
	}
	// [end]
	defer restored.Close()
	return restored.Get(ctx, "/api/v1/users/current", nil, nil)
}

func threeLegged(ctx context.Context, client *uservoice.Client) error {
	// [three-legged-begin]
	request, err := client.RequestToken(ctx)
	if err != nil {
		return err
	}
	stored, err := json.Marshal(request)
	if err != nil {
		return err
	}
	url, err := client.AuthorizeURL(request)
	if err != nil {
		return err
	}
	fmt.Println("Please allow the access at", url) // or redirect the browser
	// [end]
	verifier := readLine()

	// [three-legged-finish]
	var requestToken uservoice.Token
	if err := json.Unmarshal(stored, &requestToken); err != nil {
		return err
	}
	user, err := client.LoginWithVerifier(ctx, requestToken, verifier)
	if err != nil {
		return err
	}
	// [end]
	defer user.Close()
	var current currentUser
	if err := user.Get(ctx, "/api/v1/users/current", nil, &current); err != nil {
		return err
	}
	fmt.Println(current.User.Email, "allowed the access")
	return nil
}

func adminAPI(ctx context.Context, client *uservoice.Client) error {
	// [admin-credentials]
	owner, err := client.LoginWithClientCredentials(ctx) // its token is refreshed automatically
	if err != nil {
		return err
	}
	defer owner.Close()
	suggestions := owner.Collection("/api/v2/admin/suggestions", uservoice.WithLimit(5),
		uservoice.WithParams(uservoice.Params{
			"sort": "-id", "updated_after": "2013-01-31T00:00:00Z",
		}))
	// [end]
	length, err := suggestions.Len(ctx)
	if err != nil {
		return err
	}
	fmt.Println(length, "suggestions")

	// [admin-includes]
	collection := owner.Collection("/api/v2/admin/suggestions", uservoice.WithLimit(2),
		uservoice.WithParams(uservoice.Params{"includes": []string{"forums", "users"}, "per_page": 2}))
	for text, err := range collection.WholePages(ctx) {
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
			return err // the next export resumes here
		}
		fmt.Println(progress.Written, "of", progress.Total)
	}
	// [end]
	return nil
}

func passwordLogin(ctx context.Context, client *uservoice.Client) error {
	// [admin-password]
	user, err := client.LoginWithPassword(ctx, "owner@sandbox.example", "sandbox-password")
	if err != nil {
		return err
	}
	defer user.Close()
	err = user.Get(ctx, "/api/v2/admin/users/current", nil, nil)
	// [end]
	fmt.Println("logged in:", err == nil)
	return err
}

func codeLogin(ctx context.Context, client *uservoice.Client) error {
	// [admin-code-begin]
	request, err := client.AuthorizationRequest("https://app.example/back", "")
	if err != nil {
		return err
	}
	stored, err := json.Marshal(request) // a secret, to be stored until the user returns
	if err != nil {
		return err
	}
	fmt.Println("Please sign in at", request.URL)
	// [end]
	code, state := readLine(), readLine()

	// [admin-code-finish]
	var restored uservoice.AuthorizationRequest
	if err := json.Unmarshal(stored, &restored); err != nil {
		return err
	}
	if state != restored.State {
		return errors.New("the state is different: this is another login, or a forged request")
	}
	user, err := client.LoginWithCode(ctx, restored, code)
	if err != nil {
		return err
	}
	// [end]
	defer user.Close()
	if err := user.Get(ctx, "/api/v2/admin/users/current", nil, nil); err != nil {
		return err
	}
	fmt.Println("signed in")
	return ideas(ctx, client, user)
}

func ideas(ctx context.Context, client, user *uservoice.Client) error {
	// [ideas-list]
	type idea struct{ Title string }
	var titles []string
	list := client.Collection("/api/end_users/forums/1/ideas", uservoice.WithLimit(3))
	for idea, err := range uservoice.Records[idea](ctx, list) {
		if err != nil {
			return err
		}
		titles = append(titles, idea.Title)
	}
	// [end]
	fmt.Println(len(titles), "ideas")

	// [ideas-vote]
	var created idea
	err := user.Post(ctx, "/api/end_users/forums/1/ideas",
		uservoice.Params{"suggestion": uservoice.Params{"title": "Tea"}}, &created)
	if err != nil {
		return err
	}
	if err := user.Post(ctx, "/api/end_users/forums/1/ideas/1/vote", nil, nil); err != nil {
		return err
	}
	err = user.Delete(ctx, "/api/end_users/forums/1/ideas/1/vote", nil, nil)
	// [end]
	fmt.Println(created.Title)
	return err
}
