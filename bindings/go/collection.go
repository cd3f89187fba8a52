package uservoice

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"sync"
)

// Collection is a lazily loaded sequence of records. It is safe for concurrent use by multiple
// goroutines: each loop loads the records independently, while Len, At and Info share the pages
// they load, and run one at a time.
type Collection struct {
	client  *Client
	path    string
	params  string // JSON
	limit   int64
	options map[string]any // by their names in the C library
	err     error          // an invalid argument, reported on first use

	// sharedTurn is held by the call that uses shared, because cancelling one call's context would
	// cancel every other call. It is a channel so that waiting for it ends with the context.
	sharedTurn chan struct{}

	mu     sync.Mutex
	shared *nativeReader // used by Len, At and Info; nil until it is needed
	closed bool
}

type nativeReader = cancellable[*nativeCollection]

// CollectionOption configures a [Collection]. [WithPerPage] and [WithPrefetchPages] are others.
type CollectionOption interface{ applyToCollection(*collectionSettings) }

type collectionOption func(*collectionSettings)

func (f collectionOption) applyToCollection(s *collectionSettings) { f(s) }

type collectionSettings struct {
	params  any
	limit   int64
	options map[string]any
	err     error
}

// WithParams sets the query of the collection, as [Params] or another type that is listed there.
// The parameter page is the page to begin at; per_page overrides [WithPerPage].
func WithParams(params any) CollectionOption {
	return collectionOption(func(s *collectionSettings) { s.params = params })
}

// WithLimit sets the maximum number of records.
func WithLimit(records int) CollectionOption {
	return collectionOption(func(s *collectionSettings) {
		s.limit, s.err = int64(records), nil
		if records < 0 {
			s.err = invalidArgument("WithLimit", "must be 0 or more (got %d)", records)
		}
	})
}

// Collection returns the collection of the records at a path, such as "/api/v1/suggestions". It
// sends no request. An invalid argument is reported when the collection is first used.
func (c *Client) Collection(path string, options ...CollectionOption) *Collection {
	settings := collectionSettings{limit: -1, options: map[string]any{}}
	for _, option := range options {
		if option == nil {
			settings.err = errNilOption()
			break
		}
		option.applyToCollection(&settings)
	}
	path, params, err := encodeParams("GET", path, settings.params)
	if settings.err != nil {
		err = settings.err
	}
	return &Collection{
		client: c, path: path, params: params, limit: settings.limit, options: settings.options, err: err,
		sharedTurn: make(chan struct{}, 1),
	}
}

// All returns an iterator over the records, each as JSON as the service sent it. After an error,
// which is yielded, the iteration stops: a collection never ends early without an error. Records
// that are deleted on the site during the iteration may be missing.
func (c *Collection) All(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for page, err := range c.Pages(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, record := range page {
				if ctx.Err() != nil {
					yield(nil, notSentError(ctx))
					return
				}
				if !yield(record, nil) {
					return
				}
			}
		}
	}
}

