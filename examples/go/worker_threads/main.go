// Worker_threads prints the newest comment on each of 20 suggestions. Four goroutines share a client
// to load them.
package main

import (
	"context"
	"fmt"
	"log"
	"sync"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

type suggestion struct {
	ID             int64
	Title, Comment string
}

// loadComment sets the comment of a suggestion in the list at a path.
func loadComment(ctx context.Context, client *uservoice.Client, path string, s *suggestion) error {
	var newest struct{ Comments []struct{ Text string } }
	params := uservoice.Params{"sort": "newest", "per_page": 1}
	err := client.Get(ctx, fmt.Sprintf("%s/%d/comments", path, s.ID), params, &newest)
	s.Comment = "(no comment)"
	if len(newest.Comments) > 0 {
		s.Comment = newest.Comments[0].Text
	}
	return err
}

func run(ctx context.Context, client *uservoice.Client) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var list struct{ Forums []struct{ ID int64 } }
	if err := client.Get(ctx, "/api/v1/forums", nil, &list); err != nil {
		return err
	}
	path := fmt.Sprintf("/api/v1/forums/%d/suggestions", list.Forums[0].ID)
	var suggestions []*suggestion
	work := make(chan *suggestion)
	var workers sync.WaitGroup
	for range 4 {
		workers.Add(1)
		go func() { // shares the client's connections and its rate limit
			defer workers.Done()
			for s := range work {
				if err := loadComment(ctx, client, path, s); err != nil {
					cancel(err) // ends all requests
				}
			}
		}()
	}
	for s, err := range uservoice.Records[suggestion](ctx, client.Collection(path, uservoice.WithLimit(20))) {
		if err != nil {
			cancel(err)
			break
		}
		suggestions = append(suggestions, &s)
		work <- &s
	}
	close(work)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	for _, s := range suggestions {
		if _, err := fmt.Printf("%s: %s\n", s.Title, s.Comment); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	client, err := site.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := run(context.Background(), client); err != nil {
		log.Fatal(err)
	}
}
