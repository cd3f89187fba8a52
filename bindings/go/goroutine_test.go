package uservoice_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestConcurrentRequestsGetTheirOwnResponses(t *testing.T) {
	client := sandbox(t).client(t)
	users := make([]*uservoice.Client, 8)
	for i := range users {
		users[i] = loginAs(t, client, fmt.Sprintf("user%d@sandbox.example", i+2))
	}
	var all sync.WaitGroup
	for i := range 3000 {
		all.Add(1)
		go func() {
			defer all.Done()
			var result struct{ User struct{ Email string } }
			err := users[i%len(users)].Get(context.Background(), "/api/v1/users/current", nil, &result)
			if want := fmt.Sprintf("user%d@sandbox.example", i%len(users)+2); err != nil || result.User.Email != want {
				t.Errorf("got %s, want %s: %v", result.User.Email, want, err)
			}
		}()
	}
	all.Wait()
}

func TestConcurrentUseOfCollection(t *testing.T) {
	collection := sandbox(t).client(t).Collection("/api/v1/users?sort=oldest", uservoice.WithLimit(130))
	ctx := context.Background()
	var all sync.WaitGroup
	for i := range 40 {
		all.Add(4)
		go func() {
			defer all.Done()
			count := 0
			for user, err := range uservoice.Records[struct{ ID int }](ctx, collection) {
				if count++; err != nil || user.ID != count {
					t.Errorf("got id %d, want %d: %v", user.ID, count, err)
					return
				}
			}
			equal(t, "records", count, 130)
		}()
		go func() {
			defer all.Done()
			var user struct{ ID int }
			if err := collection.At(ctx, i*3, &user); err != nil || user.ID != i*3+1 {
				t.Errorf("got id %d at index %d: %v", user.ID, i*3, err)
			}
		}()
		go func() {
			defer all.Done()
			if length, err := collection.Len(ctx); err != nil || length != 130 {
				t.Error(length, err)
			}
		}()
		go func() {
			defer all.Done()
			collection.Rewind()
		}()
	}
	all.Wait()
}

// Calls either succeed or fail with ErrClosed.
func TestCloseDuringCalls(t *testing.T) {
	s := sandbox(t)
	for range 20 {
		client := s.client(t)
		user := loginAs(t, client, "user2@sandbox.example")
		collection := client.Collection("/api/v1/forums")
		var all sync.WaitGroup
		for i := range 30 {
			all.Add(1)
			go func() {
				defer all.Done()
				var err error
				switch i % 3 {
				case 0:
					err = user.Get(context.Background(), "/api/v1/users/current", nil, nil)
				case 1:
					_, err = collection.Len(context.Background())
				case 2:
					for _, err = range collection.All(context.Background()) {
					}
				}
				if err != nil && err != uservoice.ErrClosed {
					t.Error(err)
				}
			}()
		}
		user.Token().Close()
		user.Close()
		collection.Close()
		client.Close()
		all.Wait()
	}
}
