package uservoice_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// Thousands of goroutines use the same clients, and each gets its own answer.
func TestThousandsOfGoroutines(t *testing.T) {
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
			var answer struct{ User struct{ Email string } }
			err := users[i%len(users)].Get(context.Background(), "/api/v1/users/current", nil, &answer)
			if expected := fmt.Sprintf("user%d@sandbox.example", i%len(users)+2); err != nil || answer.User.Email != expected {
				t.Errorf("%s instead of %s: %v", answer.User.Email, expected, err)
			}
		}()
	}
	all.Wait()
}

// One collection is read by many goroutines, in every way at once.
func TestACollectionOfManyGoroutines(t *testing.T) {
	list := sandbox(t).client(t).Collection("/api/v1/users?sort=oldest", uservoice.WithLimit(130))
	ctx := context.Background()
	var all sync.WaitGroup
	for i := range 40 {
		all.Add(4)
		go func() {
			defer all.Done()
			read := 0
			for user, err := range uservoice.Records[struct{ ID int }](ctx, list) {
				if read++; err != nil || user.ID != read {
					t.Errorf("%d instead of %d: %v", user.ID, read, err)
					return
				}
			}
			equal(t, "records", read, 130)
		}()
		go func() {
			defer all.Done()
			var user struct{ ID int }
			if err := list.At(ctx, i*3, &user); err != nil || user.ID != i*3+1 {
				t.Errorf("%d at %d: %v", user.ID, i*3, err)
			}
		}()
		go func() {
			defer all.Done()
			if length, err := list.Len(ctx); err != nil || length != 130 {
				t.Error(length, err)
			}
		}()
		go func() {
			defer all.Done()
			list.Rewind()
		}()
	}
	all.Wait()
}

// Whatever is closed while others use it: they are told, or have their answer.
func TestClosingWhileOthersCall(t *testing.T) {
	s := sandbox(t)
	for range 20 {
		client := s.client(t)
		user := loginAs(t, client, "user2@sandbox.example")
		list := client.Collection("/api/v1/forums")
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
					_, err = list.Len(context.Background())
				case 2:
					for _, err = range list.All(context.Background()) {
					}
				}
				if err != nil && err != uservoice.ErrClosed {
					t.Error(err)
				}
			}()
		}
		user.Token().Close()
		user.Close()
		list.Close()
		client.Close()
		all.Wait()
	}
}
