package uservoice

import (
	"runtime"
	"sync"
)

// A handle owns an object of the C library. It frees the object when the handle is closed, or
// becomes unreachable, and no call uses the object any more.
//
// P is a pointer type, because an incomplete C type cannot be a type argument, or has such fields.
type handle[P comparable] struct{ *object[P] }

// An object is a reference-counted object of the C library. It outlives its handle while a
// call uses it.
type object[P comparable] struct {
	free func(P)

	mu     sync.Mutex
	native P
	users  int
	closed bool
}

func newHandle[P comparable](native P, free func(P)) *handle[P] {
	h := &handle[P]{&object[P]{native: native, free: free}}
	runtime.AddCleanup(h, (*object[P]).close, h.object)
	return h
}

// acquire returns the native object, which stays valid until release is called. It fails with
// ErrClosed after close, and on the nil handle of a zero Client or Collection.
func (h *handle[P]) acquire() (P, error) {
	if h == nil {
		var null P
		return null, ErrClosed
	}
	return h.object.acquire()
}

func (h *handle[P]) close() {
	if h != nil {
		h.object.close()
	}
}

func (o *object[P]) acquire() (P, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		var null P
		return null, ErrClosed
	}
	o.users++
	return o.native, nil
}

func (o *object[P]) release() {
	o.mu.Lock()
	o.users--
	o.unlockAndFree()
}

func (o *object[P]) close() {
	o.mu.Lock()
	o.closed = true
	o.unlockAndFree()
}

// unlockAndFree frees the native object if it is closed and unused. It unlocks first, because
// freeing may take a while and may call the logger.
func (o *object[P]) unlockAndFree() {
	var null P
	native := o.native
	if !o.closed || o.users > 0 || native == null {
		o.mu.Unlock()
		return
	}
	o.native = null
	o.mu.Unlock()
	o.free(native)
}
