package uservoice

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// The types in this file hold secrets or personal data. fmt and log/slog show a summary of them
// instead. encoding/json does not: it is how they are stored.

// A redacted value has a summary without secrets and personal data.
type redacted interface{ summary() string }

// format writes the summary for every verb. It is not called for %p and for %w outside of
// fmt.Errorf, which go vet reports.
func format(f fmt.State, value redacted) { io.WriteString(f, value.summary()) }

// logValue returns the summary for log/slog, which calls it only for a value that is itself an
// attribute.
func logValue(value redacted) slog.Value { return slog.StringValue(value.summary()) }

func (c *Client) summary() string { return "uservoice.Client" }

// String returns "uservoice.Client", which contains no secrets.
func (c *Client) String() string { return c.summary() }

// GoString returns what [Client.String] does, for %#v.
func (c *Client) GoString() string { return c.summary() }

func (t Token) summary() string {
	if t.IsZero() {
		return "uservoice.Token{}"
	}
	return "uservoice.Token{secret}"
}

// String returns a placeholder that hides the token.
func (t Token) String() string { return t.summary() }

// GoString returns what [Token.String] does, for %#v.
func (t Token) GoString() string { return t.summary() }

// LogValue implements [slog.LogValuer]. It hides the token.
func (t Token) LogValue() slog.Value { return logValue(t) }

func (r AuthorizationRequest) summary() string { return "uservoice.AuthorizationRequest{secret}" }

// Format implements [fmt.Formatter]. It hides the contents.
func (r AuthorizationRequest) Format(f fmt.State, _ rune) { format(f, r) }

// LogValue implements [slog.LogValuer]. It hides the contents.
func (r AuthorizationRequest) LogValue() slog.Value { return logValue(r) }

func (r Response) summary() string { return "uservoice.Response{" + strconv.Itoa(r.Status) + "}" }

// Format implements [fmt.Formatter]. It shows the status, and hides headers and body.
func (r Response) Format(f fmt.State, _ rune) { format(f, r) }

// LogValue implements [slog.LogValuer]. It shows the status, and hides headers and body.
func (r Response) LogValue() slog.Value { return logValue(r) }

func (w Webhook) summary() string { return "uservoice.Webhook{" + w.Event + "}" }

// Format implements [fmt.Formatter]. It shows the event, and hides the data.
func (w Webhook) Format(f fmt.State, _ rune) { format(f, w) }

// LogValue implements [slog.LogValuer]. It shows the event, and hides the data.
func (w Webhook) LogValue() slog.Value { return logValue(w) }

func (c *Collection) summary() string {
	path, _, _ := strings.Cut(c.path, "?")
	return "uservoice.Collection{" + path + "}"
}

// Format implements [fmt.Formatter]. It shows the path, and hides the query.
func (c *Collection) Format(f fmt.State, _ rune) { format(f, c) }

// LogValue implements [slog.LogValuer]. It shows the path, and hides the query.
func (c *Collection) LogValue() slog.Value { return logValue(c) }
