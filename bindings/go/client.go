package uservoice

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// Client sends requests to one UserVoice site with one API key. It holds the pooled
// connections, the rate limits and the options, and the [Token] of the acting user.
//
// A Client is safe for concurrent use by multiple goroutines.
type Client struct {
	handle   *handle[*nativeClient]
	token    Token
	observer observer
	calls    callLimit

	maxRequestBytes int64 // limits what is read from an io.Reader
}

// New returns a client of the site SUBDOMAIN.uservoice.com. If apiSecret is "", requests are
// not signed and can read only what is public. New sends no request.
func New(subdomain, apiKey, apiSecret string, options ...Option) (*Client, error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	settings, err := apply(defaultSettings(), append([]Option{language}, options...))
	if err != nil {
		return nil, err
	}
	optionsJSON, err := settings.json()
	if err != nil {
		return nil, err
	}
	native, err := newClient(subdomain, apiKey, apiSecret, optionsJSON)
	if err != nil {
		return nil, err
	}
	return wrapClient(native, settings, Token{}), nil
}

// NewFromEnv returns a client that is configured by the environment variables
// USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET, which are required, and
// USERVOICE_BASE_URL and USERVOICE_CA_FILE, which are optional. The options override the
// environment.
func NewFromEnv(options ...Option) (*Client, error) {
	var missing []string
	required := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return value
	}
	subdomain := required("USERVOICE_SUBDOMAIN")
	apiKey, apiSecret := required("USERVOICE_API_KEY"), required("USERVOICE_API_SECRET")
	if missing != nil {
		return nil, fmt.Errorf("uservoice: environment variables that must be set: %s", strings.Join(missing, ", "))
	}
	var fromEnv []Option
	if baseURL := os.Getenv("USERVOICE_BASE_URL"); baseURL != "" {
		fromEnv = append(fromEnv, WithBaseURL(baseURL))
	}
	if file := os.Getenv("USERVOICE_CA_FILE"); file != "" {
		fromEnv = append(fromEnv, WithCAFile(file))
	}
	return New(subdomain, apiKey, apiSecret, append(fromEnv, options...)...)
}

// wrapClient returns a Client that owns native.
func wrapClient(native *nativeClient, s settings, token Token) *Client {
	return &Client{newHandle(native, freeClient), token, s.observer, s.calls, s.maxRequestBytes}
}

// With returns a new client of the same site, key and token with the options changed. It shares
// connections and rate limits with c, unless an option changes where or how to connect. The new
// client must be closed separately.
func (c *Client) With(options ...Option) (*Client, error) {
	return c.derive(c.token, options)
}

// WithToken returns a new client that authenticates with the token and so acts for the token's
// user. The zero [Token] authenticates with the API key alone. The new client shares connections
// and rate limits with c, and must be closed separately.
func (c *Client) WithToken(token Token) (*Client, error) {
	return c.derive(token, nil)
}

func (c *Client) derive(token Token, options []Option) (*Client, error) {
	settings, err := apply(settings{observer: c.observer, calls: c.calls, maxRequestBytes: c.maxRequestBytes}, options)
	if err != nil {
		return nil, err
	}
	optionsJSON, err := settings.json()
	if err != nil {
		return nil, err
	}
	native, err := c.clone(optionsJSON)
	if err != nil {
		return nil, err
	}
	return wrapClient(native, settings, token), nil
}

// Token returns the token that requests are authenticated with. It is the zero [Token] if they
// are authenticated with the API key alone.
func (c *Client) Token() Token { return c.token }

// Close frees the client. It neither waits for running calls nor cancels them. Other clients,
// running loops over collections, and tokens that were created from this client stay valid.
func (c *Client) Close() error {
	c.handle.close()
	return nil
}

// call runs f, which may block, with the token and a clone of the client. The clone makes it
// possible to cancel this call alone when ctx ends.
func (c *Client) call(ctx context.Context, f func(*nativeClient, *nativeToken) error) error {
	client, sink, err := c.observedClone("")
	if err != nil {
		return err
	}
	defer freeObserved(client, sink)
	token, err := c.token.acquire()
	if err != nil {
		return err
	}
	defer c.token.release()
	sink.setContext(ctx)
	return c.calls.run(ctx, client, func() error { return f(client, token) })
}

// observedClone returns a clone that reports its attempts to the sink, which is nil if nobody
// observes the client. The caller frees both with freeObserved.
func (c *Client) observedClone(optionsJSON string) (*nativeClient, *logSink, error) {
	client, err := c.clone(optionsJSON)
	if err != nil || c.observer.isZero() {
		return client, nil, err
	}
	sink := newLogSink(c.observer)
	if err := setLog(client, sink); err != nil {
		freeObserved(client, sink)
		return nil, nil, err
	}
	return client, sink, nil
}

func freeObserved(client *nativeClient, sink *logSink) {
	freeClient(client)
	if sink != nil {
		sink.close()
	}
}

func (c *Client) clone(optionsJSON string) (*nativeClient, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return nil, err
	}
	defer c.handle.release()
	return cloneClient(client, optionsJSON)
}
