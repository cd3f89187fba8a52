//go:build !go1.24

package uservoice

import "runtime"

// whenGarbage has f called when nothing refers to value any more, which arg must not do.
func whenGarbage[T, A any](value *T, f func(A), arg A) {
	runtime.SetFinalizer(value, func(*T) { f(arg) })
}
