package uservoice

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"
)

// Option configures a [Client]. uservoice_client_new in the C library's header lists all options
// with their defaults.
type Option interface{ apply(*settings) }

type option func(*settings)

func (f option) apply(s *settings) { f(s) }

// PageOption is an [Option] and a [CollectionOption]: for a collection, it overrides the client's.
type PageOption struct {
	name  string
	value any
}

func (o PageOption) apply(s *settings) { s.values[o.name] = o.value }

func (o PageOption) applyToCollection(s *collectionSettings) { s.options[o.name] = o.value }

type settings struct {
	values   map[string]any // by their names in the C library
	observer observer
	calls    callLimit
	err      error

	maxRequestBytes int64
}

// defaultSettings has the defaults of what the C library does not know. It limits the size of a
// request to 64 MiB, too.
func defaultSettings() settings {
	return settings{calls: make(callLimit, defaultMaxConcurrentCalls), maxRequestBytes: 64 << 20}
}

// language is what the headers User-Agent and API-Client name.
var language = WithOption("language", "go")

// apply returns the defaults with the options applied.
func apply(defaults settings, options []Option) (settings, error) {
	s := defaults
	s.values = map[string]any{}
	for _, option := range options {
		if option == nil {
			return s, errNilOption()
		}
		option.apply(&s)
	}
	return s, s.err
}

func errNilOption() error { return invalidArgument("options", "must not contain nil") }

// json returns the options for the C library, "" for none.
func (s settings) json() (string, error) {
	if len(s.values) == 0 {
		return "", nil
	}
	members := make(map[string]json.RawMessage, len(s.values))
	for name, value := range s.values {
		member, err := json.Marshal(value)
		if err != nil {
			return "", invalidArgument(goArgument("options."+name), "cannot encode %T as JSON: %v", value, err)
		}
		members[name] = member
	}
	return encode("options", members)
}

// optionFunctions has the functions that set options of the C library.
var optionFunctions = map[string]string{
	"protocol":             "WithProtocol",
	"uservoice_domain":     "WithDomain",
	"base_url":             "WithBaseURL",
	"callback":             "WithCallback",
	"timeout_ms":           "WithTimeout",
	"connect_timeout_ms":   "WithConnectTimeout",
	"max_retries":          "WithMaxRetries",
	"max_retry_wait_ms":    "WithMaxRetryWait",
	"max_idle_connections": "WithMaxIdleConnections",
	"prefetch_pages":       "WithPrefetchPages",
	"per_page":             "WithPerPage",
	"max_request_bytes":    "WithMaxRequestBytes",
	"max_response_bytes":   "WithMaxResponseBytes",
	"ca_file":              "WithCAFile",
	"proxy":                "WithProxy",
	"user_agent":           "WithUserAgent",
	"allow_insecure":       "WithInsecure",
	"resources":            "WithResource", // of an export, like the following
	"format":               "WithFormat",
	"since":                "WithSince",
	"until":                "WithUntil",
}

// WithOption sets an option by its name in the C library's header. It is for options that are
// newer than this package.
func WithOption(name string, value any) Option {
	return option(func(s *settings) { s.values[name] = value })
}

// WithLogger logs each attempt of a request with the context of its call: as a warning if it
// failed, else at the level debug. The attributes are method, path, status (of HTTP; 0 without a
// response), duration_ms and attempt, and if they apply rate_limit_wait_ms (before the attempt),
// retry_in_ms and error. Values of the query, headers and bodies are never logged. A nil logger
// turns logging off.
//
// The log handler must return, because a panic in it ends the program, and it must not close the
// client or collection that is in use. The call that it observes resumes only afterwards: a handler
// that makes a call of its own waits for ever if that reaches the limit of [WithMaxConcurrentCalls].
func WithLogger(logger *slog.Logger) Option {
	return option(func(s *settings) { s.observer.logger = logger })
}

// WithAttemptHook calls a function after each attempt of a request, on a goroutine that waits for
// it, with the context of the call: for metrics, or to add a span to the trace of the context. The
// rules for a log handler ([WithLogger]) hold for the hook. A nil hook removes it.
func WithAttemptHook(hook func(ctx context.Context, attempt Attempt)) Option {
	return option(func(s *settings) { s.observer.hook = hook })
}

