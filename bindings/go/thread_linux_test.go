//go:build cgo

package uservoice_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// runAlone runs the test in a process of its own, whose threads are those of the test, and reports
// whether this process is that one.
func runAlone(t *testing.T) bool {
	t.Helper()
	const alone = "TEST_ALONE=1" // TestMain unsets USERVOICE_*
	if slices.Contains(os.Environ(), alone) {
		return true
	}
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=3m")
	command.Env = append(os.Environ(), alone)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// threadsNamed returns the number of threads of this process with a name.
func threadsNamed(t *testing.T, name string) (count int) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		// The read fails if the thread has ended since.
		if comm, _ := os.ReadFile(task); strings.TrimSpace(string(comm)) == name {
			count++
		}
	}
	return count
}

const callThreads = "uservoice-calls"

// hangingCalls makes calls that hang at once, cancels them and waits until they have returned.
func hangingCalls(t *testing.T, s *site, client *uservoice.Client, calls int) {
	t.Helper()
	s.faults(t, hang("/api/v1/forums"))
	defer s.control(t, "DELETE", "/_sandbox/faults", nil)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range calls {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := client.Get(ctx, "/api/v1/forums", nil, nil); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
	}
	s.waitForFaults(t, calls)
	cancel()
	all.Wait()
}

func TestCallsBlockThreadsOfC(t *testing.T) {
	if !runAlone(t) {
		return
	}
	s := sandbox(t)
	client := s.client(t)
	const calls = 100
	before := pprof.Lookup("threadcreate").Count()
	for range 2 { // the second time, all threads are idle
		hangingCalls(t, s, client, calls)
		equal(t, "threads for calls", threadsNamed(t, callThreads), calls)
	}
	if created := pprof.Lookup("threadcreate").Count() - before; created > calls/2 {
		t.Errorf("Go started %d threads for %d calls", created, calls)
	}
}

func TestThreadsForCallsAreLimited(t *testing.T) {
	if !runAlone(t) {
		return
	}
	client := sandbox(t).client(t, uservoice.WithMaxConcurrentCalls(3))
	concurrently(200, func() {
		if err := client.Get(context.Background(), "/api/v1/forums", nil, nil); err != nil {
			t.Error(err)
		}
	})
	if threads := threadsNamed(t, callThreads); threads > 3 {
		t.Errorf("%d threads for 3 concurrent calls", threads)
	}
}

// Without a descriptor for a new thread, the call is made on the thread of the goroutine.
func TestCallSucceedsWithoutFurtherThread(t *testing.T) {
	if !runAlone(t) {
		return
	}
	s := sandbox(t)
	client := s.client(t)
	s.faults(t, hang("/api/v1/forums"))
	ctx, cancel := context.WithCancel(context.Background())
	hanging := make(chan error)
	go func() { hanging <- client.Get(ctx, "/api/v1/forums", nil, nil) }() // takes the only thread
	s.waitForFault(t)
	loginAs(t, client, "user2@sandbox.example").Close() // opens another connection, without such a thread

	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	err := client.Get(context.Background(), "/api/v1/users/1", nil, nil)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Error(err)
	}
	equal(t, "threads for calls", threadsNamed(t, callThreads), 1)
	cancel()
	<-hanging
}
