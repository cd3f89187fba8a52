package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/url"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// The examples that show an output run against a sandbox, which USERVOICE_BASE_URL names.

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
	fmt.Println(client) // shows no secret
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
	var answer struct{ Forum struct{ Name string } }
	if err := client.Get(ctx, "/api/v1/forums/1", nil, &answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Forum.Name)
	// Output: General
}

func ExampleClient_Get() {
	client := exampleClient()
	var answer struct {
		Suggestions []struct {
			ID    int
			Title string
		}
	}
	err := client.Get(context.Background(), "/api/v1/suggestions/search", uservoice.Params{"query": "dark mode", "per_page": 1}, &answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Suggestions[0].Title)
	// Output: Dark mode (1)
}

// The answer as the service sent it.
func ExampleClient_Get_raw() {
	client := exampleClient()
	var answer json.RawMessage
	if err := client.Get(context.Background(), "/api/v1/suggestions/1", nil, &answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(json.Valid(answer))
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
		map[string]string{"X-Request-Id": "42"})
	if err != nil {
		log.Fatal(err) // no answer came
	}
	fmt.Println(response.Status, response.Header["content-type"])
	// Output: 404 application/json
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
	fmt.Println(uservoice.Response{Status: 200}.LogValue()) // what log/slog writes
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

func ExampleClient_LoginAs() {
	ctx := context.Background()
	user, err := exampleClient().LoginAs(ctx, "user2@sandbox.example")
	if err != nil {
		log.Fatal(err)
	}
	defer user.Close()
	var answer struct{ User struct{ Name string } }
	if err := user.Get(ctx, "/api/v1/users/current", nil, &answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.User.Name)
	// Output: 李小龍
}

func ExampleClient_LoginAsOwner() {
	ctx := context.Background()
	owner, err := exampleClient().LoginAsOwner(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer owner.Close()
	var answer struct{ User struct{ Email string } }
	if err := owner.Get(ctx, "/api/v1/users/current", nil, &answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.User.Email)
	// Output: owner@sandbox.example
}

// A login in which a person decides. A web application gives [WithCallback], and finds the
// verifier in the query when the person comes back.
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
	verifier, err := clickAllow(page) // the person does
	if err != nil {
		log.Fatal(err)
	}
	user, err := client.LoginWithVerifier(ctx, request, verifier)
	if err != nil {
		log.Fatal(err)
	}
	var answer struct{ User struct{ Email string } }
	if err := user.Get(ctx, "/api/v1/users/current", nil, &answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.User.Email)
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
	_, err = client.LoginWithVerifier(context.Background(), request, "made up")
	fmt.Println(errors.Is(err, uservoice.ErrUnauthorized))
	// Output: true
}

func ExampleClient_With() {
	client := exampleClient()
	patient, err := client.With(uservoice.WithTimeout(2*time.Minute), uservoice.WithMaxRetries(10))
	if err != nil {
		log.Fatal(err)
	}
	defer patient.Close()
}

func ExampleClient_As() {
	client := exampleClient()
	var token uservoice.Token
	kept := []byte(`null`) // what json.Marshal(user.Token()) gave
	if err := json.Unmarshal(kept, &token); err != nil {
		log.Fatal(err)
	}
	user, err := client.As(token)
	if err != nil {
		log.Fatal(err)
	}
	defer user.Close()
}

func ExampleClient_Token() {
	client := exampleClient()
	fmt.Println(client.Token().IsZero()) // calls act for the API key
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

func ExampleClient_Collection() {
	ctx := context.Background()
	ideas := exampleClient().Collection("/api/v1/forums/1/suggestions",
		uservoice.WithParams(uservoice.Params{"sort": "oldest"}), uservoice.WithLimit(2))
	for record, err := range ideas.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(json.Valid(record))
	}
	// Output:
	// true
	// true
}

func ExampleCollection() {
	ctx := context.Background()
	users := exampleClient().Collection("/api/v1/users?sort=oldest")
	length, err := users.Len(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var last struct{ ID int }
	if err := users.At(ctx, length-1, &last); err != nil {
		log.Fatal(err)
	}
	fmt.Println(length, last.ID)
	// Output: 250 250
}

func ExampleCollection_Format() {
	fmt.Println(exampleClient().Collection("/api/v1/users", uservoice.WithParams(uservoice.Params{"email": "jo@example.com"})))
	// Output: uservoice.Collection{/api/v1/users}
}

func ExampleCollection_LogValue() {
	fmt.Println(exampleClient().Collection("/api/v1/users?email=jo@example.com").LogValue()) // what log/slog writes
	// Output: uservoice.Collection{/api/v1/users}
}

func ExampleCollection_All() {
	users := exampleClient().Collection("/api/v1/users", uservoice.WithLimit(150))
	count := 0
	for record, err := range users.All(context.Background()) {
		if err != nil {
			log.Fatal(err) // the list did not end: it could not be read further
		}
		_ = record // its JSON, as the service sent it
		count++
	}
	fmt.Println(count)
	// Output: 150
}

func ExampleCollection_Pages() {
	users := exampleClient().Collection("/api/v1/users", uservoice.WithParams(uservoice.Params{"page": 2}))
	for page, err := range users.Pages(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page))
	}
	// Output:
	// 100
	// 50
}

