//go:build cgo

package uservoice

/*
#include "thread_linux.h"

#cgo noescape uservoice_go_thread_begin
#cgo nocallback uservoice_go_thread_begin
#cgo noescape uservoice_go_thread_end
#cgo nocallback uservoice_go_thread_end
*/
import "C"

import (
	"os"
	"sync"
	"syscall"
	"time"
)

// A thread is an operating-system thread of C, which makes the calls that may wait for the service.
// If the threads of Go make them, sysmon takes most of the CPU: whenever a call of C blocks, it
// checks every 20 microseconds whether to run other goroutines instead.
type thread struct {
	native *C.struct_uservoice_go_thread
	// returned wakes the goroutine whose call has returned, as a socket does, without a thread.
	returned *os.File
	polled   syscall.RawConn // of returned
}

// idleThreads are the threads that make no call. They do not end, as those of Go.
var idleThreads struct {
	mu    sync.Mutex
	stack []*thread
}

// makeOnThread makes a call on another thread, or on the current one if no other can be started.
func makeOnThread(call *nativeCall) {
	t := takeThread()
	if t == nil {
		C.uservoice_go_make_call(call)
		return
	}
	C.uservoice_go_thread_begin(t.native, call)
	hasReturned := func(uintptr) bool { return C.uservoice_go_thread_end(t.native, call) != 0 }
	if err := t.polled.Read(hasReturned); err != nil { // newThread has checked what could fail
		panic(err)
	}
	idleThreads.mu.Lock()
	defer idleThreads.mu.Unlock()
	idleThreads.stack = append(idleThreads.stack, t)
}

// takeThread returns the thread that was used last, whose memory is most likely in a cache, or a
// new one. It returns nil if none can be started.
func takeThread() *thread {
	idleThreads.mu.Lock()
	defer idleThreads.mu.Unlock()
	last := len(idleThreads.stack) - 1
	if last < 0 {
		return newThread()
	}
	t := idleThreads.stack[last]
	idleThreads.stack = idleThreads.stack[:last]
	return t
}

// newThread returns nil if no thread can be started.
func newThread() *thread {
	eventfd, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if errno != 0 {
		return nil
	}
	returned := os.NewFile(eventfd, "eventfd")
	polled, err := returned.SyscallConn()
	if err == nil {
		err = returned.SetDeadline(time.Time{}) // fails if the file cannot be polled
	}
	if err == nil {
		if native := C.uservoice_go_thread_new(C.int(eventfd)); native != nil {
			return &thread{native, returned, polled}
		}
	}
	returned.Close()
	return nil
}
