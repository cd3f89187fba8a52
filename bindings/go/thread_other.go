//go:build cgo && !linux

package uservoice

// #include "call.h"
import "C"

// makeOnThread makes a call on the current thread.
func makeOnThread(call *nativeCall) { C.uservoice_go_make_call(call) }
