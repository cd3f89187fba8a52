package uservoice

import "context"

// A cancellable is an object of the C library that makes calls, with a client of its own to
// cancel them by: that is for good, and for one object only.
type cancellable[P comparable] struct {
	client *handle[*nativeClient]
	native *handle[P]
}

// open makes one that acts for whom the client acts.
func open[P comparable](c *Client, options string, create func(*nativeClient, *nativeToken) (P, error), free func(P)) (*cancellable[P], error) {
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
	log := c.handle.needs
	return &cancellable[P]{newHandle(client, freeClient, log), newHandle(native, free, log)}, nil
}

// run makes a blocking call, which ends with ctx, as all later ones then do.
func (o *cancellable[P]) run(ctx context.Context, f func(P) error) error {
	client, err := o.client.acquire()
	if err != nil {
		return err
	}
	defer o.client.release()
	native, err := o.native.acquire()
	if err != nil {
		return err
	}
	defer o.native.release()
	return run(ctx, client, func() error { return f(native) })
}

func (o *cancellable[P]) close() {
	o.native.close()
	o.client.close()
}
