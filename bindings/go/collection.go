package uservoice

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"sync"
)

// Collection is a list of records that is loaded as it is read. It may be used by any
// number of goroutines at once: each loop over it reads the list for itself, while Len, At
// and Info share what they load and are made one after the other.
type Collection struct {
	client *Client
	path   string
	params string
	limit  int64
	err    error // of the arguments, told when the list is read

	// Whoever makes a call with the list that is shared: the end of one call's context
	// would end the others.
	turn chan struct{}

	mu     sync.Mutex
	shared *list // nil until it is needed
	closed bool
}

type list = cancellable[*nativeCollection]

// CollectionOption says which records a [Collection] has.
type CollectionOption func(*collectionSettings)

type collectionSettings struct {
	params any
	limit  int64
	err    error
}

// WithParams gives the collection's query: [Params], a [net/url.Values], or anything that
// encoding/json makes an object of; a [json.RawMessage] is taken as it is. A "page" is where the list begins, a "per_page"
// stands instead of [WithPerPage].
func WithParams(params any) CollectionOption {
	return func(s *collectionSettings) { s.params = params }
}

// WithLimit sets how many records there are at most.
func WithLimit(records int) CollectionOption {
	return func(s *collectionSettings) {
		s.limit = int64(records)
		if records < 0 {
			s.err = invalidArgument("limit: %d is negative", records)
		}
	}
}

// Collection makes a collection of the list at a path, such as "/api/v1/suggestions".
// Sends nothing; a wrong argument is told when the list is read.
func (c *Client) Collection(path string, options ...CollectionOption) *Collection {
	settings := collectionSettings{limit: -1}
	for _, option := range options {
		option(&settings)
	}
	path, params, err := arguments("GET", path, settings.params)
	if settings.err != nil {
		err = settings.err
	}
	return &Collection{client: c, path: path, params: params, limit: settings.limit, err: err, turn: make(chan struct{}, 1)}
}

// Format shows the path, and hides the query from fmt: it may hold what is not for a log.
func (c *Collection) Format(f fmt.State, _ rune) { io.WriteString(f, c.shown()) }

// LogValue shows log/slog what [Collection.Format] does.
func (c *Collection) LogValue() slog.Value { return slog.StringValue(c.shown()) }

func (c *Collection) shown() string {
	path, _, _ := strings.Cut(c.path, "?")
	return "uservoice.Collection{" + path + "}"
}

// All gives the records from the first to the last, as the service sent them. An error
// ends the loop, after it was given: a list never ends early in silence. A list that
// shrinks while it is read ends early, without an error.
func (c *Collection) All(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for page, err := range c.Pages(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, record := range page {
				if ctx.Err() != nil {
					yield(nil, notSent(ctx))
					return
				}
				if !yield(record, nil) {
					return
				}
			}
		}
	}
}

// Pages gives the records as [Collection.All] does, a page at a time.
func (c *Collection) Pages(ctx context.Context) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		for text, err := range c.pages(ctx, arrays) {
			var page []json.RawMessage
			if err == nil {
				err = decode(text, &page)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// WholePages gives the answers that the pages came in, as the service sent them, with what
// stands beside the records: the records that "includes" asks for, and where the page
// stands in the list ("pagination" of the Admin API, with the next page's "cursor").
//
// The last one may have more records than the limit leaves.
func (c *Collection) WholePages(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return c.pages(ctx, answers)
}

// What the C library gives as a page: the client's options say so.
const (
	arrays  = `{"whole_pages":false}`
	answers = `{"whole_pages":true}`
)

func (c *Collection) pages(ctx context.Context, as string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		list, err := c.open(as)
		if err != nil {
			yield(nil, err)
			return
		}
		defer list.close()
		for {
			var page json.RawMessage
			err := list.run(ctx, func(native *nativeCollection) (err error) {
				page, err = collectionNextPage(native)
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			if page == nil || !yield(page, nil) {
				return
			}
		}
	}
}

// Records gives the records of a collection decoded into values of a type, as
// [Collection.All] gives them raw. A record that does not fit ends the loop with an
// error.
func Records[T any](ctx context.Context, c *Collection) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range c.All(ctx) {
			var value T
			if err == nil {
				err = decode(record, &value)
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
	}
}

// Len gives how many records there are: the smaller of the limit and what the service
// said when the first page was loaded, which this does if need be.
func (c *Collection) Len(ctx context.Context) (int, error) {
	var length int
	err := c.read(ctx, func(list *nativeCollection) (err error) {
		length, err = collectionLen(list)
		return err
	})
	return length, err
}

// At decodes the record at an index, from 0, into the value that out points to. Its
// page is loaded if need be, and a few pages are kept. An index past the end is
// [ErrInvalidArgument].
func (c *Collection) At(ctx context.Context, index int, out any) error {
	if index < 0 {
		return invalidArgument("index: %d is negative", index)
	}
	return c.readJSON(ctx, out, func(list *nativeCollection) ([]byte, error) {
		return collectionGet(list, index)
	})
}

// Info decodes the paging object that the service sent with the page that [Collection.Len]
// or [Collection.At] loaded last ("response_data" of API v1, "pagination" of the Admin API);
// the first page is loaded if none is.
func (c *Collection) Info(ctx context.Context, out any) error {
	return c.readJSON(ctx, out, collectionInfo)
}

// Rewind forgets what [Collection.Len], [Collection.At] and [Collection.Info] loaded.
// A loop always reads anew.
func (c *Collection) Rewind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared == nil {
		return
	}
	if native, err := c.shared.native.acquire(); err == nil {
		rewind(native)
		c.shared.native.release()
	}
}

// Close frees what [Collection.Len], [Collection.At] and [Collection.Info] loaded. Calls
// and loops that are running go on.
func (c *Collection) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.forget()
	return nil
}

func (c *Collection) readJSON(ctx context.Context, out any, get func(*nativeCollection) ([]byte, error)) error {
	if err := checkOut(out); err != nil {
		return err
	}
	var text []byte
	err := c.read(ctx, func(list *nativeCollection) (err error) {
		text, err = get(list)
		return err
	})
	if err != nil {
		return err
	}
	return decode(text, out)
}

// read runs f, which may block, with the shared list.
func (c *Collection) read(ctx context.Context, f func(*nativeCollection) error) error {
	if c.client == nil { // there is no turn to wait for
		return ErrClosed
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return notSent(ctx)
	}
	list, err := c.share()
	if err != nil {
		return err
	}
	err = list.run(ctx, f)
	if ctx.Err() != nil { // the list may have been cancelled, which is for good
		c.mu.Lock()
		defer c.mu.Unlock()
		c.forget()
	}
	return err
}

func (c *Collection) share() (*list, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared != nil {
		return c.shared, nil
	}
	list, err := c.openLocked("")
	c.shared = list
	return list, err
}

func (c *Collection) forget() {
	if c.shared != nil {
		c.shared.close()
		c.shared = nil
	}
}

func (c *Collection) open(options string) (*list, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.openLocked(options)
}

func (c *Collection) openLocked(options string) (*list, error) {
	if c.err != nil {
		return nil, c.err
	}
	if c.closed || c.client == nil {
		return nil, ErrClosed
	}
	return open(c.client, options, func(client *nativeClient, token *nativeToken) (*nativeCollection, error) {
		return newCollection(client, token, c.path, c.params, c.limit)
	}, freeCollection)
}
