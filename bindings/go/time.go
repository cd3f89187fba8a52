package uservoice

import (
	"encoding/json"
	"fmt"
	"time"
)

// Time is a timestamp of a record. It decodes the formats of both APIs: "2013/05/10 18:03:44 +0000"
// of API v1, and RFC 3339 of the Admin API. null and "" leave it unchanged, as encoding/json does.
// It is encoded in RFC 3339.
type Time struct{ time.Time }

const timeLayoutV1 = "2006/01/02 15:04:05 -0700"

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Time) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if text == nil || *text == "" {
		return nil
	}
	parsed, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		parsed, err = time.Parse(timeLayoutV1, *text)
	}
	if err != nil {
		return fmt.Errorf("uservoice: a timestamp must be like %q or in RFC 3339 (got %q)", timeLayoutV1, *text)
	}
	t.Time = parsed
	return nil
}
