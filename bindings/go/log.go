//go:build cgo

package uservoice

// #include <stdint.h>
import "C"

import (
	"context"
	"log/slog"
	"runtime"
	"runtime/cgo"
)

// A sink is a logger as C knows it: by a number. It lives as long as the handles that
// keep it.
type sink struct {
	number cgo.Handle
	// Without a pointer in it, Go would put several sinks into one block of memory, and
	// finalize none before all are garbage.
	logger *slog.Logger
}

func newSink(logger *slog.Logger) *sink {
	s := &sink{cgo.NewHandle(logger), logger}
	runtime.SetFinalizer(s, func(s *sink) { s.number.Delete() })
	return s
}

//export uservoiceGoLog
func uservoiceGoLog(level C.int32_t, line *C.char, number C.uintptr_t) {
	// A panic must not go through C: it ends the program from here.
	defer func() {
		if failure := recover(); failure != nil {
			go panic(failure)
		}
	}()
	logger := cgo.Handle(number).Value().(*slog.Logger)
	logger.Log(context.Background(), logLevel(int32(level)), "uservoice "+C.GoString(line))
}
