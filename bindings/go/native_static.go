//go:build cgo && uservoice_static

package uservoice

// The archive has all symbols, so the shared library that pkg-config names as well is
// not needed, and is left out.

// #cgo pkg-config: --static uservoice
// #cgo LDFLAGS: -l:libuservoice.a -Wl,--as-needed
import "C"
