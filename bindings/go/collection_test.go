package uservoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestWhoReadsTenRecordsLoadsOnePage(t *testing.T) {
	s := sandbox(t)
	list := s.client(t).Collection("/api/v1/suggestions?sort=oldest")
	read := 0
	for record, err := range list.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "id", at(t, record, "id"), float64(read+1))
		if read++; read == 10 {
			break
		}
	}
	if calls := len(s.requests(t)); calls > 2 {
		t.Errorf("%d pages were loaded", calls)
	}
}

func TestALoopReadsAnew(t *testing.T) {
	list := sandbox(t).client(t).Collection("/api/v1/users", uservoice.WithLimit(7))
	for range 2 {
		read := 0
		for _, err := range list.All(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			read++
		}
		equal(t, "records", read, 7)
	}
}

func TestPagesFromTheMiddle(t *testing.T) {
	client := sandbox(t).client(t)
	for _, params := range []any{
		uservoice.Params{"page": 3, "per_page": 20},
		url.Values{"page": {"3"}, "per_page": {"20"}},
	} {
		list := client.Collection("/api/v1/users", uservoice.WithLimit(50), uservoice.WithParams(params))
		var sizes []int
		for page, err := range list.Pages(context.Background()) {
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

func TestRecordsByIndex(t *testing.T) {
	s := sandbox(t)
	list := s.client(t).Collection("/api/v1/users?sort=oldest")
	ctx := context.Background()
	var record json.RawMessage
	for _, index := range []int{249, 0, 100, 99} {
		if err := list.At(ctx, index, &record); err != nil {
			t.Fatal(err)
		}
		equal(t, "id", at(t, record, "id"), float64(index+1))
	}
	equal(t, "pages loaded", len(s.requests(t)), 3)
	for _, index := range []int{250, -1, 1 << 40} {
		if err := list.At(ctx, index, &record); !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%d: %v", index, err)
		}
	}
	var info struct {
		Total int `json:"total_records"`
	}
	if err := list.Info(ctx, &info); err != nil || info.Total != 250 {
		t.Error(info, err)
	}
	list.Rewind()
	if err := list.At(ctx, 0, &record); err != nil {
		t.Fatal(err)
	}
	equal(t, "pages loaded, once more after rewinding", len(s.requests(t)), 4)
}

func TestARecordThatDoesNotFitEndsTheLoop(t *testing.T) {
	list := sandbox(t).client(t).Collection("/api/v1/users")
	turns := 0
	for _, err := range uservoice.Records[struct{ ID []string }](context.Background(), list) {
		turns++
		var mismatch *json.UnmarshalTypeError
		if !errors.As(err, &mismatch) {
			t.Error(err)
		}
	}
	equal(t, "turns", turns, 1)
}

func TestWrongCollections(t *testing.T) {
	client := sandbox(t).client(t)
	for name, list := range map[string]*uservoice.Collection{
		"path":           client.Collection("users"),
		"limit":          client.Collection("/api/v1/users", uservoice.WithLimit(-1)),
		"params":         client.Collection("/api/v1/users", uservoice.WithParams(7)),
		"params, limit":  client.Collection("/api/v1/users", uservoice.WithParams(func() {}), uservoice.WithLimit(1)),
		"limit, params":  client.Collection("/api/v1/users", uservoice.WithLimit(-1), uservoice.WithParams(nil)),
		"a path's break": client.Collection("/api/v1/users\x00"),
	} {
		turns := 0
		for _, err := range list.All(context.Background()) {
			turns++
			if !errors.Is(err, uservoice.ErrInvalidArgument) {
				t.Errorf("%s: %v", name, err)
			}
		}
		equal(t, name, turns, 1)
		if _, err := list.Len(context.Background()); !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
