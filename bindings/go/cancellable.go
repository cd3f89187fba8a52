package uservoice

import "context"

// A cancellable is a collection or an export of the C library, together with a clone of the
// client that created it. Cancelling the clone cancels this one object, permanently.
type cancellable[P comparable] struct {
	handle *handle[cancellableObject[P]]
	sink   *logSink // nil without an observer
	calls  callLimit
}

type cancellableObject[P comparable] struct {
	client *nativeClient
	native P
}

// newCancellable creates an object with a clone of the client, which has the options added, and
// with the client's token.
func newCancellable[P comparable](c *Client, options string, create func(*nativeClient, *nativeToken) (P, error), free func(P)) (*cancellable[P], error) {
	token, err := c.token.acquire()
	if err != nil {
		return nil, err
	}
	defer c.token.release()
	client, sink, err := c.observedClone(options)
	if err != nil {
		return nil, err
	}
	native, err := create(client, token)
	if err != nil {
		freeObserved(client, sink)
		return nil, err
	}
	object := newHandle(cancellableObject[P]{client, native}, func(object cancellableObject[P]) {
		free(object.native)
		freeObserved(object.client, sink)
	})
	return &cancellable[P]{object, sink, c.calls}, nil
}

// run makes a blocking call with the object. If ctx ends it, all later calls fail too. The calls
// of one object must not overlap.
func (c *cancellable[P]) run(ctx context.Context, call func(P) error) error {
	object, err := c.handle.acquire()
	if err != nil {
		return err
	}
	defer c.handle.release()
	c.sink.setContext(ctx)
	return c.calls.run(ctx, object.client, func() error { return call(object.native) })
}

func (c *cancellable[P]) close() { c.handle.close() }
