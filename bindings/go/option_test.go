package uservoice_test

import (
	"context"
	"errors"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestOptionsAreAppliedAndValidated(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithUserAgent("MyApp/1.0"), uservoice.WithMaxRetries(0), uservoice.WithProxy(""))
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "times": 2, "status": 502})
	if err := client.Get(context.Background(), "/api/v1/forums", nil, nil); !errors.Is(err, uservoice.ErrApplicationError) {
		t.Error(err)
	}
	contains(t, s.requests(t)[0].Headers["user-agent"], "MyApp/1.0 ")

	retrying, err := client.With(uservoice.WithMaxRetries(3))
	if err != nil {
		t.Fatal(err)
	}
	defer retrying.Close()
	if err := retrying.Get(context.Background(), "/api/v1/forums", nil, nil); err != nil {
		t.Error("with more retries:", err)
	}
	for name, option := range map[string]uservoice.Option{
		"timeout_ms":           uservoice.WithTimeout(0),
		"connect_timeout_ms":   uservoice.WithConnectTimeout(-1),
		"max_retries":          uservoice.WithMaxRetries(-1),
		"max_retry_wait_ms":    uservoice.WithMaxRetryWait(-time.Nanosecond),
		"max_idle_connections": uservoice.WithMaxIdleConnections(0),
		"prefetch_pages":       uservoice.WithPrefetchPages(-1),
		"per_page":             uservoice.WithPerPage(101),
		"max_request_bytes":    uservoice.WithMaxRequestBytes(-1),
		"max_response_bytes":   uservoice.WithMaxResponseBytes(-1),
		"ca_file":              uservoice.WithCAFile("/nothing/here.pem"),
		"proxy":                uservoice.WithProxy("nonsense"),
		"protocol":             uservoice.WithProtocol("gopher"),
		"uservoice_domain":     uservoice.WithDomain("a b"),
		"base_url":             uservoice.WithBaseURL("nonsense"),
		"no_such_option":       uservoice.WithOption("no_such_option", 1),
		"whole_pages":          uservoice.WithOption("whole_pages", func() {}),
	} {
		_, err := uservoice.New("acme", "key", "secret", option)
		if !errors.Is(err, uservoice.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var uvErr *uservoice.Error
		if errors.As(err, &uvErr) {
			equal(t, "argument", uvErr.Argument, "options."+name)
		}
	}
	if _, err := uservoice.New("acme", "key", "secret", uservoice.WithInsecure(), uservoice.WithProtocol("http")); err != nil {
		t.Error("plain http was rejected:", err)
	}
	if _, err := uservoice.New("acme", "key", "secret", uservoice.WithTimeout(time.Nanosecond)); err != nil {
		t.Error("a timeout below a millisecond was not rounded up:", err)
	}
}
