//go:build cgo && !uservoice_static

package uservoice

// #cgo pkg-config: uservoice
import "C"
