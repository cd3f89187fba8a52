// Three_legged is a small web application that users connect to their UserVoice account.
//
//	three_legged [-listen 127.0.0.1:8081] [-state DIRECTORY]
//
// "Connect to UserVoice" redirects to UserVoice's authorization page, where the user clicks "Allow"
// or "Deny" and is redirected back. The application stores the request token of a pending login in
// a file, so that it can be restarted between the two steps.
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
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "`address` to listen on; port 0 selects a free one")
	state := flag.String("state", "", "`directory` for pending logins (default: in the user's cache directory)")
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
	// Not from the Host header of a request, which can be forged.
	url := "http://" + listener.Addr().String()
	site, err := site.FromEnv()
	if err != nil {
		return err
	}
	client, err := site.NewClient(uservoice.WithCallback(url + "/callback"))
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
