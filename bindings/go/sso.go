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
	text, err := encode(user)
	if err != nil {
		return "", err
	}
	return ssoToken(subdomain, ssoKey, text, roundUp(validFor, time.Second))
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
