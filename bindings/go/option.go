package uservoice

import (
	"log/slog"
	"time"
)

// Option changes how a client works. What is not given stays as the C library has
// it, see uservoice_client_new() in its header.
type Option func(*settings)

type settings struct {
	values map[string]any
	logs   bool // whether logger was given
	logger *slog.Logger
}

func apply(options []Option) settings {
	s := settings{values: map[string]any{}}
	for _, option := range options {
		option(&s)
	}
	return s
}

// json gives the options as the C library takes them.
func (s settings) json() (string, error) {
	if len(s.values) == 0 {
		return "", nil
	}
	return encode(s.values)
}

// WithOption sets an option by its name in the C library's header: for those that
// are newer than this package.
func WithOption(name string, value any) Option {
	return func(s *settings) { s.values[name] = value }
}

// WithLogger has each attempt at a call logged, as a warning where it did not succeed, with
// the attributes method, path, status (of HTTP; 0: no answer), ms (what it took) and try, and
// where they apply held_ms (the rate limit held it back), wait_ms (until the next try) and
// error. There is never a secret in it, nor a value of the query, a header or a body. A nil
// logger turns the log off.
//
// The handler of the logger must not close the client or collection in use, and must return:
// a panic in it ends the program.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) { s.logs, s.logger = true, logger }
}

// WithProtocol sets "https" (the default) or "http", which is for a loopback host
// only.
func WithProtocol(protocol string) Option { return WithOption("protocol", protocol) }

// WithDomain sets the domain that the subdomain belongs to, uservoice.com by
// default.
func WithDomain(domain string) Option { return WithOption("uservoice_domain", domain) }

// WithBaseURL sets the site's whole origin, such as "https://feedback.example.com"
// or a sandbox's URL, instead of protocol and domain.
func WithBaseURL(url string) Option { return WithOption("base_url", url) }

// WithCallback sets where a person goes after "Allow" in a three-legged login. By
// default UserVoice shows a verifier for the person to type.
func WithCallback(url string) Option { return WithOption("callback", url) }

// WithTimeout limits one attempt at a call, from connecting to the last byte: 30
// seconds by default. A context limits the call with all its attempts.
func WithTimeout(timeout time.Duration) Option {
	return WithOption("timeout_ms", roundUp(timeout, time.Millisecond))
}

// WithConnectTimeout limits name lookup, connection and TLS: 10 seconds by default.
func WithConnectTimeout(timeout time.Duration) Option {
	return WithOption("connect_timeout_ms", roundUp(timeout, time.Millisecond))
}

// WithMaxRetries sets how often a call is tried again where that is safe: 2 by
// default.
func WithMaxRetries(retries int) Option { return WithOption("max_retries", retries) }

// WithMaxRetryWait sets how long a call waits at most when the service asks it to: a
// minute by default. A longer wait is returned, as RetryAfter of an [Error].
func WithMaxRetryWait(wait time.Duration) Option {
	return WithOption("max_retry_wait_ms", roundUp(wait, time.Millisecond))
}

// WithMaxConnections sets how many idle connections are kept: 16 by default.
func WithMaxConnections(connections int) Option {
	return WithOption("max_connections", connections)
}

// WithPrefetchPages sets how many pages are loaded ahead of a collection's reader: 4
// by default.
func WithPrefetchPages(pages int) Option { return WithOption("prefetch_pages", pages) }

// WithPerPage sets how many records a page of a collection has: 100 by default, the
// most that there can be.
func WithPerPage(records int) Option { return WithOption("per_page", records) }

// WithMaxResponseBytes sets how large an answer may be: 64 MiB by default.
func WithMaxResponseBytes(bytes int64) Option { return WithOption("max_response_bytes", bytes) }

// WithCAFile names a PEM file of the authorities to trust instead of the system's.
func WithCAFile(path string) Option { return WithOption("ca_file", path) }

// WithProxy sets a proxy, "http://user:password@host:port", instead of the
// environment's HTTPS_PROXY; "" for none.
func WithProxy(url string) Option { return WithOption("proxy", url) }

// WithUserAgent names the program, such as "MyApp/1.0", to the service.
func WithUserAgent(name string) Option { return WithOption("user_agent", name) }

// WithInsecure allows plain http to hosts other than loopback ones.
func WithInsecure() Option { return WithOption("allow_insecure", true) }

// roundUp gives a duration in whole units; a short one is not none.
func roundUp(d, unit time.Duration) int64 {
	units := d / unit
	if d%unit > 0 {
		units++
	}
	return int64(units)
}
