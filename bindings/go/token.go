package uservoice

// Token is an access token, or the request token of a three-legged login. The user of the access
// token is the acting user of the requests. With the zero Token, requests are authenticated
// with the API key alone.
//
// A Token is a small value: copies share one token. Store it as JSON, in a place for secrets.
//
// fmt shows none of its contents, and log/slog none of a Token that is itself an attribute.
// Handlers such as [slog.JSONHandler] marshal other values, such as a slice or a struct that
// contains it, to JSON, which has the secret.
type Token struct {
	handle *handle[*nativeToken]
}

// NewToken returns an OAuth 1.0a token with its secret.
func NewToken(value, secret string) (Token, error) {
	if err := checkLibrary(); err != nil {
		return Token{}, err
	}
	return wrapToken(newToken(value, secret))
}

func wrapToken(native *nativeToken, err error) (Token, error) {
	if err != nil {
		return Token{}, err
	}
	return Token{newHandle(native, freeToken)}, nil
}

// IsZero reports whether the token is the zero Token.
func (t Token) IsZero() bool { return t.handle == nil }

// Value returns the token as UserVoice issued it. For a token that is refreshed automatically, it
// is the first one. It returns "" for the zero Token and after Close.
func (t Token) Value() string { return t.read(tokenValue) }

// Secret returns the token secret of OAuth 1.0a. It returns "" for the zero Token, for a token of
// the Admin API, and after Close.
func (t Token) Secret() string { return t.read(tokenSecret) }

func (t Token) read(property func(*nativeToken) string) string {
	native, err := t.acquire()
	if err != nil || native == nil {
		return ""
	}
	defer t.release()
	return property(native)
}

// MarshalJSON implements [json.Marshaler]. The JSON contains the secrets that are needed to
// restore the token, in its current state. The zero Token is null.
func (t Token) MarshalJSON() ([]byte, error) {
	native, err := t.acquire()
	if err != nil {
		return nil, err
	}
	if native == nil {
		return []byte("null"), nil
	}
	defer t.release()
	return tokenJSON(native)
}

// UnmarshalJSON implements [json.Unmarshaler]. It restores a token from the JSON of
// [Token.MarshalJSON].
func (t *Token) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*t = Token{}
		return nil
	}
	if err := checkLibrary(); err != nil {
		return err
	}
	token, err := wrapToken(tokenFromJSON(string(data)))
	if err != nil {
		return err
	}
	*t = token
	return nil
}

// Close overwrites and frees the token, for all its copies, as soon as no running call uses it. The
// strings and the JSON that its methods returned are not overwritten.
func (t Token) Close() error {
	t.handle.close()
	return nil
}

// acquire returns nil for the zero Token.
func (t Token) acquire() (*nativeToken, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.handle.acquire()
}

// acquireRequestToken rejects the zero Token.
func (t Token) acquireRequestToken() (*nativeToken, error) {
	if t.IsZero() {
		return nil, invalidArgument("requestToken", "must be the token that RequestToken returned (got the zero Token)")
	}
	return t.acquire()
}

func (t Token) release() {
	if !t.IsZero() {
		t.handle.release()
	}
}
