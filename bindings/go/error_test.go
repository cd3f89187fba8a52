package uservoice_test

import (
	"context"
	"errors"
	"testing"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestAdminAPIErrorHasResponseBody(t *testing.T) {
	admin := loginToAdmin(t, sandbox(t).client(t))
	err := admin.Post(context.Background(), "/api/v2/admin/suggestions", uservoice.Params{}, nil)
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) || !errors.Is(err, uservoice.ErrAPI) || uvErr.HTTPStatus != 422 {
		t.Fatal(err)
	}
	contains(t, uvErr.Body, `"links":{"forum":"int"}`)
}

func TestErrorMatchesOnlyItsSentinel(t *testing.T) {
	for sentinel, status := range map[error]uservoice.Status{
		uservoice.ErrInvalidArgument:  uservoice.StatusInvalidArgument,
		uservoice.ErrNotVerified:      uservoice.StatusNotVerified,
		uservoice.ErrUnauthorized:     uservoice.StatusUnauthorized,
		uservoice.ErrNotFound:         uservoice.StatusNotFound,
		uservoice.ErrRateLimited:      uservoice.StatusRateLimited,
		uservoice.ErrApplicationError: uservoice.StatusApplicationError,
		uservoice.ErrAPI:              uservoice.StatusAPIError,
		uservoice.ErrTransport:        uservoice.StatusTransport,
		uservoice.ErrTimeout:          uservoice.StatusTimeout,
		uservoice.ErrCanceled:         uservoice.StatusCanceled,
		uservoice.ErrBadResponse:      uservoice.StatusBadResponse,
		uservoice.ErrFile:             uservoice.StatusFileError,
		uservoice.ErrInternal:         uservoice.StatusInternal,
	} {
		for _, other := range headerStatuses(t) {
			equal(t, sentinel.Error(), errors.Is(&uservoice.Error{Status: other}, sentinel), other == status)
		}
	}
}

func TestErrorFields(t *testing.T) {
	s := sandbox(t)
	s.faults(t, uservoice.Params{"path": "/api/v1/forums", "status": 429, "retry_after": "7", "body": "slow down",
		"headers": map[string]string{"X-Request-Id": "42"}})
	client := s.client(t, uservoice.WithMaxRetryWait(time.Second))
	err := client.Get(context.Background(), "/api/v1/forums?page=1", nil, nil)
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) {
		t.Fatal(err)
	}
	equal(t, "body", uvErr.Body, "slow down")
	equal(t, "retry after", uvErr.RetryAfter, 7*time.Second)
	equal(t, "outcome", uvErr.Outcome.String(), "answered")
	equal(t, "HTTP status", uvErr.HTTPStatus, 429)
	equal(t, "timeout", uvErr.Timeout(), false)
	equal(t, "argument", uvErr.Argument, "")
	equal(t, "request", uvErr.Request, "GET /api/v1/forums")
	equal(t, "header", uvErr.Header("x-request-ID"), "42")
	equal(t, "missing header", uvErr.Header("X-None")+uvErr.Header("X-Request-Id\x00"), "")
	contains(t, err.Error(), "uservoice: GET /api/v1/forums: HTTP 429")
}

func TestErrorFieldsWithoutResponse(t *testing.T) {
	client := sandbox(t).client(t)
	_, optionErr := client.With(uservoice.WithPerPage(0))
	for argument, err := range map[string]error{
		"path":        client.Get(context.Background(), "users", nil, nil),
		"WithPerPage": optionErr,
		"out":         client.Get(context.Background(), "/api/v1/users", nil, 7), // checked by this package
	} {
		var uvErr *uservoice.Error
		if !errors.As(err, &uvErr) {
			t.Fatalf("%s: %v", argument, err)
		}
		equal(t, "argument", uvErr.Argument, argument)
		contains(t, uvErr.Message, argument+": ")
		equal(t, "request", uvErr.Request, "")
		equal(t, "header", uvErr.Header("Content-Type"), "")
		equal(t, "HTTP status", uvErr.HTTPStatus, 0)
	}
}
