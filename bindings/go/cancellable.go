package uservoice

import "context"

// A cancellable is a collection or an export of the C library, together with a clone of the
// client that created it. Cancelling the clone cancels this one object, permanently.
type cancellable[P comparable] struct {
	client *handle[*nativeClient]
	native *handle[P]
}

// newCancellable creates an object with a clone of the client, which has the options added, and
// with the client's token.
func newCancellable[P comparable](c *Client, options string, create func(*nativeClient, *nativeToken) (P, error), free func(P)) (*cancellable[P], error) {
	token, err := c.token.acquire()
	if err != nil {
		return nil, err
	}
	defer c.token.release()
	client, err := c.clone(options)
	if err != nil {
		return nil, err
	}
	native, err := create(client, token)
	if err != nil {
		freeClient(client)
		return nil, err
	}
	log := c.handle.log
	return &cancellable[P]{newHandle(client, freeClient, log), newHandle(native, free, log)}, nil
}

// run makes a blocking call with the object. If ctx ends it, all later calls fail too.
func (c *cancellable[P]) run(ctx context.Context, call func(P) error) error {
	client, err := c.client.acquire()
	if err != nil {
		return err
	}
	defer c.client.release()
	native, err := c.native.acquire()
	if err != nil {
		return err
	}
	defer c.native.release()
	return runBlocking(ctx, client, func() error { return call(native) })
}

func (c *cancellable[P]) close() {
	c.native.close()
	c.client.close()
}
