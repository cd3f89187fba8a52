// Package site says which UserVoice the examples talk to: what the environment says, see
// README.md.
package site

import (
	"errors"
	"os"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// Site is what the examples need besides a client, which uservoice.NewFromEnv makes.
type Site struct {
	Sandbox   bool // no USERVOICE_SUBDOMAIN was given
	Subdomain string
	SSOKey    string // "" when it was not given
	url       string
}

// FromEnv reads the environment as uservoice.NewFromEnv does.
func FromEnv() Site {
	s := Site{
		Subdomain: os.Getenv("USERVOICE_SUBDOMAIN"),
		SSOKey:    os.Getenv("USERVOICE_SSO_KEY"),
		url:       os.Getenv("USERVOICE_BASE_URL"),
	}
	s.Sandbox = s.Subdomain == ""
	if s.Sandbox {
		s.Subdomain = "sandbox"
	}
	if s.Sandbox && s.SSOKey == "" {
		s.SSOKey = "sandbox-sso-key"
	}
	if !s.Sandbox && s.url == "" {
		s.url = "https://" + s.Subdomain + ".uservoice.com"
	}
	return s
}

// URL gives the site's address.
func (s Site) URL() (string, error) {
	if s.url == "" {
		return "", errors.New(`no site to talk to. Either start a sandbox and set USERVOICE_BASE_URL to the URL
that it prints:
    cargo run -p uservoice-sandbox
    export USERVOICE_BASE_URL=http://127.0.0.1:...
or name a site of yours: USERVOICE_SUBDOMAIN, USERVOICE_API_KEY, USERVOICE_API_SECRET`)
	}
	return s.url, nil
}

// Options say how to reach the site, for a client with a key of its own.
func (s Site) Options() []uservoice.Option {
	options := []uservoice.Option{uservoice.WithBaseURL(s.url)}
	if file := os.Getenv("USERVOICE_CA_FILE"); file != "" {
		options = append(options, uservoice.WithCAFile(file))
	}
	return options
}
