package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/url"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// Read suggestions together with their forums.
func ExampleCollection_WholePages() {
	ctx := context.Background()
	admin, err := exampleClient().LoginWithClientCredentials(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer admin.Close()
	collection := admin.Collection("/api/v2/admin/suggestions", uservoice.WithLimit(1),
		uservoice.WithParams(uservoice.Params{"includes": []string{"forums"}, "per_page": 1}))
	for text, err := range collection.WholePages(ctx) {
		var page struct {
			Suggestions []struct{ Links struct{ Forum int } }
			Forums      []struct {
				ID   int
				Name string
			}
			Pagination struct{ Cursor string } // of the next page, for the parameter "cursor"
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
	fmt.Println(exampleClient().Collection("/api/v1/users?email=jo@example.com").LogValue()) // the value that log/slog writes
	// Output: uservoice.Collection{/api/v1/users}
}

func ExampleCollection_All() {
	users := exampleClient().Collection("/api/v1/users", uservoice.WithLimit(150))
	count := 0
	for record, err := range users.All(context.Background()) {
		if err != nil {
			log.Fatal(err) // not the end: the remaining records cannot be read
		}
		_ = record // the JSON, as the service sent it
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
	forums.Rewind() // the next call loads the page again
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
	found := client.Collection("/api/v1/suggestions/search", uservoice.WithParams(url.Values{"query": {"no such idea"}}))
	length, err := found.Len(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(length)
	// Output: 0
}
