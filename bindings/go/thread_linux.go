//go:build cgo

package uservoice

/*
#include "thread_linux.h"

#cgo noescape uservoice_go_thread_begin
#cgo nocallback uservoice_go_thread_begin
#cgo noescape uservoice_go_thread_poll
#cgo nocallback uservoice_go_thread_poll
#cgo noescape uservoice_go_thread_logged
#cgo nocallback uservoice_go_thread_logged
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
	// news wakes the goroutine whose call has returned or logs, as a socket does, without a thread.
	news   *os.File
	polled syscall.RawConn // of news
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
	t.wait(call)
	idleThreads.mu.Lock()
	defer idleThreads.mu.Unlock()
	idleThreads.stack = append(idleThreads.stack, t)
}

// wait waits until the call has news. It logs the call's lines on the current goroutine: the
// other thread could not call Go before all packages are initialized.
func (t *thread) wait(call *nativeCall) {
	var log C.struct_uservoice_go_log
	var news C.enum_uservoice_go_news
	hasNews := func(uintptr) bool {
		news = C.uservoice_go_thread_poll(t.native, call, &log)
		return news != C.USERVOICE_GO_NOTHING
	}
	for news != C.USERVOICE_GO_RETURNED {
		if err := t.polled.Read(hasNews); err != nil { // newThread has checked what could fail
			panic(err)
		}
		if news == C.USERVOICE_GO_LOGS {
			uservoiceGoLog(log.level, log.line, log.logger)
			C.uservoice_go_thread_logged(t.native)
		}
	}
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
	news := os.NewFile(eventfd, "eventfd")
	polled, err := news.SyscallConn()
	if err == nil {
		err = news.SetDeadline(time.Time{}) // fails if the file cannot be polled
	}
	if err == nil {
		if native := C.uservoice_go_thread_new(C.int(eventfd)); native != nil {
			return &thread{native, news, polled}
		}
	}
	news.Close()
	return nil
}
