package uservoice

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// LoginWithClientCredentials gives a client for the Admin API (/api/v2/admin/...) that
// acts as the owner of the site. Needs a trusted API key.
//
// When the service ends the token, whatever call or list uses it renews it once and goes
// on. As every login to the Admin API it is refused over plain http, except to a loopback
// host.
func (c *Client) LoginWithClientCredentials(ctx context.Context) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithClientCredentials(client)
	})
}

// LoginWithPassword gives a client for the Admin API that acts as the user with that
// e-mail address. The password is not kept: when the service ends the token, calls are
// [ErrUnauthorized], unless it came with a refresh token.
func (c *Client) LoginWithPassword(ctx context.Context, email, password string) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithPassword(client, email, password)
	})
}

// CodeRequest is a login to the Admin API in which a person decides, see
// [Client.RequestCode].
//
// Keep it by encoding it as JSON, as the secret that it is, until the person comes back:
// any process may finish the login.
//
// Printed by fmt it shows nothing, nor as an attribute of its own in log/slog. It does show in
// an unexported field of a struct, on which fmt calls no methods: keep a pointer to it there,
// of which %v, %+v and %#v show the address. And it is in what a handler marshals to JSON,
// such as a slice or a struct given to [slog.JSONHandler].
type CodeRequest struct {
	URL          string `json:"url"`           // where to send the person
	RedirectURI  string `json:"redirect_uri"`  // where they come back to, with "code" and "state"
	State        string `json:"state"`         // to be compared with what comes back
	CodeVerifier string `json:"code_verifier"` // a secret
}

// RequestCode begins a login to the Admin API in which a person decides, with a proof key
// (PKCE), so that no API secret is needed. They come back to the redirect URI with "code"
// and "state" in the query: compare the state, since it tells that they come from there.
// A state of "" has one made up. Sends nothing.
func (c *Client) RequestCode(redirectURI, state string) (CodeRequest, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return CodeRequest{}, err
	}
	defer c.handle.release()
	page, verifier, err := authorizeCodeURL(client, redirectURI, state)
	if err != nil {
		return CodeRequest{}, err
	}
	parsed, err := url.Parse(page)
	if err != nil {
		return CodeRequest{}, err
	}
	return CodeRequest{page, redirectURI, parsed.Query().Get("state"), verifier}, nil
}

// LoginWithCode gives a client for the Admin API that acts for the person who came back
// with the code. When the service ends the token, calls are [ErrUnauthorized], unless it
// came with a refresh token.
func (c *Client) LoginWithCode(ctx context.Context, request CodeRequest, code string) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithCode(client, code, request.CodeVerifier, request.RedirectURI)
	})
}

const hiddenRequest = "uservoice.CodeRequest{secret}"

// Format hides the request from fmt. The verbs %p and %w, of which go vet says that they are
// for pointers and errors, do not ask it.
func (r CodeRequest) Format(f fmt.State, _ rune) { io.WriteString(f, hiddenRequest) }

// LogValue hides the request from log/slog, as an attribute of its own.
func (r CodeRequest) LogValue() slog.Value { return slog.StringValue(hiddenRequest) }
