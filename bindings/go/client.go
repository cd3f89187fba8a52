package uservoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
)

// Client is one site and one API key: connections, limits and options, and whom
// calls act for. It may be used by any number of goroutines at once.
type Client struct {
	handle *handle[*nativeClient]
	token  Token
}

// Params are parameters of a call or a collection.
//
// In a query, texts, numbers and booleans go as they are, nil is left out, a slice
// becomes repeated key[]= (a comma list under /api/v2/), and a map key[sub]=. A
// [url.Values] goes into a query as it is. In a body they are JSON.
//
// Where params are asked for, anything that encoding/json takes will do: a
// [json.RawMessage] is sent as the JSON text that it is, a string as a JSON string, in
// quotes. A []byte and an [io.Reader] are refused, since encoding/json makes something else
// of them than what they hold.
type Params = map[string]any

// New makes a client of the site SUBDOMAIN.uservoice.com. Without an API secret,
// calls are not signed and see what is public. Sends nothing.
func New(subdomain, apiKey, apiSecret string, options ...Option) (*Client, error) {
	if err := usable(); err != nil {
		return nil, err
	}
	settings := apply(options)
	text, err := settings.json()
	if err != nil {
		return nil, err
	}
	client, err := newClient(subdomain, apiKey, apiSecret, text)
	if err != nil {
		return nil, err
	}
	return settings.finish(client, nil)
}

