package uservoice

import "time"

// SSOToken makes a single sign-on token, ready to stand in a URL:
// https://SUBDOMAIN.uservoice.com/?sso=TOKEN.
//
// The user is anything that encoding/json makes an object of, with "guid", "email",
// "display_name", "trusted", "allow_forums" and so on; a [json.RawMessage] is taken
// as it is. An "expires" is added where it is missing, validFor from now; 0 means
// five minutes. Nothing is sent.
func SSOToken(subdomain, ssoKey string, user any, validFor time.Duration) (string, error) {
	if err := usable(); err != nil {
		return "", err
	}
	text, err := encodeUser(user)
	if err != nil {
		return "", err
	}
	return ssoToken(subdomain, ssoKey, text, roundUp(validFor, time.Second))
}

func encodeUser(user any) (string, error) {
	if err := checkJSON("user", user); err != nil {
		return "", err
	}
	return encode(user)
}

// SSODecrypt decodes the user that a single sign-on token was made for into the
// value that user points to. Its "expires" is not checked. A token that was made
// with another key is [ErrInvalidArgument].
func SSODecrypt(subdomain, ssoKey, token string, user any) error {
	if err := usable(); err != nil {
		return err
	}
	text, err := ssoDecrypt(subdomain, ssoKey, token)
	if err != nil {
		return err
	}
	return decode(text, user)
}

// SSOJWT makes a single sign-on token of the kind that today's sites take: a JSON Web
// Token, signed with HS256. It goes where one of [SSOToken] goes, see [Client.SSOURL].
//
// The user is anything that encoding/json makes an object of, with "guid" and "email"; a
// [json.RawMessage] is taken as it is. An "exp" is added where there is neither that nor
// "expires", validFor from now; 0 means five minutes. Nothing is sent.
func SSOJWT(ssoKey string, user any, validFor time.Duration) (string, error) {
	if err := usable(); err != nil {
		return "", err
	}
	text, err := encodeUser(user)
	if err != nil {
		return "", err
	}
	return ssoJWT(ssoKey, text, roundUp(validFor, time.Second))
}

// SSOVerifyJWT decodes the claims of a JSON Web Token into the value that user points to,
// after a check of its signature, by HS256 only, and of its end, which must be there and
// may have passed by the leeway. A token that does not hold is [ErrInvalidArgument].
func SSOVerifyJWT(ssoKey, jwt string, leeway time.Duration, user any) error {
	if err := usable(); err != nil {
		return err
	}
	text, err := ssoVerifyJWT(ssoKey, jwt, roundUp(leeway, time.Second))
	if err != nil {
		return err
	}
	return decode(text, user)
}

// SSOURL gives the URL that logs a person in: the site's page with a token of [SSOJWT] or
// [SSOToken]. The page is one within the site, such as "/forums/1"; "" is the front page.
// Sends nothing.
func (c *Client) SSOURL(token, page string) (string, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return "", err
	}
	defer c.handle.release()
	return ssoURL(client, token, page)
}
