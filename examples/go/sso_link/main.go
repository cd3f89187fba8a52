// Sso_link prints a link that logs a user of your application in at UserVoice.
package main

import (
	"fmt"
	"log"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

type user struct {
	GUID        string `json:"guid"`
	Email       string `json:"email"`
	DisplayName string `json:"display_name"`
}

func link(u user) (string, error) {
	key, err := site.SSOKey()
	if err != nil {
		return "", err
	}
	client, err := site.NewClient()
	if err != nil {
		return "", err
	}
	defer client.Close()
	// The token is signed here: nothing is sent. It expires after five minutes (0), so a web
	// application creates it when the user clicks, and redirects.
	token, err := uservoice.SSOJWT(key, u, 0)
	if err != nil {
		return "", err
	}
	return client.SSOURL(token, "")
}

func main() {
	url, err := link(user{"1001", "jo@example.com", "Jo"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := fmt.Println(url); err != nil {
		log.Fatal(err)
	}
}
