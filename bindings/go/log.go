//go:build cgo

package uservoice

// #include <stdint.h>
import "C"

import (
	"context"
	"fmt"
	"runtime/cgo"
	"runtime/debug"
	"sync/atomic"
)

// A logSink receives the log of one object of the C library, which knows it by a number. It must
// be closed when that object is freed.
type logSink struct {
	observer
	handle cgo.Handle
	ctx    atomic.Pointer[context.Context] // of the running call
}

func newLogSink(o observer) *logSink {
	sink := &logSink{observer: o}
	sink.setContext(context.Background())
	sink.handle = cgo.NewHandle(sink)
	return sink
}

// setContext sets the context that the next lines are observed with. It does nothing for nil.
func (s *logSink) setContext(ctx context.Context) {
	if s != nil {
		s.ctx.Store(&ctx)
	}
}

func (s *logSink) close() { s.handle.Delete() }

//export uservoiceGoLog
func uservoiceGoLog(level C.int32_t, line *C.char, handle C.uintptr_t) {
	// A panic must not unwind through C and Rust frames, which may hold locks.
	returned := false
	defer func() {
		if !returned {
			crash(recover())
		}
	}()
	sink := cgo.Handle(handle).Value().(*logSink)
	sink.observe(*sink.ctx.Load(), slogLevel(int32(level)), C.GoString(line))
	returned = true
}

// crash ends the program with the panic of a log handler. The panic is nil if the handler called
// runtime.Goexit, as testing.T.FailNow does. crash panics on a new goroutine, where no caller can
// recover, and does not return.
func crash(panicked any) {
	if panicked == nil {
		panicked = "it called runtime.Goexit"
	}
	message := fmt.Sprintf("uservoice: the log handler did not return: %v\n\n%s", panicked, debug.Stack())
	go panic(message)
	select {}
}
