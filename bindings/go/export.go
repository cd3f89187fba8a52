package uservoice

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// Export writes lists into files of a directory, which it makes where there is none, a page
// in each turn of the loop:
//
//	for progress, err := range client.Export(ctx, "backup", uservoice.WithResources("suggestions", "users")) {
//
// NAME.jsonl holds the records of a list, one a line, and state.json how far the export is.
// Whatever ends it, its context, an error, a kill or a loss of power, no record is lost and
// none written twice: called again with the same options, it goes on where it was. After one
// that came to its end, it appends what has changed since; see uservoice_export_new() in the
// C library's header for what is in the files.
//
// Up to four lists are loaded at once, ahead of the loop and within the rate limit. One export
// at a time may use a directory.
//
// An error ends the loop, after it was given; where it is one list's, its message begins with
// the name of the list. [ErrFile] is one of the disk, [ErrInvalidArgument] also tells of a
// directory that holds an export with other options. A loop that is left early leaves the
// rest for the next time.
func (c *Client) Export(ctx context.Context, directory string, options ...ExportOption) iter.Seq2[Progress, error] {
	return func(yield func(Progress, error) bool) {
		export, err := c.openExport(directory, options)
		if err != nil {
			yield(Progress{}, err)
			return
		}
		defer export.close()
		for {
			var text []byte
			err := export.run(ctx, func(native *nativeExport) (err error) {
				text, err = exportNext(native)
				return err
			})
			if err != nil {
				yield(Progress{}, err)
				return
			}
			if text == nil {
				return
			}
			progress, err := parseProgress(text)
			if !yield(progress, err) || err != nil {
				return
			}
		}
	}
}

func (c *Client) openExport(directory string, options []ExportOption) (*cancellable[*nativeExport], error) {
	settings := exportSettings{Resources: []resource{}} // none are an empty array, not null
	for _, option := range options {
		option(&settings)
	}
	for _, r := range settings.Resources {
		if err := checkJSON("params", r.Params); err != nil {
			return nil, err
		}
	}
	text, err := encode(settings)
	if err != nil {
		return nil, err
	}
	return open(c, "", func(client *nativeClient, token *nativeToken) (*nativeExport, error) {
		return newExport(client, token, directory, text)
	}, freeExport)
}

// ExportOption says what [Client.Export] writes.
type ExportOption func(*exportSettings)

// As the C library takes them.
type exportSettings struct {
	Resources []resource `json:"resources"`
	Format    Format     `json:"format,omitempty"`
	Since     *time.Time `json:"since,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
}

type resource struct {
	Name        string   `json:"name"`
	Path        string   `json:"path,omitempty"`
	Params      any      `json:"params,omitempty"`
	Columns     []string `json:"columns,omitempty"`
	Incremental *bool    `json:"incremental,omitempty"`
}

// Resource is a list to export.
type Resource struct {
	Name    string   // of its file: letters, digits, '-' and '_'
	Path    string   // of the list, also one of API v1; "" is /api/v2/admin/NAME
	Params  any      // more of its query, as of [WithParams], but no [net/url.Values]
	Columns []string // of CSV; nil: those that the first records have

	// Whole has the whole list written each time, into a file that takes the place of the
	// one before, instead of what has changed since. The lists of API v1 know no other way.
	Whole bool
}

// WithResources adds lists of the Admin API by their names, such as "suggestions".
func WithResources(names ...string) ExportOption {
	return func(s *exportSettings) {
		for _, name := range names {
			s.Resources = append(s.Resources, resource{Name: name})
		}
	}
}

// WithResource adds a list.
func WithResource(r Resource) ExportOption {
	return func(s *exportSettings) {
		added := resource{Name: r.Name, Path: r.Path, Params: r.Params, Columns: r.Columns}
		if r.Whole {
			added.Incremental = new(bool)
		}
		s.Resources = append(s.Resources, added)
	}
}

// Format is how the records are written.
type Format string

// The formats of an export.
const (
	// JSONLines is one record a line, as the service sent it: the default.
	JSONLines Format = "jsonl"
	// CSV has a header. Texts are written as they are, all else as its JSON, and the column
	// "other" has what has no column.
	CSV Format = "csv"
)

// WithFormat sets [JSONLines] or [CSV].
func WithFormat(format Format) ExportOption {
	return func(s *exportSettings) { s.Format = format }
}

// WithSince leaves out the records that were updated before that moment.
func WithSince(moment time.Time) ExportOption {
	return func(s *exportSettings) { s.Since = &moment }
}

// WithUntil leaves out the records that were updated at that moment or later.
func WithUntil(moment time.Time) ExportOption {
	return func(s *exportSettings) { s.Until = &moment }
}

// Progress is how far an export is.
type Progress struct {
	Resources map[string]ResourceProgress // by name
	Written   int                         // records, what was written before an interruption included
	Total     int                         // how many there will be, -1 while that is not known
	Elapsed   time.Duration               // since the loop began
	TimeLeft  time.Duration               // -1 while it is not known

	RecordsPerSecond float64 // read since the loop began
}

// ResourceProgress is how far the export of one list is.
type ResourceProgress struct {
	Written int
	Total   int // -1 while it is not known
	Done    bool
}

func parseProgress(text []byte) (Progress, error) {
	type counts struct {
		Written int
		Total   *int
		Done    bool
	}
	var told struct {
		counts
		Resources   map[string]counts
		ElapsedMS   int64    `json:"elapsed_ms"`
		Rate        float64  `json:"records_per_second"`
		SecondsLeft *float64 `json:"seconds_left"`
	}
	if err := json.Unmarshal(text, &told); err != nil {
		return Progress{}, err
	}
	progress := Progress{
		Resources:        make(map[string]ResourceProgress, len(told.Resources)),
		Written:          told.Written,
		Total:            orUnknown(told.Total),
		Elapsed:          time.Duration(told.ElapsedMS) * time.Millisecond,
		TimeLeft:         -1,
		RecordsPerSecond: told.Rate,
	}
	if told.SecondsLeft != nil {
		progress.TimeLeft = time.Duration(*told.SecondsLeft * float64(time.Second))
	}
	for name, one := range told.Resources {
		progress.Resources[name] = ResourceProgress{one.Written, orUnknown(one.Total), one.Done}
	}
	return progress, nil
}

func orUnknown(number *int) int {
	if number == nil {
		return -1
	}
	return *number
}
