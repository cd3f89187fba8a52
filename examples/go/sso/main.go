// Sso prints a URL that logs a user in at UserVoice.
//
//	sso [-token] [USER-JSON]     prints the URL, or with -token only the token
//	sso -decrypt [TOKEN]         prints the user of a token
//
// Without the argument, USER-JSON or TOKEN is read from standard input. The program sends no request:
// it needs only the SSO key of the site.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

func main() {
	tokenOnly := flag.Bool("token", false, "print only the token, not the URL")
	decrypt := flag.Bool("decrypt", false, "print the user of a token")
	flag.Parse()
	if flag.NArg() > 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*tokenOnly, *decrypt); err != nil {
		fmt.Fprintln(os.Stderr, "sso:", err)
		os.Exit(1)
	}
}

func run(tokenOnly, decrypt bool) error {
	site, err := site.FromEnv()
	if err != nil {
		return err
	}
	if site.SSOKey == "" {
		return errors.New("USERVOICE_SSO_KEY must be set")
	}
	input, err := readInput()
	if err != nil {
		return err
	}
	if decrypt {
		var user json.RawMessage // or a struct
		if err := uservoice.SSODecrypt(site.Subdomain, site.SSOKey, input, &user); err != nil {
			return err
		}
		fmt.Println(string(user))
		return nil
	}
	// 0: the token expires in five minutes, unless the user has an "expires".
	token, err := uservoice.SSOToken(site.Subdomain, site.SSOKey, json.RawMessage(input), 0)
	if err != nil {
		return err
	}
	if tokenOnly {
		fmt.Println(token)
		return nil
	}
	fmt.Printf("%s/?sso=%s\n", site.URL, token)
	return nil
}

func readInput() (string, error) {
	if flag.NArg() == 1 {
		return flag.Arg(0), nil
	}
	text, err := io.ReadAll(os.Stdin)
	return strings.TrimRight(string(text), "\r\n"), err
}