func ExampleRecords() {
	type forum struct {
		ID   int
		Name string
	}
	forums := exampleClient().Collection("/api/v1/forums")
	for forum, err := range uservoice.Records[forum](context.Background(), forums) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(forum.ID, forum.Name)
		break
	}
	// Output: 1 General
}

func ExampleCollection_Len() {
	length, err := exampleClient().Collection("/api/v1/users").Len(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(length)
	// Output: 250
}

func ExampleCollection_At() {
	var user struct{ Email string }
	err := exampleClient().Collection("/api/v1/users?sort=oldest").At(context.Background(), 200, &user)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Email)
	// Output: user200@sandbox.example
}

func ExampleCollection_Info() {
	var info struct {
		Total int `json:"total_records"`
	}
	if err := exampleClient().Collection("/api/v1/users").Info(context.Background(), &info); err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Total)
	// Output: 250
}

func ExampleCollection_Rewind() {
	ctx := context.Background()
	forums := exampleClient().Collection("/api/v1/forums")
	before, err := forums.Len(ctx)
	if err != nil {
		log.Fatal(err)
	}
	forums.Rewind() // the next call asks the service anew
	after, err := forums.Len(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(before == after)
	// Output: true
}

func ExampleCollection_Close() {
	forums := exampleClient().Collection("/api/v1/forums")
	forums.Close()
	_, err := forums.Len(context.Background())
	fmt.Println(errors.Is(err, uservoice.ErrClosed))
	// Output: true
}

func ExampleCollectionOption() {
	options := []uservoice.CollectionOption{uservoice.WithLimit(5)}
	length, err := exampleClient().Collection("/api/v1/users", options...).Len(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(length)
	// Output: 5
}

func ExampleWithLimit() {
	users := exampleClient().Collection("/api/v1/users", uservoice.WithLimit(20))
	length, err := users.Len(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(length)
	// Output: 20
}

func ExampleWithParams() {
	client := exampleClient()
	found := client.Collection("/api/v1/suggestions/search", uservoice.WithParams(url.Values{"query": {"nobody wants this"}}))
	length, err := found.Len(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(length)
	// Output: 0
}

func ExampleToken() {
	owner, err := exampleClient().LoginAsOwner(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	kept, err := json.Marshal(owner.Token()) // keep it as the secret that it is
	if err != nil {
		log.Fatal(err)
	}
	var restored uservoice.Token
	if err := json.Unmarshal(kept, &restored); err != nil {
		log.Fatal(err)
	}
	fmt.Println(restored, restored.Value() == owner.Token().Value())
	// Output: uservoice.Token{secret} true
}

func ExampleNewToken() {
	token, err := uservoice.NewToken("TOKEN", "SECRET")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Value(), token.Secret(), token)
	// Output: TOKEN SECRET uservoice.Token{secret}
}

func ExampleToken_Value() {
	token := exampleToken()
	fmt.Println(token.Value())
	// Output: TOKEN
}

func ExampleToken_Secret() {
	token := exampleToken()
	fmt.Println(token.Secret())
	// Output: SECRET
}

func ExampleToken_IsZero() {
	var key uservoice.Token // the API key itself
	fmt.Println(key.IsZero(), exampleToken().IsZero())
	// Output: true false
}

func ExampleToken_MarshalJSON() {
	kept, err := json.Marshal(exampleToken())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(json.Valid(kept))
	// Output: true
}

func ExampleToken_UnmarshalJSON() {
	kept, err := json.Marshal(exampleToken())
	if err != nil {
		log.Fatal(err)
	}
	var token uservoice.Token
	if err := json.Unmarshal(kept, &token); err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Value())
	// Output: TOKEN
}

func ExampleToken_Close() {
	token := exampleToken()
	token.Close()
	fmt.Printf("%q\n", token.Value())
	// Output: ""
}

func ExampleToken_String() {
	fmt.Printf("%v %s\n", uservoice.Token{}, exampleToken())
	// Output: uservoice.Token{} uservoice.Token{secret}
}

func ExampleToken_GoString() {
	fmt.Printf("%#v\n", exampleToken())
	// Output: uservoice.Token{secret}
}

func ExampleToken_LogValue() {
	fmt.Println(exampleToken().LogValue()) // what log/slog writes
	// Output: uservoice.Token{secret}
}

func ExampleError() {
	client := exampleClient()
	err := client.Get(context.Background(), "/api/v1/suggestions/999999", nil, nil)
	var failure *uservoice.Error
	switch {
	case err == nil:
	case errors.Is(err, uservoice.ErrNotFound):
		fmt.Println("There is no such suggestion.")
	case errors.As(err, &failure) && failure.RetryAfter > 0:
		fmt.Println("Later:", failure.RetryAfter)
	default:
		log.Fatal(err)
	}
	// Output: There is no such suggestion.
}

func ExampleError_Error() {
	err := exampleClient().Get(context.Background(), "nowhere", nil, nil)
	var failure *uservoice.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Error() == "uservoice: "+failure.Message)
	}
	// Output: true
}

func ExampleError_Is() {
	err := exampleClient().Get(context.Background(), "nowhere", nil, nil)
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument), errors.Is(err, uservoice.ErrNotFound))
	// Output: true false
}

