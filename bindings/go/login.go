package uservoice

import "context"

// LoginAs gives a client that acts as the user with that e-mail address, who is
// created where there is none. Needs a trusted API key.
func (c *Client) LoginAs(ctx context.Context, email string) (*Client, error) {
	return c.login(ctx, func(client *nativeClient, token *nativeToken) (*nativeToken, error) {
		return loginAs(client, token, email)
	})
}

// LoginAsOwner gives a client that acts as the owner of the site. Needs a trusted
// API key.
func (c *Client) LoginAsOwner(ctx context.Context) (*Client, error) {
	return c.login(ctx, loginAsOwner)
}

// RequestToken asks for a request token, the first step of a three-legged login.
// Keep it until the person comes back: any process may finish the login.
// [WithCallback] says where to.
func (c *Client) RequestToken(ctx context.Context) (Token, error) {
	return c.tokenFrom(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return requestToken(client)
	})
}

// AuthorizeURL gives the URL to send the person to, who is asked there whether to
// allow the access. Sends nothing.
func (c *Client) AuthorizeURL(requestToken Token) (string, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return "", err
	}
	defer c.handle.release()
	token, err := requestToken.acquireRequest()
	if err != nil {
		return "", err
	}
	defer requestToken.release()
	return authorizeURL(client, token)
}

// LoginWithVerifier gives a client that acts for the person who allowed the request
// token. The verifier is "oauth_verifier" of the callback, or what the person read on
// the page.
func (c *Client) LoginWithVerifier(ctx context.Context, requestToken Token, verifier string) (*Client, error) {
	request, err := requestToken.acquireRequest()
	if err != nil {
		return nil, err
	}
	defer requestToken.release()
	return c.login(ctx, func(client *nativeClient, _ *nativeToken) (*nativeToken, error) {
		return loginWithVerifier(client, request, verifier)
	})
}

type getToken func(*nativeClient, *nativeToken) (*nativeToken, error)

func (c *Client) login(ctx context.Context, get getToken) (*Client, error) {
	token, err := c.tokenFrom(ctx, get)
	if err != nil {
		return nil, err
	}
	return c.As(token)
}

func (c *Client) tokenFrom(ctx context.Context, get getToken) (Token, error) {
	var token *nativeToken
	err := c.call(ctx, func(client *nativeClient, acting *nativeToken) (err error) {
		token, err = get(client, acting)
		return err
	})
	return tokenOf(token, err)
}
