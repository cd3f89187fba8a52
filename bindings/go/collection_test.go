package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestCollectionFollowsCursors(t *testing.T) {
	s := sandbox(t)
	admin := loginToAdmin(t, s.client(t))
	ctx := context.Background()
	collection := admin.Collection("/api/v2/admin/suggestions", uservoice.WithParams(uservoice.Params{"sort": "-id"}))
	length, err := collection.Len(ctx)
	if err != nil || length != 1501 {
		t.Fatal(length, err)
	}
	id := length
	for suggestion, err := range uservoice.Records[struct{ ID int }](ctx, collection) {
		if err != nil || suggestion.ID != id {
			t.Fatal(suggestion.ID, id, err)
		}
		if id--; id == length/2 {
			s.expireTokens(t) // which does not interrupt the loop
		}
	}
	equal(t, "id before the last", id, 0)
	var last struct{ ID int }
	if err := collection.At(ctx, length-1, &last); err != nil || last.ID != 1 {
		t.Error(last.ID, err)
	}
	var info struct {
		Total int `json:"total_records"`
	}
	if err := collection.Info(ctx, &info); err != nil || info.Total != length {
		t.Error(info, err)
	}
}

type suggestionsPage struct {
	Suggestions []struct{ ID int }
	Forums      []struct{ ID int }
	Users       []struct{ ID int }
	Pagination  struct{ Cursor string }
}

func TestWholePagesHaveIncludedRecordsAndCursor(t *testing.T) {
	admin := loginToAdmin(t, sandbox(t).client(t))
	readPages := func(params uservoice.Params) (ids []int, cursors []string) {
		collection := admin.Collection("/api/v2/admin/suggestions", uservoice.WithParams(params))
		for text, err := range collection.WholePages(context.Background()) {
			var page suggestionsPage
			if err == nil {
				err = json.Unmarshal(text, &page)
			}
			if err != nil || len(page.Forums) == 0 || len(page.Users) == 0 {
				t.Fatalf("%v: %.200s", err, text)
			}
			for _, suggestion := range page.Suggestions {
				ids = append(ids, suggestion.ID)
			}
			cursors = append(cursors, page.Pagination.Cursor)
		}
		return ids, cursors
	}
	includes := []string{"forums", "users"}
	all, cursors := readPages(uservoice.Params{"includes": includes})
	equal(t, "records", len(all), 1501)
	equal(t, "pages", len(cursors), 16)
	equal(t, "index of the empty cursor", slices.Index(cursors, ""), 15)
	rest, _ := readPages(uservoice.Params{"includes": includes, "cursor": cursors[9]})
	equal(t, "records after a cursor", rest, all[1000:])
}

func TestLoopsOverrideWholePagesOption(t *testing.T) {
	client := sandbox(t).client(t, uservoice.WithOption("whole_pages", true))
	collection := client.Collection("/api/v1/users", uservoice.WithLimit(7))
	records := 0
	for _, err := range collection.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		records++
	}
	equal(t, "records", records, 7)
	pages := 0
	for page, err := range collection.WholePages(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "total", at(t, page, "response_data/total_records"), 250.0)
		if pages++; pages == 1 {
			break
		}
	}
	equal(t, "pages", pages, 1)
}

func TestCollectionLoadsPagesLazily(t *testing.T) {
	s := sandbox(t)
	collection := s.client(t).Collection("/api/v1/suggestions?sort=oldest")
	count := 0
	for record, err := range collection.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "id", at(t, record, "id"), float64(count+1))
		if count++; count == 10 {
			break
		}
	}
	if requests := len(s.requests(t)); requests > 2 {
		t.Errorf("loaded %d pages for 10 records", requests)
	}
}

func TestEachLoopStartsAtFirstRecord(t *testing.T) {
	collection := sandbox(t).client(t).Collection("/api/v1/users", uservoice.WithLimit(7))
	for range 2 {
		count := 0
		for _, err := range collection.All(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
		equal(t, "records", count, 7)
	}
}

func TestPagesBeginAtPageParameter(t *testing.T) {
	client := sandbox(t).client(t)
	for _, params := range []any{
		uservoice.Params{"page": 3, "per_page": 20},
		url.Values{"page": {"3"}, "per_page": {"20"}},
	} {
		collection := client.Collection("/api/v1/users", uservoice.WithLimit(50), uservoice.WithParams(params))
		var sizes []int
		for page, err := range collection.Pages(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if len(sizes) == 0 {
				equal(t, "first id", at(t, page[0], "id"), 41.0)
			}
			sizes = append(sizes, len(page))
		}
		equal(t, "pages", sizes, []int{20, 20, 10})
	}
}

func TestAtLoadsPageOfIndex(t *testing.T) {
	s := sandbox(t)
	collection := s.client(t).Collection("/api/v1/users?sort=oldest")
	ctx := context.Background()
	var record json.RawMessage
	for _, index := range []int{249, 0, 100, 99} {
		if err := collection.At(ctx, index, &record); err != nil {
			t.Fatal(err)
		}
		equal(t, "id", at(t, record, "id"), float64(index+1))
	}
	equal(t, "pages loaded", len(s.requests(t)), 3)
	for _, index := range []int{250, -1, 1 << 40} {
		if err := collection.At(ctx, index, &record); !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%d: %v", index, err)
		}
	}
	var info struct {
		Total int `json:"total_records"`
	}
	if err := collection.Info(ctx, &info); err != nil || info.Total != 250 {
		t.Error(info, err)
	}
	collection.Rewind()
	if err := collection.At(ctx, 0, &record); err != nil {
		t.Fatal(err)
	}
	equal(t, "pages loaded after Rewind", len(s.requests(t)), 4)
}

func TestLastLimitApplies(t *testing.T) {
	client := sandbox(t).client(t)
	collection := client.Collection("/api/v1/users", uservoice.WithLimit(-1), uservoice.WithLimit(3))
	if length, err := collection.Len(context.Background()); err != nil || length != 3 {
		t.Error(length, err)
	}
}

func TestRecordsStopAtDecodingError(t *testing.T) {
	collection := sandbox(t).client(t).Collection("/api/v1/users")
	iterations := 0
	for _, err := range uservoice.Records[struct{ ID []string }](context.Background(), collection) {
		iterations++
		var mismatch *json.UnmarshalTypeError
		if !errors.As(err, &mismatch) {
			t.Error(err)
		}
	}
	equal(t, "iterations", iterations, 1)
}

func TestCollectionReportsInvalidArgumentsOnUse(t *testing.T) {
	client := sandbox(t).client(t)
	for name, collection := range map[string]*uservoice.Collection{
		"path":          client.Collection("users"),
		"limit":         client.Collection("/api/v1/users", uservoice.WithLimit(-1)),
		"params":        client.Collection("/api/v1/users", uservoice.WithParams(7)),
		"params, limit": client.Collection("/api/v1/users", uservoice.WithParams(func() {}), uservoice.WithLimit(1)),
		"limit, params": client.Collection("/api/v1/users", uservoice.WithLimit(-1), uservoice.WithParams(nil)),
		"NUL in path":   client.Collection("/api/v1/users\x00"),
	} {
		iterations := 0
		for _, err := range collection.All(context.Background()) {
			iterations++
			if !errors.Is(err, uservoice.ErrInvalidArgument) {
				t.Errorf("%s: %v", name, err)
			}
		}
		equal(t, name, iterations, 1)
		if _, err := collection.Len(context.Background()); !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
