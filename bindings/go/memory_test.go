package uservoice_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/libuservoice/libuservoice/bindings/go"
)

// Ten thousand of everything leave the process's memory as it was, closed or not.
func TestMemoryStaysFlat(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	token, err := uservoice.NewToken("value", "secret")
	if err != nil {
		t.Fatal(err)
	}
	for name, use := range map[string]func(){
		"calls": func() {
			if err := client.Get(ctx, "/api/v1/users/3", nil, nil); err != nil {
				t.Error(err)
			}
		},
		"errors of arguments": func() {
			if err := client.Get(ctx, "nowhere", nil, nil); err == nil {
				t.Error("no error")
			}
		},
		"clients that nobody closes": func() {
			if _, err := client.With(); err != nil {
				t.Error(err)
			}
		},
		"clients with a token": func() {
			user, err := client.As(token)
			if err != nil {
				t.Error(err)
				return
			}
			user.Close()
		},
		"tokens that nobody closes": func() {
			if _, err := uservoice.NewToken("value", "secret"); err != nil {
				t.Error(err)
			}
		},
		"single sign-on tokens": func() {
			token, err := uservoice.SSOToken("acme", "key", uservoice.Params{"guid": "1"}, 0)
			if err == nil {
				err = uservoice.SSODecrypt("acme", "key", token, nil)
			}
			if err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { staysFlat(t, 10000, use) })
	}
	t.Run("errors of the service", func(t *testing.T) {
		staysFlat(t, 2000, func() {
			if err := client.Get(ctx, "/api/v1/suggestions/999999", nil, nil); err == nil {
				t.Error("no error")
			}
		})
	})
	t.Run("records", func(t *testing.T) { staysFlat(t, 10, func() { readRecords(t, client, 1000) }) })
	t.Run("collections that nobody closes", func(t *testing.T) {
		staysFlat(t, 1000, func() {
			list := client.Collection("/api/v1/forums")
			if _, err := list.Len(ctx); err != nil {
				t.Error(err)
			}
		})
	})
}

func readRecords(t *testing.T, client *uservoice.Client, count int) {
	t.Helper()
	for record, err := range client.Collection("/api/v1/suggestions", uservoice.WithLimit(count)).All(context.Background()) {
		if err != nil || len(record) == 0 {
			t.Error(err)
		}
	}
}

func staysFlat(t *testing.T, times int, use func()) {
	t.Helper()
	const mayGrow = 16 << 20
	repeat(times/5, use)
	before := resident(t)
	repeat(times, use)
	if after := resident(t); after > before+mayGrow {
		t.Errorf("from %d KiB to %d KiB", before>>10, after>>10)
	}
}

func repeat(times int, use func()) {
	var all sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(times))
	for range 16 {
		all.Add(1)
		go func() {
			defer all.Done()
			for left.Add(-1) >= 0 {
				use()
			}
		}()
	}
	all.Wait()
	// Finalizers run after the collection that finds the garbage.
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
}

// The process's memory in bytes.
func resident(t *testing.T) (bytes int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
