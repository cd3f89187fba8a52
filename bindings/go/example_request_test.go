package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func ExampleClient_Get() {
	client := exampleClient()
	var response struct {
		Suggestions []struct {
			ID    int
			Title string
		}
	}
	err := client.Get(context.Background(), "/api/v1/suggestions/search", uservoice.Params{"query": "dark mode", "per_page": 1}, &response)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Suggestions[0].Title)
	// Output: Dark mode (1)
}

// Receive the JSON as the service sent it.
func ExampleClient_Get_raw() {
	client := exampleClient()
	var response json.RawMessage
	if err := client.Get(context.Background(), "/api/v1/suggestions/1", nil, &response); err != nil {
		log.Fatal(err)
	}
	fmt.Println(json.Valid(response))
	// Output: true
}

func ExampleClient_Post() {
	ctx := context.Background()
	user, err := exampleClient().LoginAs(ctx, "user4@sandbox.example")
	if err != nil {
		log.Fatal(err)
	}
	type suggestion struct {
		Title string `json:"title"`
		Votes int    `json:"votes"`
	}
	var created struct{ Suggestion struct{ Title string } }
	err = user.Post(ctx, "/api/v1/forums/1/suggestions",
		uservoice.Params{"suggestion": suggestion{"Tea in the afternoon", 1}}, &created)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(created.Suggestion.Title)
	// Output: Tea in the afternoon
}

func ExampleClient_Put() {
	ctx := context.Background()
	owner, err := exampleClient().LoginAsOwner(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var changed struct{ Suggestion struct{ Title string } }
	err = owner.Put(ctx, "/api/v1/suggestions/7",
		uservoice.Params{"suggestion": uservoice.Params{"title": "Darker mode"}}, &changed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(changed.Suggestion.Title)
	// Output: Darker mode
}

func ExampleClient_Delete() {
	ctx := context.Background()
	owner, err := exampleClient().LoginAsOwner(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := owner.Delete(ctx, "/api/v1/suggestions/9", nil, nil); err != nil {
		log.Fatal(err)
	}
	err = owner.Get(ctx, "/api/v1/suggestions/9", nil, nil)
	fmt.Println(errors.Is(err, uservoice.ErrNotFound))
	// Output: true
}

func ExampleClient_Request() {
	response, err := exampleClient().Request(context.Background(), "GET", "/api/v1/suggestions/999999", nil,
		http.Header{"X-Request-Id": {"42"}})
	if err != nil {
		log.Fatal(err) // there is no response
	}
	fmt.Println(response.Status, response.Header.Get("Content-Type"))
	// Output: 404 application/json
}

// Send a form.
func ExampleClient_Send() {
	ctx := context.Background()
	owner, err := exampleClient().LoginAsOwner(ctx)
	if err != nil {
		log.Fatal(err)
	}
	form := url.Values{"suggestion[title]": {"Coffee in the morning"}}
	response, err := owner.Send(ctx, "POST", "/api/v1/forums/1/suggestions",
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader(form.Encode()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status)
	// Output: 201
}

// Attach a file to a suggestion.
func ExampleClient_Upload() {
	ctx := context.Background()
	admin, err := exampleClient().LoginWithClientCredentials(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var uploaded struct{ Attachments []struct{ Token string } }
	screenshot := strings.NewReader("...") // or an *os.File
	err = admin.Upload(ctx, "/api/v2/admin/attachments", "screenshot.png", "", screenshot, &uploaded)
	if err != nil {
		log.Fatal(err)
	}
	err = admin.Put(ctx, "/api/v2/admin/suggestions/3",
		uservoice.Params{"attachment_tokens": uploaded.Attachments[0].Token}, nil)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleResponse() {
	response, err := exampleClient().Request(context.Background(), "HEAD", "/api/v1/users", nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, string(response.Body))
	// Output: 200 null
}

func ExampleResponse_Format() {
	fmt.Printf("%v\n", uservoice.Response{Status: 200, Body: []byte(`{"token":"a secret"}`)})
	// Output: uservoice.Response{200}
}

func ExampleResponse_LogValue() {
	fmt.Println(uservoice.Response{Status: 200}.LogValue()) // the value that log/slog writes
	// Output: uservoice.Response{200}
}

func ExampleParams() {
	query := uservoice.Params{"filter": "public", "per_page": 2}
	body := uservoice.Params{"suggestion": uservoice.Params{"title": "Tea", "votes": 1}}
	text, err := json.Marshal([]uservoice.Params{query, body})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output: [{"filter":"public","per_page":2},{"suggestion":{"title":"Tea","votes":1}}]
}
