package uservoice

import "context"

// LoginAs returns a client that acts as the user with the e-mail address. UserVoice creates the
// user if there is none. It needs a trusted API key.
func (c *Client) LoginAs(ctx context.Context, email string) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, token *nativeToken) (*nativeToken, error) {
		return loginAs(client, token, email)
	})
}

// LoginAsOwner returns a client that acts as the owner of the site. It needs a trusted API key.
func (c *Client) LoginAsOwner(ctx context.Context) (*Client, error) {
	return c.login(ctx, loginAsOwner)
}

// RequestToken requests an OAuth 1.0a request token, the first step of a three-legged login. The
// user authorizes it at [Client.AuthorizeURL] and is then redirected to the URL of
// [WithCallback]. Store the token as JSON until then; any process may complete the login with
// [Client.LoginWithVerifier].
func (c *Client) RequestToken(ctx context.Context) (Token, error) {
	return c.obtainToken(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return requestToken(client)
	})
}

// AuthorizeURL returns the URL of the page on which the user allows or denies access. It sends no
// request.
func (c *Client) AuthorizeURL(requestToken Token) (string, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return "", err
	}
	defer c.handle.release()
	token, err := requestToken.acquireRequestToken()
	if err != nil {
		return "", err
	}
	defer requestToken.release()
	return authorizeURL(client, token)
}

// LoginWithVerifier exchanges an authorized request token for an access token, and returns a
// client that acts as the user. The verifier is the parameter oauth_verifier of the callback, or
// the one that the page showed to the user.
func (c *Client) LoginWithVerifier(ctx context.Context, requestToken Token, verifier string) (*Client, error) {
	token, err := requestToken.acquireRequestToken()
	if err != nil {
		return nil, err
	}
	defer requestToken.release()
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithVerifier(client, token, verifier)
	})
}

// A loginFunc is a function of the C library that obtains a token. Its own token argument is the
// one of the client that makes the call.
type loginFunc func(*nativeClient, *nativeToken) (*nativeToken, error)

// login obtains a token and returns a client that authenticates with it.
func (c *Client) login(ctx context.Context, obtain loginFunc) (*Client, error) {
	token, err := c.obtainToken(ctx, obtain)
	if err != nil {
		return nil, err
	}
	return c.WithToken(token)
}

func (c *Client) obtainToken(ctx context.Context, obtain loginFunc) (Token, error) {
	var obtained *nativeToken
	err := c.call(ctx, func(client *nativeClient, token *nativeToken) (err error) {
		obtained, err = obtain(client, token)
		return err
	})
	return wrapToken(obtained, err)
}
