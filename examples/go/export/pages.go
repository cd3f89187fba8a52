package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"path"
	"strings"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

const perPage = 100

type page struct {
	records []json.RawMessage
	cursor  string // of the next page, in the Admin API
	total   int    // records of the list
}

// pages gives those that are not done yet.
func (s source) pages(ctx context.Context, client *uservoice.Client, done state) iter.Seq2[page, error] {
	if s.admin {
		return s.pagesByCursor(ctx, client, done)
	}
	return s.pagesByNumber(ctx, client, done)
}

func (s source) pagesByNumber(ctx context.Context, client *uservoice.Client, done state) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		list := client.Collection(s.path, uservoice.WithParams(uservoice.Params{"page": done.NextPage, "per_page": perPage}))
		left, err := list.Len(ctx)
		if err != nil {
			yield(page{}, err)
			return
		}
		for records, err := range list.Pages(ctx) {
			if !yield(page{records: records, total: done.Records + left}, err) {
				return
			}
		}
	}
}

// The lists of the Admin API change while they are read: where to go on is told by the
// cursor that stands beside the records.
func (s source) pagesByCursor(ctx context.Context, client *uservoice.Client, done state) iter.Seq2[page, error] {
	params := uservoice.Params{"per_page": perPage}
	if s.since != "" {
		params["updated_after"] = s.since
	}
	if done.Cursor != "" {
		params["cursor"] = done.Cursor
	}
	list := client.Collection(s.path, uservoice.WithParams(params))
	return func(yield func(page, error) bool) {
		for answer, err := range list.WholePages(ctx) {
			var next page
			if err == nil {
				next, err = s.parse(answer)
			}
			if !yield(next, err) || err != nil {
				return
			}
		}
	}
}

// parse finds the records under the name that ends the path.
func (s source) parse(answer json.RawMessage) (page, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(answer, &members); err != nil {
		return page{}, err
	}
	endpoint, _, _ := strings.Cut(s.path, "?")
	var next page
	name := path.Base(endpoint)
	if err := json.Unmarshal(members[name], &next.records); err != nil {
		return page{}, fmt.Errorf("the answer has no list %q: %w", name, err)
	}
	var pagination struct {
		Cursor string
		Total  int `json:"total_records"`
	}
	if err := json.Unmarshal(members["pagination"], &pagination); err != nil {
		return page{}, fmt.Errorf("the answer has no pagination: %w", err)
	}
	next.cursor, next.total = pagination.Cursor, pagination.Total
	return next, nil
}
