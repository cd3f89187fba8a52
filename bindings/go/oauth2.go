package uservoice

import (
	"context"
	"net/url"
)

// LoginWithClientCredentials returns a client for the Admin API (/api/v2/admin/...) that acts as
// the owner of the site, by the OAuth 2 client credentials grant. It needs a trusted API key.
//
// When the access token expires, the client obtains a new one and repeats the request. Like every
// login to the Admin API, it is rejected over plain http, except to a loopback host.
func (c *Client) LoginWithClientCredentials(ctx context.Context) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithClientCredentials(client)
	})
}

// LoginWithPassword returns a client for the Admin API that acts as the user with the e-mail
// address, by the OAuth 2 password grant. The password is not stored: after the access token
// expires, calls fail with [ErrUnauthorized], unless UserVoice issued a refresh token.
func (c *Client) LoginWithPassword(ctx context.Context, email, password string) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithPassword(client, email, password)
	})
}

// AuthorizationRequest is an OAuth 2 authorization request, see [Client.AuthorizationRequest]. Store it as JSON, in
// a place for secrets, until the user returns; any process may complete the login.
//
// fmt shows none of its contents, and log/slog none of an AuthorizationRequest that is itself an attribute,
// with two exceptions. Handlers such as [slog.JSONHandler] marshal other values, such as a slice
// or a struct that contains it, to JSON, which has the secrets. And fmt calls no methods of the
// unexported fields of a struct: put a pointer there, of which %v, %+v and %#v print the address.
type AuthorizationRequest struct {
	URL          string `json:"url"`           // the page to redirect the user to
	RedirectURI  string `json:"redirect_uri"`  // where the user returns, with the parameters code and state
	State        string `json:"state"`         // compare it with the state that the user returns with
	CodeVerifier string `json:"code_verifier"` // the secret of PKCE (RFC 7636); "" for a login without PKCE
}

// AuthorizationRequest begins a login to the Admin API by the OAuth 2 authorization code grant with PKCE,
// which needs no API secret. Redirect the user to the URL of the result. The user returns to the
// redirect URI with the query parameters code and state: check that the state is the same, and
// pass the code to [Client.LoginWithCode].
//
// If state is "", a random one is generated. AuthorizationRequest sends no request.
func (c *Client) AuthorizationRequest(redirectURI, state string) (AuthorizationRequest, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return AuthorizationRequest{}, err
	}
	defer c.handle.release()
	pageURL, codeVerifier, err := authorizeCodeURL(client, redirectURI, state)
	if err != nil {
		return AuthorizationRequest{}, err
	}
	parsed, err := url.Parse(pageURL)
	if err != nil {
		return AuthorizationRequest{}, err
	}
	return AuthorizationRequest{
		URL:          pageURL,
		RedirectURI:  redirectURI,
		State:        parsed.Query().Get("state"),
		CodeVerifier: codeVerifier,
	}, nil
}

// LoginWithCode exchanges the code that the user returned with for an access token, and returns a
// client for the Admin API that acts as the user. After the access token expires, calls fail with
// [ErrUnauthorized], unless UserVoice issued a refresh token.
func (c *Client) LoginWithCode(ctx context.Context, request AuthorizationRequest, code string) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithCode(client, code, request.CodeVerifier, request.RedirectURI)
	})
}