// Pages returns an iterator over the pages, each with its records as [Collection.All] yields them.
func (c *Collection) Pages(ctx context.Context) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		for records, err := range c.pages(ctx, false) {
			var page []json.RawMessage
			if err == nil {
				err = decode(records, &page)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// WholePages returns an iterator over the response bodies of the pages. Besides the records, they
// contain those that the parameter includes adds, and the paging object ("response_data" of API
// v1, "pagination" of the Admin API, with the cursor of the next page).
//
// The last page may have more records than [WithLimit] permits.
func (c *Collection) WholePages(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return c.pages(ctx, true)
}

func (c *Collection) pages(ctx context.Context, whole bool) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		reader, err := c.newReader(whole)
		if err != nil {
			yield(nil, err)
			return
		}
		defer reader.close()
		for {
			var page json.RawMessage
			err := reader.run(ctx, func(native *nativeCollection) (err error) {
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

// Records returns an iterator over the records of a collection, like [Collection.All], decoded
// into values of the type T. If a record cannot be decoded, the iteration stops with an error.
func Records[T any](ctx context.Context, c *Collection) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range c.All(ctx) {
			var value T
			if err == nil {
				err = decodeResponse("GET", c.path, record, &value)
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
	}
}

// Len returns the number of records: the smaller of the limit and the total that the service
// reported with the first page. It loads the first page if necessary. If the service reports no
// total, the error is [ErrBadResponse]; loop over the records to count them.
func (c *Collection) Len(ctx context.Context) (int, error) {
	var length int
	err := c.withShared(ctx, func(collection *nativeCollection) (err error) {
		length, err = collectionLen(collection)
		return err
	})
	return length, err
}

// At decodes the record at an index, which begins at 0, into the value that out points to. It
// loads the page of the record if necessary; a few pages are cached. An index out of range is an
// [ErrInvalidArgument].
func (c *Collection) At(ctx context.Context, index int, out any) error {
	if index < 0 {
		return invalidArgument("index", "must be 0 or more (got %d)", index)
	}
	return c.decodeShared(ctx, out, func(collection *nativeCollection) ([]byte, error) {
		return collectionGet(collection, index)
	})
}

// Info decodes the paging object of the page that [Collection.Len] or [Collection.At] loaded last
// ("response_data" of API v1, "pagination" of the Admin API) into the value that out points to. It
// loads the first page if none was loaded.
func (c *Collection) Info(ctx context.Context, out any) error {
	return c.decodeShared(ctx, out, collectionInfo)
}

// Rewind discards the pages that [Collection.Len], [Collection.At] and [Collection.Info] loaded,
// so that they load them again. Loops over the collection always load the pages again.
func (c *Collection) Rewind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared == nil {
		return
	}
	if object, err := c.shared.handle.acquire(); err == nil {
		rewindCollection(object.native)
		c.shared.handle.release()
	}
}

// Close frees the pages that [Collection.Len], [Collection.At] and [Collection.Info] loaded. It
// neither waits for running calls and loops nor cancels them.
func (c *Collection) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.closeShared()
	return nil
}

func (c *Collection) decodeShared(ctx context.Context, out any, get func(*nativeCollection) ([]byte, error)) error {
	if err := checkOut("out", out); err != nil {
		return err
	}
	var data []byte
	err := c.withShared(ctx, func(collection *nativeCollection) (err error) {
		data, err = get(collection)
		return err
	})
	if err != nil {
		return err
	}
	return decodeResponse("GET", c.path, data, out)
}

// withShared runs f, which may block, with the shared reader.
func (c *Collection) withShared(ctx context.Context, f func(*nativeCollection) error) error {
	if c.client == nil { // a zero Collection, whose sharedTurn is nil
		return ErrClosed
	}
	if err := checkContext(ctx); err != nil {
		return err
	}
	select {
	case c.sharedTurn <- struct{}{}:
		defer func() { <-c.sharedTurn }()
	case <-ctx.Done():
		return notSentError(ctx)
	}
	reader, err := c.sharedReader()
	if err != nil {
		return err
	}
	err = reader.run(ctx, f)
	if ctx.Err() != nil { // the reader may be cancelled, which is permanent
		c.mu.Lock()
		defer c.mu.Unlock()
		c.closeShared()
	}
	return err
}

func (c *Collection) sharedReader() (*nativeReader, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared != nil {
		return c.shared, nil
	}
	reader, err := c.newReaderLocked(false)
	c.shared = reader
	return reader, err
}

// closeShared requires the lock.
func (c *Collection) closeShared() {
	if c.shared != nil {
		c.shared.close()
		c.shared = nil
	}
}

func (c *Collection) newReader(wholePages bool) (*nativeReader, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newReaderLocked(wholePages)
}

func (c *Collection) newReaderLocked(wholePages bool) (*nativeReader, error) {
	if c.err != nil {
		return nil, c.err
	}
	if c.closed || c.client == nil {
		return nil, ErrClosed
	}
	options := map[string]any{"whole_pages": wholePages}
	maps.Copy(options, c.options)
	optionsJSON, err := encode("options", options)
	if err != nil {
		return nil, err
	}
	return newCancellable(c.client, optionsJSON, func(client *nativeClient, token *nativeToken) (*nativeCollection, error) {
		return newCollection(client, token, c.path, c.params, c.limit)
	}, freeCollection)
}
