// Package site selects the UserVoice site of the examples by environment variables, see README.md.
package site

import (
	"cmp"
	"errors"
	"os"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// Site is the site that the examples use.
type Site struct {
	Subdomain string
	Sandbox   bool   // whether it is a sandbox
	SSOKey    string // "" if it is not set
	URL       string

	apiKey, apiSecret string
	caFile            string
}

// FromEnv returns the site of the environment variables USERVOICE_*. If USERVOICE_SUBDOMAIN is not
// set, USERVOICE_BASE_URL is the URL of a sandbox, whose keys are known.
func FromEnv() (*Site, error) {
	s := &Site{
		Subdomain: os.Getenv("USERVOICE_SUBDOMAIN"),
		SSOKey:    os.Getenv("USERVOICE_SSO_KEY"),
		URL:       os.Getenv("USERVOICE_BASE_URL"),
		apiKey:    os.Getenv("USERVOICE_API_KEY"),
		apiSecret: os.Getenv("USERVOICE_API_SECRET"),
		caFile:    os.Getenv("USERVOICE_CA_FILE"),
	}
	switch {
	case s.Subdomain != "":
		s.URL = cmp.Or(s.URL, "https://"+s.Subdomain+".uservoice.com")
	case s.URL != "":
		s.Sandbox = true
		s.Subdomain = "sandbox"
		s.SSOKey = cmp.Or(s.SSOKey, "sandbox-sso-key")
		s.apiKey = cmp.Or(s.apiKey, "sandbox-trusted-key")
		s.apiSecret = cmp.Or(s.apiSecret, "sandbox-trusted-secret")
	default:
		return nil, errors.New(`no site is set. Start a sandbox and set USERVOICE_BASE_URL to the URL that it prints:
    cargo run -p uservoice-sandbox
    export USERVOICE_BASE_URL=http://127.0.0.1:...
or set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET of your own site`)
	}
	return s, nil
}

// NewClient returns a client of the site.
func (s *Site) NewClient(options ...uservoice.Option) (*uservoice.Client, error) {
	if s.apiKey == "" || s.apiSecret == "" {
		return nil, errors.New("USERVOICE_API_KEY and USERVOICE_API_SECRET must be set")
	}
	return s.NewClientWithKey(s.apiKey, s.apiSecret, options...)
}

// NewClientWithKey returns a client of the site with another key.
func (s *Site) NewClientWithKey(apiKey, apiSecret string, options ...uservoice.Option) (*uservoice.Client, error) {
	ofSite := []uservoice.Option{uservoice.WithBaseURL(s.URL)}
	if s.caFile != "" {
		ofSite = append(ofSite, uservoice.WithCAFile(s.caFile))
	}
	return uservoice.New(s.Subdomain, apiKey, apiSecret, append(ofSite, options...)...)
}
