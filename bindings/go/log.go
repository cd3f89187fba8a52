//go:build cgo

package uservoice

// #include <stdint.h>
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/cgo"
	"runtime/debug"
	"strconv"
	"strings"
)

// A logSink makes a logger available to C, as a number. The number is valid while the logSink is
// reachable, so every handle that logs refers to it.
type logSink struct {
	handle cgo.Handle
	// The runtime allocates small values without pointers in groups that become unreachable only
	// together. This pointer prevents that.
	logger *slog.Logger
}

func newLogSink(logger *slog.Logger) *logSink {
	sink := &logSink{cgo.NewHandle(logger), logger}
	runtime.AddCleanup(sink, cgo.Handle.Delete, sink.handle)
	return sink
}

//export uservoiceGoLog
func uservoiceGoLog(level C.int32_t, line *C.char, logger C.uintptr_t) {
	// A panic must not unwind through C and Rust frames, which may hold locks.
	returned := false
	defer func() {
		if !returned {
			crash(recover())
		}
	}()
	log := cgo.Handle(logger).Value().(*slog.Logger)
	log.LogAttrs(context.Background(), slogLevel(int32(level)), "uservoice", parseLogLine(C.GoString(line))...)
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

// parseLogLine parses a line such as
//
//	method=GET path=/api/v1/users?page status=0 duration_ms=12 attempt=1 error="a JSON string"
//
// Only the error, which is last, may contain spaces.
func parseLogLine(line string) []slog.Attr {
	line, quoted, hasError := strings.Cut(line, ` error="`)
	var attrs []slog.Attr
	for _, field := range strings.Fields(line) {
		name, value, _ := strings.Cut(field, "=")
		if number, err := strconv.Atoi(value); err == nil {
			attrs = append(attrs, slog.Int(name, number))
		} else {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	if !hasError {
		return attrs
	}
	var message string
	if err := json.Unmarshal([]byte(`"`+quoted), &message); err != nil {
		message = quoted
	}
	return append(attrs, slog.String("error", message))
}
