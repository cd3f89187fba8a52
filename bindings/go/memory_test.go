//go:build cgo && linux

package uservoice_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/bindings/go/testdata/allocated"
)

// Nothing that is used over and over stays in memory, C's or Go's, closed or not.
func TestMemoryStaysFlat(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	ctx := context.Background()
	token, err := uservoice.NewToken("value", "secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("calls", func(t *testing.T) {
		staysFlat(t, 100, 10000, func() {
			if err := client.Get(ctx, "/api/v1/users/3", nil, nil); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("single sign-on tokens", func(t *testing.T) {
		staysFlat(t, 100, 1000, func() {
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
	// Small things, so many that 32 bytes of each, the least that C allocates, are seen.
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
		"logins that nobody finishes": func() {
			if _, err := client.RequestCode("https://app.example/", ""); err != nil {
				t.Error(err)
			}
		},
		"forged web hooks": func() {
			if _, err := uservoice.ReadWebhook("key", []byte("event=a&data=b&signature=c")); err == nil {
				t.Error("no error")
			}
		},
		"tokens that nobody closes": func() {
			if _, err := uservoice.NewToken("value", "secret"); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { staysFlat(t, 1000, 10000, use) })
	}
	t.Run("errors of the service", func(t *testing.T) {
		staysFlat(t, 100, 10000, func() {
			if err := client.Get(ctx, "/api/v1/suggestions/999999", nil, nil); err == nil {
				t.Error("no error")
			}
		})
	})
	t.Run("records", func(t *testing.T) { staysFlat(t, 16, 100, func() { readRecords(t, client, 100) }) })
	t.Run("exports", func(t *testing.T) {
		forums := uservoice.WithResource(uservoice.Resource{Name: "forums", Path: "/api/v1/forums"})
		staysFlat(t, 16, 48, func() {
			for _, err := range client.Export(ctx, t.TempDir(), forums) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	})
	t.Run("collections that nobody closes", func(t *testing.T) {
		staysFlat(t, 16, 48, func() {
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

// A loop ends what is being loaded ahead, and does not leave that to the garbage collector.
func TestLoopsThatEndEarlyLeaveNoThread(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	s := sandbox(t)
	client := s.client(t, uservoice.WithPrefetchPages(1))
	before, read := loadingThreads(t), 0
	for _, err := range client.Collection("/api/v1/users?per_page=10").Pages(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		read++
		if read == 3 {
			s.waitFor(t, 4) // the next page is there, the one after it does not come
			s.faults(t, neverAnswers("/api/v1/users"))
		}
		if read == 4 {
			s.waitForFault(t)
			break
		}
	}
	for loadingThreads(t) > before { // for ever, where one stays; one that has ended is listed a moment longer
		time.Sleep(time.Millisecond)
	}
}

// loadingThreads tells how many threads of the library load pages.
func loadingThreads(t *testing.T) (count int) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		// One may have ended meanwhile.
		if name, _ := os.ReadFile(task); strings.TrimSpace(string(name)) == "uservoice-pages" {
			count++
		}
	}
	return count
}

func staysFlat(t *testing.T, warmUp, times int, use func()) {
	t.Helper()
	const mayGrow = 256 << 10
	repeat(warmUp, use)
	before := inUse()
	repeat(times, use)
	after := inUse()
	// Cleanups run beside one another: those of the last may still be at work.
	for waits := 0; after > before+mayGrow && waits < 100; waits++ {
		time.Sleep(100 * time.Millisecond)
		repeat(1, func() {})
		after = inUse()
	}
	if after > before+mayGrow {
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

// Bytes that are in use, in C and in Go.
func inUse() int {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return allocated.Bytes() + int(memory.HeapAlloc)
}
