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

// encode gives the JSON of a value: "" for nil, raw JSON as it is.
func encode(value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case json.RawMessage:
		return string(value), nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", invalidArgument("%T is no JSON: %v", value, err)
	}
	if text.String() == "null\n" { // a nil map or pointer
		return "", nil
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), nil
}

// checkJSON refuses what holds a text, of JSON perhaps, and becomes something else as JSON: a
// []byte would be sent in base64, a reader as {}.
func checkJSON(name string, value any) error {
	switch value.(type) {
	case nil, json.Marshaler, encoding.TextMarshaler:
		return nil
	}
	if kind := reflect.TypeOf(value); holdsText(kind) {
		shown := strings.ReplaceAll(kind.String(), "[]uint8", "[]byte")
		return invalidArgument("%s: must be JSON: give a json.RawMessage, not %s", name, shown)
	}
	return nil
}

var reader = reflect.TypeFor[io.Reader]()

func holdsText(kind reflect.Type) bool {
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	bytes := kind.Kind() == reflect.Slice && kind.Elem() == reflect.TypeFor[byte]()
	return bytes || reflect.PointerTo(kind).Implements(reader)
}

// checkOut refuses what nothing can be decoded into, before a call is made for it.
func checkOut(out any) error {
	if value := reflect.ValueOf(out); out != nil && (value.Kind() != reflect.Pointer || value.IsNil()) {
		return invalidArgument("out: %v", &json.InvalidUnmarshalError{Type: value.Type()})
	}
	return nil
}

// decode does nothing when out is nil.
func decode(text []byte, out any) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("uservoice: the answer does not fit %T: %w", out, err)
	}
	return nil
}
