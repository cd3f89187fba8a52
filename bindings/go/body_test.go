package uservoice_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func adminClient(t *testing.T, s *site, options ...uservoice.Option) *uservoice.Client {
	t.Helper()
	admin, err := s.client(t, options...).LoginWithClientCredentials(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	return admin
}

var formHeaders = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

func TestSendSignsForm(t *testing.T) {
	client, err := sandbox(t).client(t).LoginAs(context.Background(), "user4@sandbox.example")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	form := strings.NewReader("suggestion%5Btitle%5D=Tea+%26+%C3%A9")
	response, err := client.Send(context.Background(), "post", "/api/v1/forums/1/suggestions", formHeaders, form)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", response.Status, 201)
	equal(t, "title", at(t, response.Body, "suggestion/title"), "Tea & \u00e9")
}

func TestSendAcceptsDeleteAndEmptyBodies(t *testing.T) {
	admin := adminClient(t, sandbox(t))
	// The sandbox rejects a field that it does not know: the body arrived.
	for body, status := range map[io.Reader]int{nil: 404, strings.NewReader(""): 404, strings.NewReader("unknown=1"): 422} {
		response, err := admin.Send(context.Background(), "DELETE", "/api/v2/admin/suggestions/999999", formHeaders, body)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "status", response.Status, status)
	}
}

type attachments struct {
	Attachments []struct {
		FileName    string `json:"file_name"`
		ContentType string `json:"content_type"`
		Size        int    `json:"size_in_bytes"`
		Token       string
	}
}

func TestUploadsEveryKindOfReader(t *testing.T) {
	s := sandbox(t)
	admin := adminClient(t, s)
	data := bytes.Repeat([]byte{0, 255, '\r', '\n'}, 50000)
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, reader := range map[string]io.Reader{
		"buffer": bytes.NewBuffer(bytes.Clone(data)),
		"bytes":  bytes.NewReader(data),
		"file":   file,
		"other":  iotest.HalfReader(bytes.NewReader(data)),
	} {
		var uploaded attachments
		if err := admin.Upload(context.Background(), "/api/v2/admin/attachments", name+" \u00e9.png", "", reader, &uploaded); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		attachment := uploaded.Attachments[0]
		equal(t, "name", attachment.FileName, name+" \u00e9.png")
		equal(t, "content type", attachment.ContentType, "image/png")
		equal(t, "size", attachment.Size, len(data))
		if len(attachment.Token) == 0 {
			t.Errorf("%s: no token", name)
		}
	}
	var empty attachments
	if err := admin.Upload(context.Background(), "/api/v2/admin/attachments", "a", "text/x-a", nil, &empty); err != nil {
		t.Fatal(err)
	}
	equal(t, "content type", empty.Attachments[0].ContentType, "text/x-a")
	equal(t, "size", empty.Attachments[0].Size, 0)
}

// endless never ends, and counts what is read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestBodyIsReadUpToTheLimit(t *testing.T) {
	s := sandbox(t)
	client := s.client(t, uservoice.WithMaxRequestBytes(1000))
	clone, err := client.With(uservoice.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	defer clone.Close()
	for _, client := range []*uservoice.Client{client, clone} {
		var body endless
		_, sendError := client.Send(context.Background(), "PUT", "/api/v1/forums/1", formHeaders, &body)
		uploadError := client.Upload(context.Background(), "/a", "a", "", &body, nil)
		for argument, err := range map[string]error{"body": sendError, "file": uploadError} {
			var uvErr *uservoice.Error
			if !errors.As(err, &uvErr) || uvErr.Argument != argument {
				t.Errorf("%s: %v", argument, err)
			}
		}
		if body.read > 1<<16 {
			t.Errorf("%d bytes were read", body.read)
		}
	}
	equal(t, "requests", len(s.requests(t)), 0)
}

func TestReadErrorsEndTheCallBeforeItSends(t *testing.T) {
	s := sandbox(t)
	client := s.client(t)
	broken := iotest.ErrReader(io.ErrClosedPipe)
	if _, err := client.Send(context.Background(), "PUT", "/api/v1/forums/1", formHeaders, broken); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if err := client.Upload(context.Background(), "/api/v1/a", "a", "", broken, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := client.Send(ctx, "PUT", "/api/v1/forums/1", formHeaders, &endless{})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, uservoice.ErrCanceled) {
		t.Error(err)
	}
	equal(t, "requests", len(s.requests(t)), 0)
}

func TestSendRejectsInvalidArguments(t *testing.T) {
	client := sandbox(t).client(t)
	ctx, body := context.Background(), strings.NewReader("a=b")
	_, noContentType := client.Send(ctx, "PUT", "/", nil, body)
	_, method := client.Send(ctx, "GET", "/", formHeaders, body)
	for argument, err := range map[string]error{
		"header":      noContentType,
		"method":      method,
		"filename":    client.Upload(ctx, "/", "", "", body, nil),
		"contentType": client.Upload(ctx, "/", "a", "png", body, nil),
		"out":         client.Upload(ctx, "/", "a", "", body, 7),
	} {
		var uvErr *uservoice.Error
		if !errors.As(err, &uvErr) || uvErr.Status != uservoice.StatusInvalidArgument || uvErr.Argument != argument {
			t.Errorf("%s: %v", argument, err)
		}
	}
}
