package uservoice_test

import (
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func ExampleSSOJWT() {
	jwt, err := uservoice.SSOJWT("SSO-KEY", uservoice.Params{"guid": "1001", "email": "jo@example.com"}, 5*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(jwt, "."))
	// Output: 2
}

func ExampleSSOVerifyJWT() {
	jwt, err := uservoice.SSOJWT("SSO-KEY", uservoice.Params{"guid": "1001", "email": "jo@example.com"}, 0)
	if err != nil {
		log.Fatal(err)
	}
	var user struct{ GUID string }
	if err := uservoice.SSOVerifyJWT("SSO-KEY", jwt, 30*time.Second, &user); err != nil {
		log.Fatal(err)
	}
	err = uservoice.SSOVerifyJWT("ANOTHER-KEY", jwt, 0, nil)
	fmt.Println(user.GUID, errors.Is(err, uservoice.ErrNotVerified))
	// Output: 1001 true
}

func ExampleClient_SSOURL() {
	client, err := uservoice.New("acme", "API-KEY", "API-SECRET")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	link, err := client.SSOURL("TOKEN", "/forums/1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(link)
	// Output: https://acme.uservoice.com/forums/1?sso=TOKEN
}

func ExampleSSOToken() {
	type user struct {
		GUID  string `json:"guid"`
		Email string `json:"email"`
	}
	token, err := uservoice.SSOToken("acme", "SSO-KEY", user{"1001", "jo@example.com"}, 5*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	link := "https://acme.uservoice.com/?sso=" + token
	fmt.Println(link[:32])
	// Output: https://acme.uservoice.com/?sso=
}

func ExampleSSODecrypt() {
	token, err := uservoice.SSOToken("acme", "SSO-KEY", uservoice.Params{"guid": "1001"}, 0)
	if err != nil {
		log.Fatal(err)
	}
	var user struct{ GUID, Expires string }
	if err := uservoice.SSODecrypt("acme", "SSO-KEY", token, &user); err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.GUID, user.Expires != "")
	// Output: 1001 true
}
