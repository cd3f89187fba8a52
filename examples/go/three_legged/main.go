// Three_legged is a small web application that people connect to their UserVoice account.
//
//	three_legged [-listen 127.0.0.1:8081] [-state DIRECTORY]
//
// "Connect to UserVoice" leads to UserVoice's page, where the person clicks "Allow" or "Deny",
// and comes back. What is known of a login that has begun is kept in a file, so that the
// application may be restarted, or run several times, between the two steps.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "`address` to listen at; port 0 takes any free one")
	state := flag.String("state", "", "`directory` for logins that have begun (default: in the user's cache)")
	flag.Parse()
	if *state == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			log.Fatal(err)
		}
		*state = filepath.Join(cache, "uservoice-three-legged")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *state); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, listen, state string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	// Never from the request's Host header, which anybody may have made up.
	url := "http://" + listener.Addr().String()
	client, err := uservoice.NewFromEnv(uservoice.WithCallback(url + "/callback"))
	if err != nil {
		return err
	}
	defer client.Close()
	logins, err := openLogins(state)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: (&app{client, logins}).routes(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() {
		wait, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(wait)
	})
	fmt.Println(url)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
