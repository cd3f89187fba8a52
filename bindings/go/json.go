package uservoice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
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
