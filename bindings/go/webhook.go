package uservoice

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Webhook is what a web hook tells. Printed or logged it shows its event only, with the
// exceptions that [CodeRequest] has.
type Webhook struct {
	Event string          `json:"event"` // such as "new_suggestion"
	Data  json.RawMessage `json:"data"`  // as they came
}

// Format hides the data, which is about people, from fmt.
func (w Webhook) Format(f fmt.State, _ rune) { io.WriteString(f, w.shown()) }

// LogValue hides the data, which is about people, from log/slog, as an attribute of its own.
func (w Webhook) LogValue() slog.Value { return slog.StringValue(w.shown()) }

func (w Webhook) shown() string { return "uservoice.Webhook{" + w.Event + "}" }

// ReadWebhook reads the body of a web hook's request, as it came, after a check, in
// constant time, that it was signed with the site's SSO key. A forged one is
// [ErrInvalidArgument]. Sends nothing.
func ReadWebhook(ssoKey string, body []byte) (*Webhook, error) {
	if err := usable(); err != nil {
		return nil, err
	}
	text, err := readWebhook(ssoKey, body)
	if err != nil {
		return nil, err
	}
	webhook := new(Webhook)
	if err := decode(text, webhook); err != nil {
		return nil, err
	}
	return webhook, nil
}

// VerifyWebhook is the check of [ReadWebhook] alone, for a program that has taken the
// request's form apart: its fields "data" and "signature".
func VerifyWebhook(ssoKey string, data []byte, signature string) error {
	if err := usable(); err != nil {
		return err
	}
	return verifyWebhook(ssoKey, data, signature)
}
