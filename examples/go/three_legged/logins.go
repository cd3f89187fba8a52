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

var errNoLogin = errors.New("no such login has begun")

// logins are those that have begun: a file for each, with its request token. An application
// with a database keeps them there.
type logins struct {
	directory string
}

func openLogins(directory string) (*logins, error) {
	return &logins{directory}, os.MkdirAll(directory, 0o700)
}

// begin keeps a request token, and gives a name for it that nobody can guess.
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

// end gives the request token back, once, where it is the one that is named.
func (l *logins) end(id, named string) (token uservoice.Token, err error) {
	if text, err := hex.DecodeString(id); err != nil || len(text) != 16 {
		return token, errNoLogin // and no path that somebody made up
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
	if token.Value() != named {
		return uservoice.Token{}, errNoLogin
	}
	return token, os.Remove(l.file(id))
}

func (l *logins) file(id string) string { return filepath.Join(l.directory, id) }
