package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/libuservoice/libuservoice/bindings/go"
)

func clients(ctx context.Context, _ *uservoice.Client) error {
	// [client]
	client, err := uservoice.New("acme", "API-KEY", "API-SECRET",
		uservoice.WithTimeout(5*time.Second), uservoice.WithUserAgent("MyApp/1.0"))
	if err != nil {
		return err
	}
	defer client.Close()
	// [end]

	// [public]
	// Without a secret, requests are not signed and can read only what is public.
	public, err := uservoice.New("sandbox", "sandbox-trusted-key", "",
		uservoice.WithBaseURL(os.Getenv("USERVOICE_BASE_URL")))
	if err != nil {
		return err
	}
	// [end]
	defer public.Close()
	return public.Get(ctx, "/api/v1/forums/1", nil, nil)
}

func requests(ctx context.Context, client *uservoice.Client) error {
	// [get]
	var found struct{ Suggestions []struct{ Title string } }
	err := client.Get(ctx, "/api/v1/suggestions/search",
		uservoice.Params{"query": "dark mode", "per_page": 1}, &found)
	if err != nil {
		return err
	}
	fmt.Println(found.Suggestions[0].Title)
	// [end]

	// [act-as-owner]
	owner, err := client.LoginAsOwner(ctx)
	if err != nil {
		return err
	}
	defer owner.Close()
	err = owner.Post(ctx, "/api/v1/forums",
		uservoice.Params{"forum": uservoice.Params{"name": "Ideas"}}, nil)
	if err != nil {
		return err
	}
	// [end]

	// [post]
	var created struct{ Suggestion struct{ Title string } }
	err = owner.Post(ctx, "/api/v1/forums/1/suggestions", uservoice.Params{
		"suggestion": uservoice.Params{"title": "Tea in the afternoon", "votes": 1},
	}, &created)
	if err != nil {
		return err
	}
	// [end]
	fmt.Println(created.Suggestion.Title)

	// [put]
	var changed struct{ Suggestion struct{ Title string } }
	err = owner.Put(ctx, "/api/v1/suggestions/7", uservoice.Params{
		"suggestion": uservoice.Params{"title": "Darker mode"},
	}, &changed)
	if err != nil {
		return err
	}
	// [end]
	fmt.Println(changed.Suggestion.Title)

	// [delete]
	if err := owner.Delete(ctx, "/api/v1/suggestions/9", nil, nil); err != nil {
		return err
	}
	// [end]

	// [request]
	response, err := client.Request(ctx, "GET", "/api/v1/suggestions/9", nil,
		http.Header{"X-Request-Id": {"42"}})
	if err != nil {
		return err // there is no response
	}
	fmt.Println(response.Status, response.Header.Get("Content-Type"))
	// [end]
	return attach(ctx, client)
}

func attach(ctx context.Context, client *uservoice.Client) error {
	admin, err := client.LoginWithClientCredentials(ctx)
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := os.WriteFile("screen.png", []byte("..."), 0o600); err != nil {
		return err
	}

	// [upload]
	file, err := os.Open("screen.png") // or any other io.Reader
	if err != nil {
		return err
	}
	defer file.Close()
	var uploaded struct{ Attachments []struct{ Token string } }
	err = admin.Upload(ctx, "/api/v2/admin/attachments", "screen.png", "", file, &uploaded)
	if err != nil {
		return err
	}
	// [end]

	// [send]
	form := url.Values{"attachment_tokens": {uploaded.Attachments[0].Token}}
	response, err := admin.Send(ctx, "PUT", "/api/v2/admin/suggestions/1",
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	fmt.Println(response.Status)
	// [end]
	return nil
}

func collections(ctx context.Context, client *uservoice.Client) error {
	// [list]
	type user struct{ Email string }
	oldest := client.Collection("/api/v1/users",
		uservoice.WithParams(uservoice.Params{"sort": "oldest"}), uservoice.WithLimit(3))
	for user, err := range uservoice.Records[user](ctx, oldest) {
		if err != nil {
			return err // not the end: the remaining records cannot be read
		}
		fmt.Println(user.Email)
	}
	// [end]

	// [list-length]
	users := client.Collection("/api/v1/users?sort=oldest", uservoice.WithLimit(150))
	length, err := users.Len(ctx)
	if err != nil {
		return err
	}
	var last struct{ ID int }
	if err := users.At(ctx, length-1, &last); err != nil {
		return err
	}
	fmt.Println(length, "records, the last one is", last.ID)
	// [end]

	// [list-pages]
	for page, err := range users.Pages(ctx) {
		if err != nil {
			return err
		}
		fmt.Println("a page of", len(page))
	}
	// [end]

	var record json.RawMessage
	users.Rewind()
	return users.At(ctx, 0, &record)
}