// NewFromEnv makes a client of the site that the environment names:
// USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET, and where they
// are set USERVOICE_BASE_URL and USERVOICE_CA_FILE. Without a subdomain, the base
// URL is a sandbox's, whose keys are known. The options come on top.
func NewFromEnv(options ...Option) (*Client, error) {
	subdomain, key, secret := os.Getenv("USERVOICE_SUBDOMAIN"), os.Getenv("USERVOICE_API_KEY"), os.Getenv("USERVOICE_API_SECRET")
	baseURL := os.Getenv("USERVOICE_BASE_URL")
	switch {
	case subdomain == "" && baseURL == "":
		return nil, errors.New("uservoice: no site to talk to: set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET, or USERVOICE_BASE_URL to a sandbox's URL")
	case subdomain == "":
		subdomain = "sandbox"
		key = or(key, "sandbox-trusted-key")
		secret = or(secret, "sandbox-trusted-secret")
	case key == "" || secret == "":
		return nil, errors.New("uservoice: USERVOICE_SUBDOMAIN is set: USERVOICE_API_KEY and USERVOICE_API_SECRET are needed too")
	}
	var environment []Option
	if baseURL != "" {
		environment = append(environment, WithBaseURL(baseURL))
	}
	if file := os.Getenv("USERVOICE_CA_FILE"); file != "" {
		environment = append(environment, WithCAFile(file))
	}
	return New(subdomain, key, secret, append(environment, options...)...)
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// finish makes a client that logs to where the one that it was made from does, unless the
// settings say where to.
func (s settings) finish(client *nativeClient, log *sink) (*Client, error) {
	if s.logs {
		log = nil
		if s.logger != nil {
			log = newSink(s.logger)
		}
		if err := setLog(client, log); err != nil {
			freeClient(client)
			return nil, err
		}
	}
	return &Client{handle: newHandle(client, freeClient, log)}, nil
}

// With gives another client of the same site, key and token, with options put over
// this one's. It shares connections and rate limits unless an option says where or
// how to connect, and is closed by itself.
func (c *Client) With(options ...Option) (*Client, error) {
	settings := apply(options)
	text, err := settings.json()
	if err != nil {
		return nil, err
	}
	client, err := c.clone(text)
	if err != nil {
		return nil, err
	}
	with, err := settings.finish(client, c.handle.needs)
	if err != nil {
		return nil, err
	}
	with.token = c.token
	return with, nil
}

// As gives another client whose calls act for whom the token says; the zero [Token]
// is the API key itself. It shares connections and rate limits with this one, and is
// closed by itself.
func (c *Client) As(token Token) (*Client, error) {
	as, err := c.With()
	if err != nil {
		return nil, err
	}
	as.token = token
	return as, nil
}

// Token gives whom the calls act for.
func (c *Client) Token() Token { return c.token }

// Close frees the client. Calls that are running go on, as do clients, collections
// being read and tokens that were made from it.
func (c *Client) Close() error {
	c.handle.close()
	return nil
}

// String says what it is, and never a secret.
func (c *Client) String() string { return "uservoice.Client" }

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

// Get reads. The path is one within the site, such as "/api/v1/users?page=2"; params
// are more of its query, or nil. The answer is decoded into what out points to,
// unless it is nil.
func (c *Client) Get(ctx context.Context, path string, params, out any) error {
	return c.callJSON(ctx, "GET", path, params, out)
}

// Post creates. Params become the body: a [json.RawMessage] as the JSON text that it is, a
// string as a JSON string, all else as encoding/json has it. Sent again only where it
// certainly did not arrive, or the service said that it did not take it.
func (c *Client) Post(ctx context.Context, path string, params, out any) error {
	return c.callJSON(ctx, "POST", path, params, out)
}

// Put changes. Params become the body, as those of [Client.Post].
func (c *Client) Put(ctx context.Context, path string, params, out any) error {
	return c.callJSON(ctx, "PUT", path, params, out)
}

// Delete deletes. Params become the query.
func (c *Client) Delete(ctx context.Context, path string, params, out any) error {
	return c.callJSON(ctx, "DELETE", path, params, out)
}

func (c *Client) callJSON(ctx context.Context, method, path string, params, out any) error {
	if err := checkOut(out); err != nil {
		return err
	}
	path, text, err := arguments(method, path, params)
	if err != nil {
		return err
	}
	var answer []byte
	err = c.call(ctx, func(client *nativeClient, token *nativeToken) (err error) {
		answer, err = call(client, token, method, path, text)
		return err
	})
	if err != nil {
		return err
	}
	return decode(answer, out)
}

// Response is the whole answer to a call. Printed or logged it shows its status only, with
// the exceptions that [CodeRequest] has.
type Response struct {
	Status int               `json:"status"`
	Header map[string]string `json:"headers"` // names in lower case
	Body   json.RawMessage   `json:"body"`    // a JSON string where it is not JSON, null where it is empty
}

// Format hides header and body, which may hold secrets, from fmt.
func (r Response) Format(f fmt.State, _ rune) { io.WriteString(f, r.shown()) }

// LogValue hides header and body, which may hold secrets, from log/slog, as an attribute of
// its own.
func (r Response) LogValue() slog.Value { return slog.StringValue(r.shown()) }

func (r Response) shown() string { return fmt.Sprintf("uservoice.Response{%d}", r.Status) }

// Request makes any call, with its whole answer: an error status is an answer here
// and not an error. The method is GET, HEAD or DELETE, whose params are the query, or
// POST, PUT or PATCH, whose params are the body; in lower case too. Headers that the
// library sets itself, such as Authorization, are refused.
func (c *Client) Request(ctx context.Context, method, path string, params any, headers map[string]string) (*Response, error) {
	method = upperCase(method)
	path, text, err := arguments(method, path, params)
	if err != nil {
		return nil, err
	}
	var headerText string
	if len(headers) > 0 {
		if headerText, err = encode(headers); err != nil {
			return nil, err
		}
	}
	var answer []byte
	err = c.call(ctx, func(client *nativeClient, token *nativeToken) (err error) {
		answer, err = request(client, token, method, path, text, headerText)
		return err
	})
	if err != nil {
		return nil, err
	}
	response := new(Response)
	if err := decode(answer, response); err != nil {
		return nil, err
	}
	return response, nil
}

// upperCase is that of ASCII: no method is made of letters that look like others.
func upperCase(method string) string {
	return strings.Map(func(letter rune) rune {
		if letter >= 'a' && letter <= 'z' {
			return letter - 'a' + 'A'
		}
		return letter
	}, method)
}

// arguments puts values of a URL into the query, and everything else into JSON.
func arguments(method, path string, params any) (string, string, error) {
	if values, ok := params.(url.Values); ok {
		if method != "GET" && method != "HEAD" && method != "DELETE" {
			return "", "", invalidArgument("params: %s takes JSON, not url.Values", method)
		}
		return withQuery(path, values), "", nil
	}
	if err := checkJSON("params", params); err != nil {
		return "", "", err
	}
	text, err := encode(params)
	return path, text, err
}

func withQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	if strings.Contains(path, "?") {
		return path + "&" + values.Encode()
	}
	return path + "?" + values.Encode()
}

// call runs f, which may block, with a handle of its own that ends with ctx.
func (c *Client) call(ctx context.Context, f func(*nativeClient, *nativeToken) error) error {
	client, err := c.clone("")
	if err != nil {
		return err
	}
	defer freeClient(client)
	token, err := c.token.acquire()
	if err != nil {
		return err
	}
	defer c.token.release()
	return run(ctx, client, func() error { return f(client, token) })
}

func (c *Client) clone(options string) (*nativeClient, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return nil, err
	}
	defer c.handle.release()
	return cloneClient(client, options)
}
