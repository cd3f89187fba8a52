package uservoice

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// Export writes collections into files of a directory, which it creates if necessary. It returns
// an iterator that writes a few pages in each iteration:
//
//	for progress, err := range client.Export(ctx, "backup", uservoice.WithResources("suggestions", "users")) {
//
// NAME.jsonl has the records of a collection, one per line, and state.json the state of the export.
// If an export is interrupted, even by a crash or a power failure, the next export with the same
// options resumes it: no record is lost or written twice. After a complete export, the next one
// appends the records that have changed since. docs/guides/exports.md in the repository describes
// the files.
//
// Up to four collections are loaded at once, ahead of the loop and within the rate limit. Only one
// export may use a directory at a time.
//
// After an error, which is yielded, the iteration stops. If the error concerns one collection, its
// message names it. The error is [ErrFile] if a file cannot be read or written, and
// [ErrInvalidArgument] also if the directory has an export with other options. If a loop ends
// early, the next export resumes there.
func (c *Client) Export(ctx context.Context, directory string, options ...ExportOption) iter.Seq2[Progress, error] {
	return func(yield func(Progress, error) bool) {
		export, err := c.newExport(directory, options)
		if err != nil {
			yield(Progress{}, err)
			return
		}
		defer export.close()
		for {
			var progressJSON []byte
			err := export.run(ctx, func(native *nativeExport) (err error) {
				progressJSON, err = exportNext(native)
				return err
			})
			if err != nil {
				yield(Progress{}, err)
				return
			}
			if progressJSON == nil {
				return
			}
			progress, err := parseProgress(progressJSON)
			if !yield(progress, err) || err != nil {
				return
			}
		}
	}
}

func (c *Client) newExport(directory string, options []ExportOption) (*cancellable[*nativeExport], error) {
	settings := exportSettings{Resources: []resourceSettings{}} // encoded as [] if empty, not as null
	for _, option := range options {
		if option == nil {
			return nil, errNilOption()
		}
		option(&settings)
	}
	if settings.err != nil {
		return nil, settings.err
	}
	optionsJSON, err := encode("options", settings)
	if err != nil {
		return nil, err
	}
	return newCancellable(c, "", func(client *nativeClient, token *nativeToken) (*nativeExport, error) {
		return newExport(client, token, directory, optionsJSON)
	}, freeExport)
}

// ExportOption configures [Client.Export].
type ExportOption func(*exportSettings)

// exportSettings are the options of uservoice_export_new.
type exportSettings struct {
	Resources []resourceSettings `json:"resources"`
	Format    Format             `json:"format,omitempty"`
	Since     string             `json:"since,omitempty"`
	Until     string             `json:"until,omitempty"`

	err error // an invalid argument, reported by the export
}

type resourceSettings struct {
	Name        string          `json:"name"`
	Path        string          `json:"path,omitempty"`
	Params      json.RawMessage `json:"params,omitempty"`
	Columns     []string        `json:"columns,omitempty"`
	Incremental *bool           `json:"incremental,omitempty"`
}

// Resource is a collection to export.
type Resource struct {
	Name    string   // the file's name without extension: letters, digits, '-' and '_'
	Path    string   // of either API; "" means /api/v2/admin/NAME
	Params  any      // added to the query: [Params] or another type listed there, except [net/url.Values]
	Columns []string // the columns of CSV; nil means the fields of the first records

	// FullRefresh replaces the file with all records in each export, instead of appending the
	// records that have changed. Collections of API v1 are always exported like this.
	FullRefresh bool
}

// WithResources adds collections of the Admin API by their names, such as "suggestions".
func WithResources(names ...string) ExportOption {
	return func(s *exportSettings) {
		for _, name := range names {
			s.Resources = append(s.Resources, resourceSettings{Name: name})
		}
	}
}

// WithResource adds a collection.
func WithResource(r Resource) ExportOption {
	return func(s *exportSettings) {
		params, err := encodeChecked("params", r.Params)
		if err == nil && params != "" && !json.Valid([]byte(params)) { // a json.RawMessage
			err = invalidArgument("params", "must be valid JSON")
		}
		if err != nil {
			s.err = err
			return
		}
		settings := resourceSettings{Name: r.Name, Path: r.Path, Params: json.RawMessage(params), Columns: r.Columns}
		if r.FullRefresh {
			settings.Incremental = new(bool)
		}
		s.Resources = append(s.Resources, settings)
	}
}

// Format is the file format of an export.
type Format string

// The file formats of an export.
const (
	// JSONLines has one record per line, as the service sent it. It is the default.
	JSONLines Format = "jsonl"
	// CSV has a header. Strings are written as they are, other values as JSON. The column "other"
	// has the fields that have no column.
	CSV Format = "csv"
)

// WithFormat sets the file format, [JSONLines] or [CSV].
func WithFormat(format Format) ExportOption {
	return func(s *exportSettings) { s.Format = format }
}

// WithSince exports only records that were updated at t or later.
func WithSince(t time.Time) ExportOption {
	return func(s *exportSettings) { s.Since = formatTime(t) }
}

// WithUntil exports only records that were updated before t.
func WithUntil(t time.Time) ExportOption {
	return func(s *exportSettings) { s.Until = formatTime(t) }
}

func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Progress is the progress of an export.
type Progress struct {
	Resources map[string]ResourceProgress // by name
	Written   int                         // number of records, including those written before an interruption
	Total     int                         // expected number of records, -1 if unknown
	Elapsed   time.Duration               // since the loop began
	TimeLeft  time.Duration               // estimated, -1 if unknown

	RecordsPerSecond float64 // since the loop began
}

// ResourceProgress is the progress of one collection of an export.
type ResourceProgress struct {
	Written int  // number of records
	Total   int  // expected number of records, -1 if unknown
	Done    bool // whether the collection is complete
}

func parseProgress(data []byte) (Progress, error) {
	type counts struct {
		Written int
		Total   *int
		Done    bool
	}
	var parsed struct {
		counts
		Resources        map[string]counts
		ElapsedMS        int64    `json:"elapsed_ms"`
		RecordsPerSecond float64  `json:"records_per_second"`
		SecondsLeft      *float64 `json:"seconds_left"`
	}
	if err := json.Unmarshal(data, &parsed); err != nil {
		return Progress{}, err
	}
	progress := Progress{
		Resources:        make(map[string]ResourceProgress, len(parsed.Resources)),
		Written:          parsed.Written,
		Total:            orUnknown(parsed.Total),
		Elapsed:          time.Duration(parsed.ElapsedMS) * time.Millisecond,
		TimeLeft:         -1,
		RecordsPerSecond: parsed.RecordsPerSecond,
	}
	if parsed.SecondsLeft != nil {
		progress.TimeLeft = time.Duration(*parsed.SecondsLeft * float64(time.Second))
	}
	for name, resource := range parsed.Resources {
		progress.Resources[name] = ResourceProgress{resource.Written, orUnknown(resource.Total), resource.Done}
	}
	return progress, nil
}

// orUnknown returns -1 for nil.
func orUnknown(count *int) int {
	if count == nil {
		return -1
	}
	return *count
}
