//go:build cgo

package uservoice

// #include <stdint.h>
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/cgo"
	"runtime/debug"
	"strconv"
	"strings"
)

// A sink is a logger as C knows it: by a number. It lives as long as the handles that
// keep it.
type sink struct {
	number cgo.Handle
	// Without a pointer in it, Go would put several sinks into one block of memory, and
	// take none for garbage before all are.
	logger *slog.Logger
}

func newSink(logger *slog.Logger) *sink {
	s := &sink{cgo.NewHandle(logger), logger}
	whenGarbage(s, cgo.Handle.Delete, s.number)
	return s
}

//export uservoiceGoLog
func uservoiceGoLog(level C.int32_t, line *C.char, number C.uintptr_t) {
	// Nothing may unwind through C, whose locks would stay locked.
	returned := false
	defer func() {
		if !returned {
			endProgram(recover())
		}
	}()
	logger := cgo.Handle(number).Value().(*slog.Logger)
	logger.LogAttrs(context.Background(), logLevel(int32(level)), "uservoice", attributes(C.GoString(line))...)
	returned = true
}

// endProgram panics where nobody can recover, and never returns. There is no failure where
// the handler of the logger called runtime.Goexit, as testing.T.FailNow does.
func endProgram(failure any) {
	if failure == nil {
		failure = "it ended its goroutine"
	}
	message := fmt.Sprintf("uservoice: the handler of the logger did not return: %v\n\n%s", failure, debug.Stack())
	go panic(message)
	select {}
}

// attributes reads a line such as
//
//	method=GET path=/api/v1/users?page status=0 ms=12 try=1 error="in JSON"
//
// in which only the error, at its end, may have spaces.
func attributes(line string) []slog.Attr {
	line, failure, failed := strings.Cut(line, ` error="`)
	var all []slog.Attr
	for _, pair := range strings.Fields(line) {
		name, value, _ := strings.Cut(pair, "=")
		if number, err := strconv.Atoi(value); err == nil {
			all = append(all, slog.Int(name, number))
		} else {
			all = append(all, slog.String(name, value))
		}
	}
	if !failed {
		return all
	}
	var text string
	if err := json.Unmarshal([]byte(`"`+failure), &text); err != nil {
		text = failure
	}
	return append(all, slog.String("error", text))
}
