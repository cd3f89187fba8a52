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

// try makes a client with an option and reads something with it.
func try(option uservoice.Option) error {
	client, err := uservoice.NewFromEnv(option)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Get(context.Background(), "/api/v1/forums", nil, nil)
}

func ExampleWithOption() {
	err := try(uservoice.WithOption("timeout_ms", 5000))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleWithLogger() {
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	fmt.Println(try(uservoice.WithLogger(logger)))
	// Output: <nil>
}

func ExampleWithProtocol() {
	_, err := uservoice.New("acme", "KEY", "SECRET", uservoice.WithProtocol("http"))
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument)) // not without encryption
	// Output: true
}

func ExampleWithDomain() {
	client, err := uservoice.New("acme", "KEY", "SECRET", uservoice.WithDomain("uservoice.example"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close() // of https://acme.uservoice.example
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
	fmt.Println(try(uservoice.WithTimeout(5 * time.Second)))
	// Output: <nil>
}

func ExampleWithConnectTimeout() {
	fmt.Println(try(uservoice.WithConnectTimeout(2 * time.Second)))
	// Output: <nil>
}

func ExampleWithMaxRetries() {
	fmt.Println(try(uservoice.WithMaxRetries(5)))
	// Output: <nil>
}

func ExampleWithMaxRetryWait() {
	fmt.Println(try(uservoice.WithMaxRetryWait(10 * time.Second)))
	// Output: <nil>
}

func ExampleWithMaxConnections() {
	fmt.Println(try(uservoice.WithMaxConnections(64)))
	// Output: <nil>
}

func ExampleWithPrefetchPages() {
	fmt.Println(try(uservoice.WithPrefetchPages(0))) // each page when it is needed
	// Output: <nil>
}

func ExampleWithPerPage() {
	fmt.Println(try(uservoice.WithPerPage(20)))
	// Output: <nil>
}

func ExampleWithMaxResponseBytes() {
	err := try(uservoice.WithMaxResponseBytes(10))
	fmt.Println(errors.Is(err, uservoice.ErrBadResponse))
	// Output: true
}

func ExampleWithCAFile() {
	err := try(uservoice.WithCAFile("/not/there.pem"))
	fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument))
	// Output: true
}

func ExampleWithProxy() {
	fmt.Println(try(uservoice.WithProxy(""))) // none, whatever the environment says
	// Output: <nil>
}

func ExampleWithUserAgent() {
	fmt.Println(try(uservoice.WithUserAgent("MyApp/1.0")))
	// Output: <nil>
}

func ExampleWithInsecure() {
	client, err := uservoice.New("acme", "KEY", "SECRET", uservoice.WithProtocol("http"), uservoice.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}
