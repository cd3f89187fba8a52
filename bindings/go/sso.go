package uservoice

import "time"

// SSOToken returns a single sign-on token, encrypted with the SSO key of the site and escaped for
// use in a URL: https://SUBDOMAIN.uservoice.com/?sso=TOKEN.
//
// The user is a value that encoding/json can marshal to an object, with the members "guid",
// "email", "display_name", "trusted", "allow_forums" and so on, or a [json.RawMessage]. If it has
// no "expires", that is set to validFor from now; 0 means five minutes. No request is sent.
func SSOToken(subdomain, ssoKey string, user any, validFor time.Duration) (string, error) {
	if err := checkLibrary(); err != nil {
		return "", err
	}
	userJSON, err := encodeChecked("user", user)
	if err != nil {
		return "", err
	}
	return ssoToken(subdomain, ssoKey, userJSON, roundAwayFromZero(validFor, time.Second))
}

// SSODecrypt decrypts a token of [SSOToken] and decodes it into the value that user points to. It
// does not check "expires". A token that was not created for the subdomain with the key, or is
// malformed, fails with [ErrNotVerified]; an empty key fails with [ErrInvalidArgument].
func SSODecrypt(subdomain, ssoKey, token string, user any) error {
	if err := checkLibrary(); err != nil {
		return err
	}
	if err := checkOut("user", user); err != nil {
		return err
	}
	userJSON, err := ssoDecrypt(subdomain, ssoKey, token)
	if err != nil {
		return err
	}
	return decode(userJSON, user)
}

// SSOJWT returns a single sign-on token in the format of current sites: a JSON Web Token signed
// with HS256. [Client.SSOURL] returns a URL with it.
//
// The user is a value that encoding/json can marshal to an object, with at least the members
// "guid" and "email", or a [json.RawMessage]. If it has neither "exp" nor "expires", "exp" is set
// to validFor from now; 0 means five minutes. No request is sent.
func SSOJWT(ssoKey string, user any, validFor time.Duration) (string, error) {
	if err := checkLibrary(); err != nil {
		return "", err
	}
	userJSON, err := encodeChecked("user", user)
	if err != nil {
		return "", err
	}
	return ssoJWT(ssoKey, userJSON, roundAwayFromZero(validFor, time.Second))
}

// SSOVerifyJWT verifies a JSON Web Token and decodes its claims into the value that user points
// to. The signature must be HS256 with the key. The expiry time is required, and may have passed
// by at most the leeway. A token that does not meet these requirements, or is malformed, fails with
// [ErrNotVerified]; an empty key fails with [ErrInvalidArgument].
func SSOVerifyJWT(ssoKey, jwt string, leeway time.Duration, user any) error {
	if err := checkLibrary(); err != nil {
		return err
	}
	if err := checkOut("user", user); err != nil {
		return err
	}
	claimsJSON, err := ssoVerifyJWT(ssoKey, jwt, roundAwayFromZero(leeway, time.Second))
	if err != nil {
		return err
	}
	return decode(claimsJSON, user)
}

// SSOURL returns a URL that logs a user in: a page of the site with a token of [SSOJWT] or
// [SSOToken]. The return path is the path of the page, such as "/forums/1"; "" is the front page.
// No request is sent.
func (c *Client) SSOURL(token, returnPath string) (string, error) {
	client, err := c.handle.acquire()
	if err != nil {
		return "", err
	}
	defer c.handle.release()
	return ssoURL(client, token, returnPath)
}
