// Fails prints the errors of all functions that check the library, for tests with a missing or
// unsuitable library.
package main

import (
	"fmt"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func main() {
	if _, err := uservoice.New("acme", "key", "secret"); err != nil {
		fmt.Println(err)
	}
	if _, err := uservoice.NewToken("value", "secret"); err != nil {
		fmt.Println(err)
	}
	if _, err := uservoice.SSOToken("acme", "key", uservoice.Params{"guid": "1"}, 0); err != nil {
		fmt.Println(err)
	}
	if err := uservoice.SSODecrypt("acme", "key", "token", nil); err != nil {
		fmt.Println(err)
	}
	if _, err := uservoice.SSOJWT("key", uservoice.Params{"guid": "1"}, 0); err != nil {
		fmt.Println(err)
	}
	if err := uservoice.SSOVerifyJWT("key", "jwt", 0, nil); err != nil {
		fmt.Println(err)
	}
	if _, err := uservoice.ReadWebhook("key", nil); err != nil {
		fmt.Println(err)
	}
	if _, err := uservoice.SignWebhook("key", nil); err != nil {
		fmt.Println(err)
	}
	if err := uservoice.VerifyWebhook("key", nil, "signature"); err != nil {
		fmt.Println(err)
	}
	var token uservoice.Token
	if err := token.UnmarshalJSON([]byte("{}")); err != nil {
		fmt.Println(err)
	}
}
