package uservoice

import (
	"runtime"
	"sync"
)

// A handle owns an object of the C library. The object is freed when the handle
// is closed, or collected as garbage, and nobody uses it any more.
// P is a pointer, since Go takes no incomplete type of C as a type argument.
type handle[P comparable] struct {
	free  func(P)
	needs *sink // what the object tells its log, or nil: collected as garbage after it

	mu     sync.Mutex
	object P
	users  int
	closed bool
}

func newHandle[P comparable](object P, free func(P), needs *sink) *handle[P] {
	h := &handle[P]{object: object, free: free, needs: needs}
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
	h.users--
	h.freeUnused()
}

func (h *handle[P]) close() {
	h.mu.Lock()
	h.closed = true
	h.freeUnused()
}

// freeUnused unlocks before it frees, which may take a while and tell the log.
func (h *handle[P]) freeUnused() {
	var none P
	object := h.object
	if !h.closed || h.users > 0 || object == none {
		h.mu.Unlock()
		return
	}
	h.object = none
	h.mu.Unlock()
	runtime.SetFinalizer(h, nil)
	h.free(object)
}
