package uservoice_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func ExampleError() {
	client := exampleClient()
	err := client.Get(context.Background(), "/api/v1/suggestions/999999", nil, nil)
	var uvErr *uservoice.Error
	switch {
	case err == nil:
	case errors.Is(err, uservoice.ErrNotFound):
		fmt.Println("There is no such suggestion.")
	case errors.As(err, &uvErr) && uvErr.RetryAfter > 0:
		fmt.Println("Retry in", uvErr.RetryAfter)
	default:
		log.Fatal(err)
	}
	// Output: There is no such suggestion.
}

func ExampleError_Error() {
	err := exampleClient().Get(context.Background(), "nowhere", nil, nil)
	var uvErr *uservoice.Error
	if errors.As(err, &uvErr) {
		fmt.Println(uvErr.Error() == "uservoice: "+uvErr.Message)
	}
	// Output: true
}

func ExampleError_Header() {
	err := exampleClient().Get(context.Background(), "/api/v1/suggestions/999999", nil, nil)
	var uvErr *uservoice.Error
	if errors.As(err, &uvErr) {
		fmt.Println(uvErr.Request, uvErr.Header("Content-Type"))
	}
	// Output: GET /api/v1/suggestions/999999 application/json
}

func ExampleError_Is() {
	err := exampleClient().Get(context.Background(), "nowhere", nil, nil)
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument), errors.Is(err, uservoice.ErrNotFound))
	// Output: true false
}

func ExampleError_Unwrap() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := exampleClient().Get(ctx, "/api/v1/users", nil, nil)
	fmt.Println(errors.Is(err, context.Canceled))
	// Output: true
}

func ExampleError_Timeout() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	err := exampleClient().Get(ctx, "/api/v1/users", nil, nil)
	var uvErr *uservoice.Error
	fmt.Println(errors.As(err, &uvErr) && uvErr.Timeout())
	// Output: true
}

func ExampleStatus() {
	err := exampleClient().Get(context.Background(), "/api/v1/suggestions/999999", nil, nil)
	var uvErr *uservoice.Error
	if errors.As(err, &uvErr) && uvErr.Status == uservoice.StatusNotFound {
		fmt.Println(uvErr.Status, uvErr.HTTPStatus, uvErr.Type)
	}
	// Output: NOT_FOUND 404 record_not_found
}

func ExampleStatus_String() {
	fmt.Println(uservoice.StatusRateLimited)
	// Output: RATE_LIMITED
}

func ExampleOutcome() {
	err := exampleClient().Post(context.Background(), "nowhere", nil, nil)
	var uvErr *uservoice.Error
	if errors.As(err, &uvErr) && uvErr.Outcome == uservoice.OutcomeNotSent {
		fmt.Println("It was not sent and can be repeated.")
	}
	// Output: It was not sent and can be repeated.
}

func ExampleOutcome_String() {
	fmt.Println(uservoice.OutcomeNotSent, uservoice.OutcomeUnknown, uservoice.OutcomeAnswered)
	// Output: not sent unknown answered
}
