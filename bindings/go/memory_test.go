//go:build cgo && linux

package uservoice_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/bindings/go/testdata/allocated"
)

// Repeated use must not increase the memory of C or Go, whether or not objects are closed.
func TestDoesNotLeakMemory(t *testing.T) {
	// malloc counts the freed memory in the caches of its threads as in use. Run the test in a
	// process that has no such caches.
	const noThreadCaches = "GLIBC_TUNABLES=glibc.malloc.tcache_count=0"
	if !slices.Contains(os.Environ(), noThreadCaches) {
		command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=3m")
		command.Env = append(os.Environ(), noThreadCaches)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	token, err := uservoice.NewToken("value", "secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("requests", func(t *testing.T) {
		fillPool(t, s, client)
		checkMemory(t, 100, 10000, func() {
			if err := client.Get(ctx, "/api/v1/users/3", nil, nil); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("single sign-on tokens", func(t *testing.T) {
		checkMemory(t, 100, 1000, func() {
			token, err := uservoice.SSOToken("acme", "key", uservoice.Params{"guid": "1"}, 0)
			if err == nil {
				err = uservoice.SSODecrypt("acme", "key", token, nil)
			}
			if err == nil {
				token, err = uservoice.SSOJWT("key", uservoice.Params{"guid": "1", "email": "jo@example.com"}, 0)
			}
			if err == nil {
				err = uservoice.SSOVerifyJWT("key", token, 0, nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	})
	// Small objects, so many that a leak of 32 bytes of each, the minimum that malloc allocates,
	// exceeds the limit.
	for name, use := range map[string]func(){
		"invalid argument errors": func() {
			if err := client.Get(ctx, "nowhere", nil, nil); err == nil {
				t.Error("expected an error")
			}
		},
		"unclosed clients": func() {
			if _, err := client.With(); err != nil {
				t.Error(err)
			}
		},
		"clients with a token": func() {
			user, err := client.WithToken(token)
			if err != nil {
				t.Error(err)
				return
			}
			user.Close()
		},
		"abandoned logins": func() {
			if _, err := client.AuthorizationRequest("https://app.example/", ""); err != nil {
				t.Error(err)
			}
		},
		"forged webhooks": func() {
			if _, err := uservoice.ReadWebhook("key", []byte("event=a&data=b&signature=c")); err == nil {
				t.Error("expected an error")
			}
		},
		"unclosed tokens": func() {
			if _, err := uservoice.NewToken("value", "secret"); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { checkMemory(t, 1000, 10000, use) })
	}
	t.Run("error responses", func(t *testing.T) {
		fillPool(t, s, client)
		checkMemory(t, 100, 10000, func() {
			if err := client.Get(ctx, "/api/v1/suggestions/999999", nil, nil); err == nil {
				t.Error("expected an error")
			}
		})
	})
	t.Run("records", func(t *testing.T) {
		fillPool(t, s, client)
		checkMemory(t, 16, 100, func() { readRecords(t, client, 100) })
	})
	t.Run("exports", func(t *testing.T) {
		fillPool(t, s, client)
		forums := uservoice.WithResource(uservoice.Resource{Name: "forums", Path: "/api/v1/forums"})
		checkMemory(t, 16, 48, func() {
			for _, err := range client.Export(ctx, t.TempDir(), forums) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	})
	t.Run("unclosed collections", func(t *testing.T) {
		fillPool(t, s, client)
		checkMemory(t, 16, 48, func() {
			collection := client.Collection("/api/v1/users")
			if _, err := collection.Len(ctx); err != nil {
				t.Error(err)
			}
		})
	})
}

// fillPool opens as many connections as the pool holds, which keep their buffers, so that it does not
// grow while memory is measured.
func fillPool(t *testing.T, s *site, client *uservoice.Client) {
	t.Helper()
	const connections = 16 // the default of WithMaxIdleConnections
	s.faults(t, uservoice.Params{"path": "/api/v1/users/3", "times": connections, "delay_ms": 300})
	concurrently(connections, func() {
		if err := client.Get(context.Background(), "/api/v1/users/3", nil, nil); err != nil {
			t.Error(err)
		}
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

const prefetchThreads = "uservoice-pages"

// break must end the prefetching, also if the garbage collector does not run.
func TestBreakLeaksNoThread(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	s := sandbox(t)
	client := s.client(t, uservoice.WithPrefetchPages(1))
	before, pages := threadsNamed(t, prefetchThreads), 0
	for _, err := range client.Collection("/api/v1/users?per_page=10").Pages(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		if pages == 3 {
			s.waitFor(t, 4) // the next page is prefetched, the one after it hangs
			s.faults(t, hang("/api/v1/users"))
		}
		if pages == 4 {
			s.waitForFault(t)
			break
		}
	}
	for threadsNamed(t, prefetchThreads) > before { // until the timeout if a thread leaks
		time.Sleep(time.Millisecond)
	}
}

// checkMemory fails the test if calling use repeatedly increases the memory in use.
func checkMemory(t *testing.T, warmUp, times int, use func()) {
	t.Helper()
	const limit = 256 << 10
	repeat(warmUp, use)
	before := inUse()
	repeat(times, use)
	after := inUse()
	// Cleanups run concurrently: the last ones may not have finished.
	for waits := 0; after > before+limit && waits < 100; waits++ {
		time.Sleep(100 * time.Millisecond)
		repeat(1, func() {})
		after = inUse()
	}
	if after > before+limit {
		t.Errorf("memory grew from %d KiB to %d KiB", before>>10, after>>10)
	}
}

// repeat calls use a number of times. After each batch it waits for cleanups, because an object
// that is waiting for its cleanup is not a leak.
func repeat(times int, use func()) {
	const batch = 10000
	for ; times > 0; times -= batch {
		concurrently(min(times, batch), use)
		for range 3 { // a cleanup may make other objects unreachable
			runtime.GC()
			waitForCleanup()
		}
	}
}

func concurrently(times int, use func()) {
	var all sync.WaitGroup
	var remaining atomic.Int64
	remaining.Store(int64(times))
	for range 16 {
		all.Add(1)
		go func() {
			defer all.Done()
			for remaining.Add(-1) >= 0 {
				use()
			}
		}()
	}
	all.Wait()
}

// waitForCleanup waits until the cleanup of a new object has run.
func waitForCleanup() {
	done := make(chan struct{})
	runtime.AddCleanup(&struct{ p *int }{}, func(done chan struct{}) { close(done) }, done)
	runtime.GC()
	<-done
}

// inUse returns the number of bytes in use by C and Go.
func inUse() int {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return allocated.Bytes() + int(memory.HeapAlloc)
}
