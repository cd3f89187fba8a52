package uservoice_test

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func contains(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q does not contain %q", text, part)
	}
}

// decodeStrictly fails the test if the JSON has a field that out does not have.
func decodeStrictly(t *testing.T, text []byte, out any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		t.Fatal(err)
	}
}

func decoded(t *testing.T, text json.RawMessage) (value any) {
	t.Helper()
	decodeStrictly(t, text, &value)
	return value
}

// at returns the value at a path such as "suggestions/0/title".
func at(t *testing.T, text json.RawMessage, path string) any {
	t.Helper()
	value := decoded(t, text)
	for _, part := range strings.Split(path, "/") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[part]
		case []any:
			index, err := strconv.Atoi(part)
			if err != nil || index >= len(inner) {
				t.Fatalf("%s is not in %s", path, text)
			}
			value = inner[index]
		default:
			t.Fatalf("%s is not in %s", path, text)
		}
	}
	return value
}
