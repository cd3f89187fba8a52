package uservoice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestTimeDecodesBothFormats(t *testing.T) {
	want := time.Date(2013, 5, 10, 18, 3, 44, 0, time.UTC)
	for _, text := range []string{`"2013/05/10 18:03:44 +0000"`, `"2013/05/10 20:03:44 +0200"`, `"2013-05-10T18:03:44Z"`, `"2013-05-10T18:03:44.000+00:00"`} {
		var got uservoice.Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v: %v", text, got, err)
		}
	}
	for _, text := range []string{`null`, `""`} {
		var got uservoice.Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.IsZero() {
			t.Errorf("%s: got %v: %v", text, got, err)
		}
	}
	for _, text := range []string{`"yesterday"`, `"2013/13/10 18:03:44 +0000"`, `7`, `{}`} {
		if err := json.Unmarshal([]byte(text), new(uservoice.Time)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
	encoded, err := json.Marshal(uservoice.Time{Time: want})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "JSON", string(encoded), `"2013-05-10T18:03:44Z"`)
}

// The timestamps of both APIs of the sandbox.
func TestTimeDecodesRecords(t *testing.T) {
	client := sandbox(t).client(t)
	for path, reader := range map[string]*uservoice.Client{"/api/v1/suggestions": client, "/api/v2/admin/suggestions": loginToAdmin(t, client)} {
		type suggestion struct {
			CreatedAt uservoice.Time `json:"created_at"`
		}
		for suggestion, err := range uservoice.Records[suggestion](context.Background(), reader.Collection(path, uservoice.WithLimit(1))) {
			if err != nil || suggestion.CreatedAt.Year() < 2000 {
				t.Errorf("%s: got %v: %v", path, suggestion.CreatedAt, err)
			}
		}
	}
}

func ExampleTime() {
	var response struct {
		Suggestion struct {
			CreatedAt uservoice.Time `json:"created_at"`
		}
	}
	err := exampleClient().Get(context.Background(), "/api/v1/suggestions/1", nil, &response)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Suggestion.CreatedAt.IsZero())
	// Output: false
}

func ExampleTime_UnmarshalJSON() {
	var created uservoice.Time
	if err := json.Unmarshal([]byte(`"2013/05/10 18:03:44 +0000"`), &created); err != nil {
		log.Fatal(err)
	}
	fmt.Println(created.UTC().Format(time.RFC3339))
	// Output: 2013-05-10T18:03:44Z
}
