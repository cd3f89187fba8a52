package uservoice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func ExampleToken() {
	owner, err := exampleClient().LoginAsOwner(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	stored, err := json.Marshal(owner.Token()) // a secret
	if err != nil {
		log.Fatal(err)
	}
	var restored uservoice.Token
	if err := json.Unmarshal(stored, &restored); err != nil {
		log.Fatal(err)
	}
	fmt.Println(restored, restored.Value() == owner.Token().Value())
	// Output: uservoice.Token{secret} true
}

func ExampleNewToken() {
	token, err := uservoice.NewToken("TOKEN", "SECRET")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Value(), token.Secret(), token)
	// Output: TOKEN SECRET uservoice.Token{secret}
}

func ExampleToken_Value() {
	token := exampleToken()
	fmt.Println(token.Value())
	// Output: TOKEN
}

func ExampleToken_Secret() {
	token := exampleToken()
	fmt.Println(token.Secret())
	// Output: SECRET
}

func ExampleToken_IsZero() {
	var zero uservoice.Token
	fmt.Println(zero.IsZero(), exampleToken().IsZero())
	// Output: true false
}

func ExampleToken_MarshalJSON() {
	stored, err := json.Marshal(exampleToken())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(json.Valid(stored))
	// Output: true
}

func ExampleToken_UnmarshalJSON() {
	stored, err := json.Marshal(exampleToken())
	if err != nil {
		log.Fatal(err)
	}
	var token uservoice.Token
	if err := json.Unmarshal(stored, &token); err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Value())
	// Output: TOKEN
}

func ExampleToken_Close() {
	token := exampleToken()
	token.Close()
	fmt.Printf("%q\n", token.Value())
	// Output: ""
}

func ExampleToken_String() {
	fmt.Printf("%v %s\n", uservoice.Token{}, exampleToken())
	// Output: uservoice.Token{} uservoice.Token{secret}
}

func ExampleToken_GoString() {
	fmt.Printf("%#v\n", exampleToken())
	// Output: uservoice.Token{secret}
}

func ExampleToken_LogValue() {
	fmt.Println(exampleToken().LogValue()) // the value that log/slog writes
	// Output: uservoice.Token{secret}
}

func exampleToken() uservoice.Token {
	token, err := uservoice.NewToken("TOKEN", "SECRET")
	if err != nil {
		log.Fatal(err)
	}
	return token
}
