// A program that uses the module as a project of its own would.
package main

import (
	"fmt"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func main() {
	token, err := uservoice.SSOToken("acme", "key", uservoice.Params{"guid": "1"}, 0)
	fmt.Println(uservoice.Version(), token != "", err)
}
