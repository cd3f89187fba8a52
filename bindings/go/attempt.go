package uservoice

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Attempt is one transmission of a request. A request that is retried has several.
type Attempt struct {
	Method        string
	Path          string        // with the names of the query's parameters, without their values
	Number        int           // 1, 2 and so on within the call
	Status        int           // the HTTP status code; 0 without a response
	Duration      time.Duration // in milliseconds, from connecting to the last byte
	RateLimitWait time.Duration // how long the attempt waited for the rate limit before
	Retries       bool          // whether another attempt follows
	RetryIn       time.Duration // the wait before the next attempt
	Error         string        // why the attempt failed, or ""; contains no secrets
}

// An observer receives the attempts of a client's requests. The zero observer ignores them.
type observer struct {
	logger *slog.Logger
	hook   func(context.Context, Attempt)
}

func (o observer) isZero() bool { return o.logger == nil && o.hook == nil }

// observe reports an attempt of a call with the context ctx. The line is one of the C library's log.
func (o observer) observe(ctx context.Context, level slog.Level, line string) {
	attrs := parseLogLine(line)
	if o.logger != nil {
		o.logger.LogAttrs(ctx, level, "uservoice", attrs...)
	}
	if o.hook != nil {
		o.hook(ctx, attemptOf(attrs))
	}
}

func attemptOf(attrs []slog.Attr) (a Attempt) {
	for _, attr := range attrs {
		number := func() int64 {
			if attr.Value.Kind() != slog.KindInt64 {
				return 0
			}
			return attr.Value.Int64()
		}
		milliseconds := func() time.Duration { return time.Duration(number()) * time.Millisecond }
		switch attr.Key {
		case "method":
			a.Method = attr.Value.String()
		case "path":
			a.Path = attr.Value.String()
		case "attempt":
			a.Number = int(number())
		case "status":
			a.Status = int(number())
		case "duration_ms":
			a.Duration = milliseconds()
		case "rate_limit_wait_ms":
			a.RateLimitWait = milliseconds()
		case "retry_in_ms":
			a.Retries, a.RetryIn = true, milliseconds()
		case "error":
			a.Error = attr.Value.String()
		}
	}
	return a
}

// parseLogLine parses a line such as
//
//	method=GET path=/api/v1/users?page status=0 duration_ms=12 attempt=1 error="a JSON string"
//
// Only the error, which is last, may contain spaces.
func parseLogLine(line string) []slog.Attr {
	line, quoted, hasError := strings.Cut(line, ` error="`)
	var attrs []slog.Attr
	for _, field := range strings.Fields(line) {
		name, value, _ := strings.Cut(field, "=")
		if number, err := strconv.Atoi(value); err == nil {
			attrs = append(attrs, slog.Int(name, number))
		} else {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	if !hasError {
		return attrs
	}
	var message string
	if err := json.Unmarshal([]byte(`"`+quoted), &message); err != nil {
		message = quoted
	}
	return append(attrs, slog.String("error", message))
}
