package uservoice

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
)

// Send sends a POST, PUT, PATCH or DELETE request with the bytes of body and returns the whole
// response, like [Client.Request]. The header must have Content-Type. A form
// (application/x-www-form-urlencoded) is part of an OAuth 1.0a signature.
//
// The body is read into memory before it is sent, because a retry sends it again; it fails with
// [ErrInvalidArgument] if it is longer than [WithMaxRequestBytes] permits. A nil body is empty. Send
// does not close it.
func (c *Client) Send(ctx context.Context, method, path string, header http.Header, body io.Reader) (*Response, error) {
	data, err := c.readBody(ctx, "body", body)
	if err != nil {
		return nil, err
	}
	method = upperASCII(method)
	return c.response(ctx, header, func(client *nativeClient, token *nativeToken, headersJSON string) ([]byte, error) {
		return send(client, token, method, path, headersJSON, data)
	})
}

// Upload uploads a file: it sends a POST request with the field "file" as multipart/form-data, and
// decodes the response like [Client.Get]. The path is "/api/v2/admin/attachments" for the Admin API.
// A contentType of "" is that of files with such a name. The file is read like the body of
// [Client.Send], and Upload is retried like [Client.Post].
func (c *Client) Upload(ctx context.Context, path, filename, contentType string, file io.Reader, out any) error {
	if err := checkOut("out", out); err != nil {
		return err
	}
	data, err := c.readBody(ctx, "file", file)
	if err != nil {
		return err
	}
	var response []byte
	err = c.call(ctx, func(client *nativeClient, token *nativeToken) (err error) {
		response, err = upload(client, token, path, filename, contentType, data)
		return err
	})
	if err != nil {
		return err
	}
	return decodeResponse("POST", path, response, out)
}

// readBody reads a body, not further than it takes to see that it is too long.
func (c *Client) readBody(ctx context.Context, argument string, body io.Reader) ([]byte, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	if body == nil {
		return nil, nil
	}
	limit := c.maxRequestBytes + 1
	var data bytes.Buffer
	data.Grow(int(min(bodySize(body), limit)) + bytes.MinRead)
	if _, err := data.ReadFrom(io.LimitReader(contextReader{ctx, body}, limit)); err != nil {
		if ctx.Err() != nil {
			return nil, notSentError(ctx)
		}
		return nil, fmt.Errorf("uservoice: cannot read the %s: %w", argument, err)
	}
	if int64(data.Len()) > c.maxRequestBytes {
		return nil, invalidArgument(argument, "is longer than WithMaxRequestBytes permits (%d)", c.maxRequestBytes)
	}
	return data.Bytes(), nil
}

// bodySize returns the size of a body whose type has one, else 0.
func bodySize(body io.Reader) int64 {
	switch body := body.(type) {
	case interface{ Len() int }: // bytes.Buffer, bytes.Reader and strings.Reader
		return int64(body.Len())
	case fs.File:
		if info, err := body.Stat(); err == nil {
			return max(info.Size(), 0)
		}
	}
	return 0
}

// A contextReader fails when its context has ended.
type contextReader struct {
	ctx    context.Context
	reader io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.reader.Read(p)
}
