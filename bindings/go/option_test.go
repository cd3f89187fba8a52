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
	headers := s.requests(t)[0].Headers
	equal(t, "User-Agent", headers["user-agent"], "MyApp/1.0 uservoice-go/"+uservoice.Version())
	equal(t, "API-Client", headers["api-client"], "uservoice-go-"+uservoice.Version())

	retrying, err := client.With(uservoice.WithMaxRetries(3))
	if err != nil {
		t.Fatal(err)
	}
	defer retrying.Close()
	if err := retrying.Get(context.Background(), "/api/v1/forums", nil, nil); err != nil {
		t.Error("with more retries:", err)
	}
	for argument, option := range map[string]uservoice.Option{
		"WithTimeout":            uservoice.WithTimeout(0),
		"WithConnectTimeout":     uservoice.WithConnectTimeout(-1),
		"WithMaxRetries":         uservoice.WithMaxRetries(-1),
		"WithMaxRetryWait":       uservoice.WithMaxRetryWait(-time.Nanosecond),
		"WithMaxIdleConnections": uservoice.WithMaxIdleConnections(0),
		"WithMaxConcurrentCalls": uservoice.WithMaxConcurrentCalls(0),
		"WithPrefetchPages":      uservoice.WithPrefetchPages(-1),
		"WithPerPage":            uservoice.WithPerPage(101),
		"WithMaxRequestBytes":    uservoice.WithMaxRequestBytes(-1),
		"WithMaxResponseBytes":   uservoice.WithMaxResponseBytes(-1),
		"WithCAFile":             uservoice.WithCAFile("/nothing/here.pem"),
		"WithProxy":              uservoice.WithProxy("nonsense"),
		"WithProtocol":           uservoice.WithProtocol("gopher"),
		"WithDomain":             uservoice.WithDomain("a b"),
		"WithBaseURL":            uservoice.WithBaseURL("nonsense"),
		"WithCallback":           uservoice.WithCallback("a\x01"),
		"WithUserAgent":          uservoice.WithUserAgent("a\x01"),
		"options.no_such_option": uservoice.WithOption("no_such_option", 1),
		"options.whole_pages":    uservoice.WithOption("whole_pages", func() {}),
	} {
		_, err := uservoice.New("acme", "key", "secret", option)
		var uvErr *uservoice.Error
		if !errors.As(err, &uvErr) || uvErr.Status != uservoice.StatusInvalidArgument {
			t.Errorf("%s: %v", argument, err)
			continue
		}
		equal(t, "argument", uvErr.Argument, argument)
		contains(t, err.Error(), "uservoice: "+argument+": ")
	}
	if _, err := uservoice.New("acme", "key", "secret", uservoice.WithInsecure(), uservoice.WithProtocol("http")); err != nil {
		t.Error("plain http was rejected:", err)
	}
	if _, err := uservoice.New("acme", "key", "secret", uservoice.WithTimeout(time.Nanosecond)); err != nil {
		t.Error("a timeout below a millisecond was not rounded up:", err)
	}
}

func TestRejectsNilOptions(t *testing.T) {
	client := sandbox(t).client(t)
	ctx := context.Background()
	errs := map[string]error{}
	_, errs["New"] = uservoice.New("acme", "key", "secret", nil)
	_, errs["With"] = client.With(uservoice.WithMaxRetries(1), nil)
	_, errs["Collection"] = client.Collection("/api/v1/users", nil).Len(ctx)
	for _, err := range client.Export(ctx, t.TempDir(), nil) {
		errs["Export"] = err
	}
	equal(t, "checked functions", len(errs), 4)
	for name, err := range errs {
		var uvErr *uservoice.Error
		if !errors.As(err, &uvErr) || uvErr.Argument != "options" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPageOptionsOfCollection(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithPerPage(50))
	users := client.Collection("/api/v1/users", uservoice.WithPerPage(20), uservoice.WithPrefetchPages(0), uservoice.WithLimit(30))
	for _, err := range users.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	requests := s.requests(t)
	equal(t, "requests", len(requests), 2)
	contains(t, requests[0].Query, "per_page=20")
	_, err := client.Collection("/api/v1/users", uservoice.WithPerPage(0)).Len(context.Background())
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) {
		t.Fatal(err)
	}
	equal(t, "argument", uvErr.Argument, "WithPerPage")
}
