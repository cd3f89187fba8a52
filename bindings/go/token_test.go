package uservoice_test

import (
	"encoding/json"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestTokenJSON(t *testing.T) {
	for text, ok := range map[string]bool{`{"token":5}`: false, `{}`: false, `7`: false, `null`: true} {
		token, err := uservoice.NewToken("value", "secret")
		if err != nil {
			t.Fatal(err)
		}
		err = json.Unmarshal([]byte(text), &token)
		equal(t, text, err == nil, ok)
		equal(t, text+": zero", token.IsZero(), ok)
	}
	text, err := json.Marshal(uservoice.Token{})
	if err != nil || string(text) != "null" {
		t.Error(string(text), err)
	}
}
