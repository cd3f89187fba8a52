package uservoice

import (
	"bytes"
	"encoding/json"
	"fmt"
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