func ExampleError_Unwrap() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := exampleClient().Get(ctx, "/api/v1/users", nil, nil)
	fmt.Println(errors.Is(err, context.Canceled))
	// Output: true
}

func ExampleError_Timeout() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	err := exampleClient().Get(ctx, "/api/v1/users", nil, nil)
	var failure *uservoice.Error
	fmt.Println(errors.As(err, &failure) && failure.Timeout())
	// Output: true
}

func ExampleStatus() {
	err := exampleClient().Get(context.Background(), "/api/v1/suggestions/999999", nil, nil)
	var failure *uservoice.Error
	if errors.As(err, &failure) && failure.Status == uservoice.StatusNotFound {
		fmt.Println(failure.Status, failure.HTTPStatus, failure.Type)
	}
	// Output: NOT_FOUND 404 record_not_found
}

func ExampleStatus_String() {
	fmt.Println(uservoice.StatusRateLimited)
	// Output: RATE_LIMITED
}

func ExampleOutcome() {
	err := exampleClient().Post(context.Background(), "nowhere", nil, nil)
	var failure *uservoice.Error
	if errors.As(err, &failure) && failure.Outcome == uservoice.OutcomeNotSent {
		fmt.Println("It was not sent: try again.")
	}
	// Output: It was not sent: try again.
}

func ExampleOutcome_String() {
	fmt.Println(uservoice.OutcomeNotSent, uservoice.OutcomeUnknown, uservoice.OutcomeAnswered)
	// Output: not sent unknown answered
}

func ExampleSSOToken() {
	type user struct {
		GUID  string `json:"guid"`
		Email string `json:"email"`
	}
	token, err := uservoice.SSOToken("acme", "SSO-KEY", user{"1001", "jo@example.com"}, 5*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	link := "https://acme.uservoice.com/?sso=" + token
	fmt.Println(link[:32])
	// Output: https://acme.uservoice.com/?sso=
}

func ExampleSSODecrypt() {
	token, err := uservoice.SSOToken("acme", "SSO-KEY", uservoice.Params{"guid": "1001"}, 0)
	if err != nil {
		log.Fatal(err)
	}
	var user struct{ GUID, Expires string }
	if err := uservoice.SSODecrypt("acme", "SSO-KEY", token, &user); err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.GUID, user.Expires != "")
	// Output: 1001 true
}

func ExampleVersion() {
	fmt.Println(uservoice.Version() != "")
	// Output: true
}

func ExampleOption() {
	options := []uservoice.Option{uservoice.WithTimeout(5 * time.Second)}
	if proxy := ""; proxy != "" {
		options = append(options, uservoice.WithProxy(proxy))
	}
	client, err := uservoice.NewFromEnv(options...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

func exampleClient() *uservoice.Client {
	client, err := uservoice.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func exampleToken() uservoice.Token {
	token, err := uservoice.NewToken("TOKEN", "SECRET")
	if err != nil {
		log.Fatal(err)
	}
	return token
}
