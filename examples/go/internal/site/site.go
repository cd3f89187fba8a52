// Package site has the UserVoice site that the examples use: see README.md.
package site

import (
	"errors"
	"fmt"
	"os"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// NewClient returns a client for the site.
func NewClient(options ...uservoice.Option) (*uservoice.Client, error) {
	subdomain, err1 := variable("USERVOICE_SUBDOMAIN", "sandbox")
	key, err2 := variable("USERVOICE_API_KEY", "sandbox-trusted-key")
	secret, err3 := variable("USERVOICE_API_SECRET", "sandbox-trusted-secret")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	if url := os.Getenv("USERVOICE_BASE_URL"); url != "" {
		options = append(options, uservoice.WithBaseURL(url))
	}
	if file := os.Getenv("USERVOICE_CA_FILE"); file != "" {
		options = append(options, uservoice.WithCAFile(file))
	}
	return uservoice.New(subdomain, key, secret, options...)
}

// SSOKey returns the site's key for single sign-on and webhooks.
func SSOKey() (string, error) { return variable("USERVOICE_SSO_KEY", "sandbox-sso-key") }

// variable returns an environment variable, or the value that every sandbox has.
func variable(name, sandboxValue string) (string, error) {
	if value := os.Getenv(name); value != "" {
		return value, nil
	}
	if os.Getenv("USERVOICE_SUBDOMAIN") == "" && os.Getenv("USERVOICE_BASE_URL") != "" {
		return sandboxValue, nil
	}
	return "", fmt.Errorf("set %s, or USERVOICE_BASE_URL alone to the URL that the sandbox prints", name)
}