// WithMaxConcurrentCalls sets how many calls of the client and of those derived from it run at
// once. Each needs an operating-system thread. Further calls wait for their turn, or until their
// context ends. The default is 256. A client that sets it with [Client.With] has a limit of its own.
func WithMaxConcurrentCalls(calls int) Option {
	return option(func(s *settings) {
		if calls < 1 {
			s.err = invalidArgument("WithMaxConcurrentCalls", "must be 1 or more (got %d)", calls)
			return
		}
		s.calls = make(callLimit, calls)
	})
}

// WithProtocol sets the protocol, "https" (the default) or "http". "http" is only for loopback
// hosts, unless [WithInsecure] is set.
func WithProtocol(protocol string) Option { return WithOption("protocol", protocol) }

// WithDomain sets the domain of which the site is a subdomain. The default is uservoice.com.
func WithDomain(domain string) Option { return WithOption("uservoice_domain", domain) }

// WithBaseURL sets the origin of the site, such as "https://feedback.example.com" or the URL of a
// sandbox. It replaces the protocol, the subdomain and the domain.
func WithBaseURL(url string) Option { return WithOption("base_url", url) }

// WithCallback sets the URL that UserVoice redirects the user to in a three-legged login. By
// default, UserVoice shows a verifier for the user to type.
func WithCallback(url string) Option { return WithOption("callback", url) }

// WithTimeout sets the timeout of one attempt, from connecting to the last byte of the response.
// The default is 30 seconds. A context limits a call with all its attempts.
func WithTimeout(timeout time.Duration) Option {
	return WithOption("timeout_ms", roundAwayFromZero(timeout, time.Millisecond))
}

// WithConnectTimeout sets the timeout of name lookup, connecting and TLS together. The default is
// 10 seconds.
func WithConnectTimeout(timeout time.Duration) Option {
	return WithOption("connect_timeout_ms", roundAwayFromZero(timeout, time.Millisecond))
}

// WithMaxRetries sets how often a request is retried, if that is safe. The default is 2.
func WithMaxRetries(retries int) Option { return WithOption("max_retries", retries) }

// WithMaxRetryWait sets the longest wait that the service may ask for before a retry. The default
// is one minute. A longer wait is not slept but returned as [Error.RetryAfter].
func WithMaxRetryWait(wait time.Duration) Option {
	return WithOption("max_retry_wait_ms", roundAwayFromZero(wait, time.Millisecond))
}

// WithMaxIdleConnections sets the number of idle connections to keep open. The default is 16.
func WithMaxIdleConnections(connections int) Option {
	return WithOption("max_idle_connections", connections)
}

// WithPrefetchPages sets how many pages a collection prefetches. The default is 4.
func WithPrefetchPages(pages int) PageOption { return PageOption{"prefetch_pages", pages} }

// WithPerPage sets the number of records per page of a collection. The default is 100, which is
// also the maximum.
func WithPerPage(records int) PageOption { return PageOption{"per_page", records} }

// WithMaxRequestBytes sets the maximum size of a request body, and of what [Client.Send] and
// [Client.Upload] read. The default is 64 MiB.
func WithMaxRequestBytes(bytes int64) Option {
	return option(func(s *settings) {
		s.maxRequestBytes = bytes
		WithOption("max_request_bytes", bytes).apply(s)
	})
}

// WithMaxResponseBytes sets the maximum size of a response. The default is 64 MiB.
func WithMaxResponseBytes(bytes int64) Option { return WithOption("max_response_bytes", bytes) }

// WithCAFile sets a PEM file of certificate authorities to trust instead of the system's.
func WithCAFile(path string) Option { return WithOption("ca_file", path) }

// WithProxy sets the URL of a proxy, such as "http://user:password@host:port", or "" for none. By
// default, the environment variable HTTPS_PROXY and its like are used.
func WithProxy(url string) Option { return WithOption("proxy", url) }

// WithUserAgent adds the name of the program, such as "MyApp/1.0", to the User-Agent header.
func WithUserAgent(name string) Option { return WithOption("user_agent", name) }

// WithInsecure permits plain http to hosts other than loopback hosts.
func WithInsecure() Option { return WithOption("allow_insecure", true) }

// roundAwayFromZero converts a duration to a number of units. A short timeout does not become 0, and
// a negative duration does not become 0, which can mean a default.
func roundAwayFromZero(d, unit time.Duration) int64 {
	units := d / unit
	switch remainder := d % unit; {
	case remainder > 0:
		units++
	case remainder < 0:
		units--
	}
	return int64(units)
}
