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
	t.Run("calls", func(t *testing.T) {
		staysFlat(t, 2000, 10000, func() {
			if err := client.Get(ctx, "/api/v1/users/3", nil, nil); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("single sign-on tokens", func(t *testing.T) {
		staysFlat(t, 2000, 10000, func() {
			token, err := uservoice.SSOToken("acme", "key", uservoice.Params{"guid": "1"}, 0)
			if err == nil {
				err = uservoice.SSODecrypt("acme", "key", token, nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	})
	// Small things, so many that those that are not freed are seen.
	for name, use := range map[string]func(){
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
	} {
		t.Run(name, func(t *testing.T) { staysFlat(t, 100000, 100000, use) })
	}
	t.Run("errors of the service", func(t *testing.T) {
		staysFlat(t, 1000, 2000, func() {
			if err := client.Get(ctx, "/api/v1/suggestions/999999", nil, nil); err == nil {
				t.Error("no error")
			}
		})
	})
	t.Run("records", func(t *testing.T) { staysFlat(t, 3, 10, func() { readRecords(t, client, 1000) }) })
	t.Run("collections that nobody closes", func(t *testing.T) {
		staysFlat(t, 100, 400, func() {
			list := client.Collection("/api/v1/users")
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

func staysFlat(t *testing.T, warmUp, times int, use func()) {
	t.Helper()
	const mayGrow = 8 << 20
	repeat(warmUp, use)
	before := resident(t)
	repeat(times, use)
	if after := resident(t); after > before+mayGrow {
		t.Errorf("from %d KiB to %d KiB", before>>10, after>>10)
	}
}

// repeat uses it so often, and waits for the garbage's finalizers now and then: what waits
// for them is no leak.
func repeat(times int, use func()) {
	const batch = 10000
	for ; times > 0; times -= batch {
		concurrently(min(times, batch), use)
		for range 3 { // what a finalizer frees may free something else
			runtime.GC()
			waitForFinalizers()
		}
	}
	debug.FreeOSMemory()
}

func concurrently(times int, use func()) {
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
}

// Finalizers run one after the other.
func waitForFinalizers() {
	done := make(chan struct{})
	runtime.SetFinalizer(&struct{ last *int }{}, func(any) { close(done) })
	runtime.GC()
	<-done
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
