package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

var errNoLogin = errors.New("no such pending login")

// logins stores the request tokens of pending logins, each in a file. A real application would use
// its database.
type logins struct {
	directory string
}

func openLogins(directory string) (*logins, error) {
	return &logins{directory}, os.MkdirAll(directory, 0o700)
}

// begin stores a request token and returns a random id for it.
func (l *logins) begin(token uservoice.Token) (id string, err error) {
	text, err := json.Marshal(token)
	if err != nil {
		return "", err
	}
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	id = hex.EncodeToString(random)
	return id, os.WriteFile(l.file(id), text, 0o600)
}

// end removes and returns the request token with an id, if it has the value.
func (l *logins) end(id, value string) (token uservoice.Token, err error) {
	if text, err := hex.DecodeString(id); err != nil || len(text) != 16 {
		return token, errNoLogin // the id is forged, and could be a path
	}
	text, err := os.ReadFile(l.file(id))
	if errors.Is(err, fs.ErrNotExist) {
		return token, errNoLogin
	}
	if err != nil {
		return token, err
	}
	if err := json.Unmarshal(text, &token); err != nil {
		return token, err
	}
	if token.Value() != value {
		return uservoice.Token{}, errNoLogin
	}
	return token, os.Remove(l.file(id))
}

func (l *logins) file(id string) string { return filepath.Join(l.directory, id) }
