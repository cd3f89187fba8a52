package uservoice

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
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
	text := strings.TrimSuffix(buffer.String(), "\n")
	if text == "null" { // a nil map or pointer
		return "", nil
	}
	return text, nil
}

// checkJSON rejects a []byte and an io.Reader, which the caller probably expects to be sent as
// JSON, but which encoding/json marshals as base64 and as {}.
func checkJSON(argument string, value any) error {
	switch value.(type) {
	case nil, json.Marshaler, encoding.TextMarshaler:
		return nil
	}
	if t := reflect.TypeOf(value); isBytesOrReader(t) {
		name := strings.ReplaceAll(t.String(), "[]uint8", "[]byte")
		return invalidArgument(argument, "must be a value to encode as JSON, or a json.RawMessage (got %s)", name)
	}
	return nil
}

var readerType = reflect.TypeFor[io.Reader]()

func isBytesOrReader(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	isBytes := t.Kind() == reflect.Slice && t.Elem() == reflect.TypeFor[byte]()
	return isBytes || reflect.PointerTo(t).Implements(readerType)
}

// checkOut rejects a value that json.Unmarshal cannot decode into, before a request is sent.
func checkOut(out any) error {
	if value := reflect.ValueOf(out); out != nil && (value.Kind() != reflect.Pointer || value.IsNil()) {
		return invalidArgument("out", "%v", &json.InvalidUnmarshalError{Type: value.Type()})
	}
	return nil
}

// decode unmarshals a result of the library into out, unless out is nil.
func decode(text []byte, out any) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("uservoice: cannot decode the response into %T: %w", out, err)
	}
	return nil
}
