package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// Everything of the Admin API that changed since a moment.
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
	// owner@sandbox.example
	// user1@sandbox.example
}

func ExampleClient_LoginWithPassword() {
	ctx := context.Background()
	_, err := exampleClient().LoginWithPassword(ctx, "owner@sandbox.example", "wrong")
	fmt.Println(errors.Is(err, uservoice.ErrUnauthorized))
	// Output: true
}

// A login to the Admin API in which a person decides.
func ExampleClient_RequestCode() {
	ctx := context.Background()
	client := exampleClient()
	request, err := client.RequestCode("https://app.example.com/callback", "")
	if err != nil {
		log.Fatal(err)
	}
	back, err := signIn(request.URL, "allow") // the person does
	if err != nil {
		log.Fatal(err)
	}
	if back.Get("state") != request.State {
		log.Fatal("they did not come back from there")
	}
	person, err := client.LoginWithCode(ctx, request, back.Get("code"))
	if err != nil {
		log.Fatal(err)
	}
	defer person.Close()
	fmt.Println(person.Get(ctx, "/api/v2/admin/users/current", nil, nil))
	// Output: <nil>
}

func ExampleClient_LoginWithCode() {
	client := exampleClient()
	request, err := client.RequestCode("https://app.example.com/callback", "")
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.LoginWithCode(context.Background(), request, "made up")
	fmt.Println(errors.Is(err, uservoice.ErrUnauthorized))
	// Output: true
}

// It is kept until the person comes back.
func ExampleCodeRequest() {
	request, err := exampleClient().RequestCode("https://app.example.com/callback", "")
	if err != nil {
		log.Fatal(err)
	}
	kept, err := json.Marshal(request) // a secret
	if err != nil {
		log.Fatal(err)
	}
	var again uservoice.CodeRequest
	if err := json.Unmarshal(kept, &again); err != nil {
		log.Fatal(err)
	}
	fmt.Println(again == request)
	// Output: true
}

func ExampleCodeRequest_Format() {
	fmt.Printf("%v\n", uservoice.CodeRequest{CodeVerifier: "a secret"})
	// Output: uservoice.CodeRequest{secret}
}

func ExampleCodeRequest_LogValue() {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	logger.Info("asked", "request", uservoice.CodeRequest{CodeVerifier: "a secret"})
	// Output: {"level":"INFO","msg":"asked","request":"uservoice.CodeRequest{secret}"}
}

// Suggestions with their forums, which are sent beside them.
func ExampleCollection_WholePages() {
	ctx := context.Background()
	admin, err := exampleClient().LoginWithClientCredentials(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer admin.Close()
	list := admin.Collection("/api/v2/admin/suggestions", uservoice.WithLimit(1),
		uservoice.WithParams(uservoice.Params{"includes": []string{"forums"}, "per_page": 1}))
	for text, err := range list.WholePages(ctx) {
		var page struct {
			Suggestions []struct{ Links struct{ Forum int } }
			Forums      []struct {
				ID   int
				Name string
			}
			Pagination struct{ Cursor string } // where to go on, kept in WithParams as "cursor"
		}
		if err == nil {
			err = json.Unmarshal(text, &page)
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(page.Suggestions[0].Links.Forum == page.Forums[0].ID, page.Forums[0].Name)
	}
	// Output: true General
}

func ExampleSSOJWT() {
	jwt, err := uservoice.SSOJWT("SSO-KEY", uservoice.Params{"guid": "1001", "email": "jo@example.com"}, 5*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(jwt, "."))
	// Output: 2
}

func ExampleSSOVerifyJWT() {
	jwt, err := uservoice.SSOJWT("SSO-KEY", uservoice.Params{"guid": "1001", "email": "jo@example.com"}, 0)
	if err != nil {
		log.Fatal(err)
	}
	var user struct{ GUID string }
	if err := uservoice.SSOVerifyJWT("SSO-KEY", jwt, 30*time.Second, &user); err != nil {
		log.Fatal(err)
	}
	err = uservoice.SSOVerifyJWT("ANOTHER-KEY", jwt, 0, nil)
	fmt.Println(user.GUID, errors.Is(err, uservoice.ErrInvalidArgument))
	// Output: 1001 true
}

func ExampleClient_SSOURL() {
	client, err := uservoice.New("acme", "API-KEY", "API-SECRET")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	link, err := client.SSOURL("TOKEN", "/forums/1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(link)
	// Output: https://acme.uservoice.com/forums/1?sso=TOKEN
}

// What receives web hooks.
func ExampleReadWebhook() {
	http.HandleFunc("POST /uservoice", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			return
		}
		webhook, err := uservoice.ReadWebhook("SSO-KEY", body)
		if err != nil {
			http.Error(w, "not from UserVoice", http.StatusForbidden)
			return
		}
		fmt.Println(webhook.Event)
	})
}

func ExampleWebhook() {
	webhook := uservoice.Webhook{Event: "new_suggestion", Data: json.RawMessage(`{"suggestion":{"title":"Tea"}}`)}
	var data struct{ Suggestion struct{ Title string } }
	if err := json.Unmarshal(webhook.Data, &data); err != nil {
		log.Fatal(err)
	}
	fmt.Println(webhook.Event, data.Suggestion.Title)
	// Output: new_suggestion Tea
}

func ExampleWebhook_Format() {
	fmt.Println(uservoice.Webhook{Event: "new_ticket", Data: json.RawMessage(`{"email":"jo@example.com"}`)})
	// Output: uservoice.Webhook{new_ticket}
}

func ExampleWebhook_LogValue() {
	fmt.Println(uservoice.Webhook{Event: "new_ticket"}.LogValue()) // what log/slog writes
	// Output: uservoice.Webhook{new_ticket}
}

func ExampleVerifyWebhook() {
	data := []byte(`{"suggestion":{"id":1}}`)
	signature := "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0"
	fmt.Println(uservoice.VerifyWebhook("sandbox-sso-key", data, signature))
	err := uservoice.VerifyWebhook("sandbox-sso-key", data[1:], signature)
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument))
	// Output:
	// <nil>
	// true
}
