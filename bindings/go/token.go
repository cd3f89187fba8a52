package uservoice

import (
	"log/slog"
)

// Token says whom calls act for. It is a small value to be copied; the zero Token
// is the API key itself.
//
// Keep a token by encoding it as JSON, as the secret that it is. fmt shows nothing of it,
// wherever it is, and log/slog nothing of one that is an attribute of its own. Inside a value
// that a handler marshals to JSON, such as a slice or a struct given to [slog.JSONHandler],
// the secret is there.
type Token struct {
	handle *handle[*nativeToken]
}

// NewToken makes a token from its two parts, as OAuth 1.0a names them.
func NewToken(value, secret string) (Token, error) {
	if err := usable(); err != nil {
		return Token{}, err
	}
	return tokenOf(newToken(value, secret))
}

func tokenOf(token *nativeToken, err error) (Token, error) {
	if err != nil {
		return Token{}, err
	}
	return Token{newHandle(token, freeToken, nil)}, nil
}

// IsZero reports whether the token stands for the API key itself.
func (t Token) IsZero() bool { return t.handle == nil }

// Value gives the token itself, of one that renews itself the first one; "" for the zero
// Token and after Close.
func (t Token) Value() string { return t.part(tokenValue) }

// Secret gives the token's secret; "" for the zero Token, one of the Admin API, which has
// none, and after Close.
func (t Token) Secret() string { return t.part(tokenSecret) }

func (t Token) part(of func(*nativeToken) string) string {
	token, err := t.acquire()
	if err != nil || token == nil {
		return ""
	}
	defer t.release()
	return of(token)
}

// MarshalJSON gives everything needed to restore the token, as it is now: keep it as the
// secret that it is. The zero Token is null.
func (t Token) MarshalJSON() ([]byte, error) {
	token, err := t.acquire()
	if err != nil {
		return nil, err
	}
	if token == nil {
		return []byte("null"), nil
	}
	defer t.release()
	return tokenJSON(token)
}

// UnmarshalJSON restores what [Token.MarshalJSON] gave.
func (t *Token) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*t = Token{}
		return nil
	}
	if err := usable(); err != nil {
		return err
	}
	token, err := tokenOf(tokenFromJSON(string(text)))
	if err == nil {
		*t = token
	}
	return err
}

// Close wipes the token, and all its copies, from memory. Calls that are running
// go on.
func (t Token) Close() error {
	t.handle.close()
	return nil
}

// String hides the token: it is a secret.
func (t Token) String() string {
	if t.IsZero() {
		return "uservoice.Token{}"
	}
	return "uservoice.Token{secret}"
}

// GoString hides the token for %#v.
func (t Token) GoString() string { return t.String() }

// LogValue hides the token from log/slog, as an attribute of its own.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// acquire gives nil for the zero Token.
func (t Token) acquire() (*nativeToken, error) {
	if t.handle == nil {
		return nil, nil
	}
	return t.handle.acquire()
}

// acquireRequest is acquire of a token that has to be there.
func (t Token) acquireRequest() (*nativeToken, error) {
	if t.IsZero() {
		return nil, invalidArgument("request_token: is the zero Token: give the one that RequestToken gave")
	}
	return t.acquire()
}

func (t Token) release() {
	if t.handle != nil {
		t.handle.release()
	}
}
