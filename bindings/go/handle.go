package uservoice

import "sync"

// A handle owns an object of the C library. The object is freed when the handle
// is closed, or collected as garbage, and nobody uses it any more.
// P is a pointer, since Go takes no incomplete type of C as a type argument.
type handle[P comparable] struct{ *owned[P] }

// What outlives a handle until its object is freed.
type owned[P comparable] struct {
	free  func(P)
	needs *sink // what the object tells its log, or nil: collected as garbage after it

	mu     sync.Mutex
	object P
	users  int
	closed bool
}

func newHandle[P comparable](object P, free func(P), needs *sink) *handle[P] {
	h := &handle[P]{&owned[P]{object: object, free: free, needs: needs}}
	whenGarbage(h, (*owned[P]).close, h.owned)
	return h
}

// acquire gives the object, which stays valid until release is called.
func (h *handle[P]) acquire() (P, error) {
	if h == nil { // of a Client or Collection that nobody made
		var none P
		return none, ErrClosed
	}
	return h.owned.acquire()
}

func (h *handle[P]) close() {
	if h != nil {
		h.owned.close()
	}
}

func (o *owned[P]) acquire() (P, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		var none P
		return none, ErrClosed
	}
	o.users++
	return o.object, nil
}

func (o *owned[P]) release() {
	o.mu.Lock()
	o.users--
	o.freeUnused()
}

func (o *owned[P]) close() {
	o.mu.Lock()
	o.closed = true
	o.freeUnused()
}

// freeUnused unlocks before it frees, which may take a while and tell the log.
func (o *owned[P]) freeUnused() {
	var none P
	object := o.object
	if !o.closed || o.users > 0 || object == none {
		o.mu.Unlock()
		return
	}
	o.object = none
	o.mu.Unlock()
	o.free(object)
}
