package uservoice

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
)

// encode marshals an argument. It returns "" for nil, and a json.RawMessage unchanged.
func encode(argument string, value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case json.RawMessage:
		return string(value), nil
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", invalidArgument(argument, "cannot encode %T as JSON: %v", value, err)
	}
	encoded := strings.TrimSuffix(buffer.String(), "\n")
	if encoded == "null" { // a nil map or pointer
		return "", nil
	}
	return encoded, nil
}

// encodeChecked is encode for a value of the caller. It rejects types that encoding/json does not
// marshal as the caller probably expects: a []byte becomes base64, an io.Reader {}, and a url.Values
// an object of arrays.
func encodeChecked(argument string, value any) (string, error) {
	switch value.(type) {
	case nil, json.Marshaler, encoding.TextMarshaler:
		return encode(argument, value)
	}
	t := reflect.TypeOf(value)
	if _, isQuery := value.(url.Values); isQuery || isBytesOrReader(t) {
		name := strings.ReplaceAll(t.String(), "[]uint8", "[]byte")
		return "", invalidArgument(argument, "must be a value to encode as JSON, or a json.RawMessage (got %s)", name)
	}
	return encode(argument, value)
}

var readerType = reflect.TypeFor[io.Reader]()

func isBytesOrReader(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	isBytes := t.Kind() == reflect.Slice && t.Elem() == reflect.TypeFor[byte]()
	return isBytes || reflect.PointerTo(t).Implements(readerType)
}

// checkOut rejects a value that json.Unmarshal cannot decode into, before the call that returns
// the JSON.
func checkOut(argument string, out any) error {
	if value := reflect.ValueOf(out); out != nil && (value.Kind() != reflect.Pointer || value.IsNil()) {
		return invalidArgument(argument, "%v", &json.InvalidUnmarshalError{Type: value.Type()})
	}
	return nil
}

// decodeResponse unmarshals a response, or a record of one, into out, unless out is nil.
func decodeResponse(method, path string, data []byte, out any) error {
	if out == nil {
		return nil
	}
	err := json.Unmarshal(data, out)
	if err == nil {
		return nil
	}
	path, _, _ = strings.Cut(path, "?")
	request := method + " " + path
	return &Error{
		Status:  StatusBadResponse,
		Message: fmt.Sprintf("%s: cannot decode the response into %T: %v", request, out, err),
		Request: request,
		Body:    string(data),
		Outcome: OutcomeAnswered,
		cause:   err,
	}
}

// decode unmarshals a result of the library into out, unless out is nil.
func decode(data []byte, out any) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("uservoice: cannot decode the JSON into %T: %w", out, err)
	}
	return nil
}
