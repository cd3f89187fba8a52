//go:build cgo && uservoice_static

package uservoice

// pkg-config also names the shared library. The archive already defines all symbols, so that
// --as-needed omits it.

// #cgo pkg-config: --static uservoice
// #cgo LDFLAGS: -l:libuservoice.a -Wl,--as-needed
import "C"
