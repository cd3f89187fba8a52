// Sso makes a link that logs a user of yours in at UserVoice.
//
//	sso [-token] [USER-JSON]     the link, or with -token the token alone
//	sso -decrypt [TOKEN]         the user that a token was made for
//
// USER-JSON or TOKEN is read from standard input where it is not given. Nothing is sent: a
// token is made from the SSO key alone.
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
	tokenOnly := flag.Bool("token", false, "print the token alone, not the link")
	decrypt := flag.Bool("decrypt", false, "print the user that a token was made for")
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
	at := site.FromEnv()
	if at.SSOKey == "" {
		return errors.New("USERVOICE_SUBDOMAIN is set: USERVOICE_SSO_KEY is needed too")
	}
	text, err := input()
	if err != nil {
		return err
	}
	if decrypt {
		var user json.RawMessage // the user's JSON as it is; a struct would do as well
		if err := uservoice.SSODecrypt(at.Subdomain, at.SSOKey, text, &user); err != nil {
			return err
		}
		_, err = fmt.Println(string(user))
		return err
	}
	// 0: the token is good for five minutes, unless the user has an "expires".
	token, err := uservoice.SSOToken(at.Subdomain, at.SSOKey, json.RawMessage(text), 0)
	if err != nil {
		return err
	}
	if tokenOnly {
		_, err = fmt.Println(token)
		return err
	}
	url, err := at.URL()
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s/?sso=%s\n", url, token)
	return err
}

func input() (string, error) {
	if flag.NArg() == 1 {
		return flag.Arg(0), nil
	}
	text, err := io.ReadAll(os.Stdin)
	return strings.TrimRight(string(text), "\r\n"), err
}
