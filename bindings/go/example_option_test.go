package uservoice_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// getWith sends a request with an option.
func getWith(option uservoice.Option) error {
	client, err := uservoice.NewFromEnv(option)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Get(context.Background(), "/api/v1/forums", nil, nil)
}

func ExampleWithOption() {
	err := getWith(uservoice.WithOption("timeout_ms", 5000))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleWithLogger() {
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	fmt.Println(getWith(uservoice.WithLogger(logger)))
	// Output: <nil>
}

// Counts the attempts, for a metric.
func ExampleWithAttemptHook() {
	attempts := 0
	hook := func(ctx context.Context, attempt uservoice.Attempt) { attempts++ }
	fmt.Println(getWith(uservoice.WithAttemptHook(hook)), attempts)
	// Output: <nil> 1
}

func ExampleAttempt() {
	hook := func(ctx context.Context, attempt uservoice.Attempt) {
		fmt.Println(attempt.Method, attempt.Path, attempt.Status, attempt.Number)
	}
	if err := getWith(uservoice.WithAttemptHook(hook)); err != nil {
		log.Fatal(err)
	}
	// Output: GET /api/v1/forums 200 1
}

func ExampleWithMaxConcurrentCalls() {
	fmt.Println(getWith(uservoice.WithMaxConcurrentCalls(32)))
	// Output: <nil>
}

// A collection with small pages.
func ExamplePageOption() {
	users := exampleClient().Collection("/api/v1/users", uservoice.WithPerPage(10))
	for page, err := range users.Pages(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page))
		break
	}
	// Output: 10
}

func ExampleWithProtocol() {
	_, err := uservoice.New("acme", "KEY", "SECRET", uservoice.WithProtocol("http"))
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument)) // only with WithInsecure
	// Output: true
}

func ExampleWithDomain() {
	client, err := uservoice.New("acme", "KEY", "SECRET", uservoice.WithDomain("uservoice.example"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close() // its site is https://acme.uservoice.example
}

func ExampleWithBaseURL() {
	client, err := uservoice.New("acme", "KEY", "SECRET", uservoice.WithBaseURL("https://feedback.example.com"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

func ExampleWithCallback() {
	client, err := uservoice.NewFromEnv(uservoice.WithCallback("https://app.example.com/callback"))
	if err != nil {
		log.Fatal(err)
	}
	request, err := client.RequestToken(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(request)
	// Output: uservoice.Token{secret}
}

func ExampleWithTimeout() {
	fmt.Println(getWith(uservoice.WithTimeout(5 * time.Second)))
	// Output: <nil>
}

func ExampleWithConnectTimeout() {
	fmt.Println(getWith(uservoice.WithConnectTimeout(2 * time.Second)))
	// Output: <nil>
}

func ExampleWithMaxRetries() {
	fmt.Println(getWith(uservoice.WithMaxRetries(5)))
	// Output: <nil>
}

func ExampleWithMaxRetryWait() {
	fmt.Println(getWith(uservoice.WithMaxRetryWait(10 * time.Second)))
	// Output: <nil>
}

func ExampleWithMaxIdleConnections() {
	fmt.Println(getWith(uservoice.WithMaxIdleConnections(64)))
	// Output: <nil>
}

func ExampleWithPrefetchPages() {
	fmt.Println(getWith(uservoice.WithPrefetchPages(0))) // load each page when it is needed
	// Output: <nil>
}

func ExampleWithPerPage() {
	fmt.Println(getWith(uservoice.WithPerPage(20)))
	// Output: <nil>
}

func ExampleWithMaxRequestBytes() {
	client, err := uservoice.NewFromEnv(uservoice.WithMaxRequestBytes(10))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	err = client.Post(context.Background(), "/api/v1/forums", uservoice.Params{"too": "long"}, nil)
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument))
	// Output: true
}

func ExampleWithMaxResponseBytes() {
	err := getWith(uservoice.WithMaxResponseBytes(10))
	fmt.Println(errors.Is(err, uservoice.ErrBadResponse))
	// Output: true
}

func ExampleWithCAFile() {
	err := getWith(uservoice.WithCAFile("/not/there.pem"))
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument))
	// Output: true
}

func ExampleWithProxy() {
	fmt.Println(getWith(uservoice.WithProxy(""))) // no proxy, even if HTTPS_PROXY is set
	// Output: <nil>
}

func ExampleWithUserAgent() {
	fmt.Println(getWith(uservoice.WithUserAgent("MyApp/1.0")))
	// Output: <nil>
}

func ExampleWithInsecure() {
	client, err := uservoice.New("acme", "KEY", "SECRET", uservoice.WithProtocol("http"), uservoice.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

func ExampleOption() {
	options := []uservoice.Option{uservoice.WithTimeout(5 * time.Second)}
	if proxy := ""; proxy != "" {
		options = append(options, uservoice.WithProxy(proxy))
	}
	client, err := uservoice.NewFromEnv(options...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}
