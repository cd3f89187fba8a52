package uservoice

import (
	"runtime"
	"sync"
)

// A handle owns an object of the C library. The object is freed when the handle
// is closed, or collected as garbage, and nobody uses it any more.
// P is a pointer, since Go takes no incomplete type of C as a type argument.
type handle[P comparable] struct {
	free func(P)

	mu     sync.Mutex
	object P
	users  int
	closed bool
}

func newHandle[P comparable](object P, free func(P)) *handle[P] {
	h := &handle[P]{object: object, free: free}
	// runtime.AddCleanup needs Go 1.24.
	runtime.SetFinalizer(h, (*handle[P]).close)
	return h
}

// acquire gives the object, which stays valid until release is called.
func (h *handle[P]) acquire() (P, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		var none P
		return none, ErrClosed
	}
	h.users++
	return h.object, nil
}

func (h *handle[P]) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.users--
	h.freeUnused()
}

func (h *handle[P]) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.freeUnused()
}

func (h *handle[P]) freeUnused() {
	var none P
	if !h.closed || h.users > 0 || h.object == none {
		return
	}
	h.free(h.object)
	h.object = none
	runtime.SetFinalizer(h, nil)
}
