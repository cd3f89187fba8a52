package uservoice

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Params are the parameters of a request or a collection: its query, or its JSON body.
//
// In a query, strings, numbers and booleans are sent as they are, and nil is omitted. A slice
// becomes repeated key[]= (under /api/v2/ a comma-separated list), and a map becomes key[sub]=.
//
// Functions that accept params as any also accept a [url.Values] for a query, and every other
// value that encoding/json can marshal to an object. A [json.RawMessage] is sent unchanged. A
// string is sent as a JSON string, in quotes. A []byte and an [io.Reader] are rejected, because
// encoding/json would marshal them as base64 and as {}; so is a url.Values as a body.
type Params = map[string]any

// Get sends a GET request. The path is relative to the site and may have a query, such as
// "/api/v1/users?page=2"; params are added to the query, and may be nil. Get decodes the
// response into the value that out points to; a nil out discards it. If the response cannot be
// decoded into that value, the request was successful, and the error is an [ErrBadResponse] with
// [OutcomeAnswered] that wraps the one of encoding/json.
func (c *Client) Get(ctx context.Context, path string, params, out any) error {
	return c.requestJSON(ctx, "GET", path, params, out)
}

// Post sends a POST request with params as its JSON body, and decodes the response like
// [Client.Get]. It is retried only if the request was certainly not sent, or if the service
// rejected it without processing it. After an error with [OutcomeUnknown], check whether the request
// was processed before you repeat it.
func (c *Client) Post(ctx context.Context, path string, params, out any) error {
	return c.requestJSON(ctx, "POST", path, params, out)
}

// Put sends a PUT request with params as its JSON body, and decodes the response like
// [Client.Get].
func (c *Client) Put(ctx context.Context, path string, params, out any) error {
	return c.requestJSON(ctx, "PUT", path, params, out)
}

// Delete sends a DELETE request with params in its query, and decodes the response like
// [Client.Get].
func (c *Client) Delete(ctx context.Context, path string, params, out any) error {
	return c.requestJSON(ctx, "DELETE", path, params, out)
}

func (c *Client) requestJSON(ctx context.Context, method, path string, params, out any) error {
	if err := checkOut("out", out); err != nil {
		return err
	}
	path, paramsJSON, err := encodeParams(method, path, params)
	if err != nil {
		return err
	}
	var body []byte
	err = c.call(ctx, func(client *nativeClient, token *nativeToken) (err error) {
		body, err = requestJSON(client, token, method, path, paramsJSON)
		return err
	})
	if err != nil {
		return err
	}
	return decodeResponse(method, path, body, out)
}

// Response is the status, the headers and the body of a response. fmt and log/slog show only
// its status, with the exceptions listed at [AuthorizationRequest].
type Response struct {
	Status int
	Header http.Header     // the values of a repeated header are one, joined with ", "
	Body   json.RawMessage // a JSON string if the body is not JSON, null if it is empty
}

// Request sends a request with any method and returns the whole response. An error status such
// as 404 is returned as a [Response], not as an error.
//
// The method is case-insensitive. Params are the query of GET, HEAD and DELETE, and the JSON body
// of POST, PUT and PATCH. The header may be nil. The values of a repeated name are joined with ", ";
// names that the library sets itself, such as Authorization, are rejected.
func (c *Client) Request(ctx context.Context, method, path string, params any, header http.Header) (*Response, error) {
	method = upperASCII(method)
	path, paramsJSON, err := encodeParams(method, path, params)
	if err != nil {
		return nil, err
	}
	return c.response(ctx, header, func(client *nativeClient, token *nativeToken, headersJSON string) ([]byte, error) {
		return request(client, token, method, path, paramsJSON, headersJSON)
	})
}

// response calls f with the header as JSON, and decodes the response that f returns as JSON.
func (c *Client) response(ctx context.Context, header http.Header, f func(*nativeClient, *nativeToken, string) ([]byte, error)) (*Response, error) {
	headersJSON, err := encodeHeader(header)
	if err != nil {
		return nil, err
	}
	var responseJSON []byte
	err = c.call(ctx, func(client *nativeClient, token *nativeToken) (err error) {
		responseJSON, err = f(client, token, headersJSON)
		return err
	})
	if err != nil {
		return nil, err
	}
	return parseResponse(responseJSON)
}

func encodeHeader(header http.Header) (string, error) {
	if len(header) == 0 {
		return "", nil
	}
	joined := make(map[string]string, len(header))
	for name, values := range header {
		joined[name] = strings.Join(values, ", ")
	}
	return encode("header", joined)
}

func parseResponse(responseJSON []byte) (*Response, error) {
	var parsed struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage
	}
	if err := decode(responseJSON, &parsed); err != nil {
		return nil, err
	}
	header := make(http.Header, len(parsed.Headers))
	for name, value := range parsed.Headers {
		header.Set(name, value)
	}
	return &Response{parsed.Status, header, parsed.Body}, nil
}

// upperASCII converts ASCII letters to upper case. strings.ToUpper would also convert other
// letters to ASCII, such as 'ſ' to 'S'.
func upperASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// encodeParams adds a url.Values to the query of the path, and encodes other params as JSON.
func encodeParams(method, path string, params any) (newPath, paramsJSON string, err error) {
	query, ok := params.(url.Values)
	if ok && (method == "GET" || method == "HEAD" || method == "DELETE") {
		return addQuery(path, query), "", nil
	}
	paramsJSON, err = encodeChecked("params", params)
	return path, paramsJSON, err
}

func addQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	if strings.Contains(path, "?") {
		return path + "&" + query.Encode()
	}
	return path + "?" + query.Encode()
}
