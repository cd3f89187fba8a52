package uservoice

import "encoding/json"

// Webhook is an event that UserVoice reported with a webhook. fmt and log/slog show only the name
// of the event, with the exceptions listed at [AuthorizationRequest].
type Webhook struct {
	Event string          `json:"event"` // such as "new_suggestion"
	Data  json.RawMessage `json:"data"`  // as the service sent it
}

// ReadWebhook verifies, in constant time, that the body of a webhook request is signed with the SSO
// key of the site, and parses it. A body that is forged or malformed fails with [ErrNotVerified]; an
// empty key fails with [ErrInvalidArgument]. Pass the body exactly as it was received.
//
// UserVoice signs the data and not the event: rely on the data.
func ReadWebhook(ssoKey string, body []byte) (*Webhook, error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	webhookJSON, err := readWebhook(ssoKey, body)
	if err != nil {
		return nil, err
	}
	webhook := new(Webhook)
	if err := decode(webhookJSON, webhook); err != nil {
		return nil, err
	}
	return webhook, nil
}

// VerifyWebhook verifies the signature of a webhook whose form fields "data" and "signature" the
// program has parsed itself. A signature that was not made for the data with the key fails with
// [ErrNotVerified]; an empty key fails with [ErrInvalidArgument]. [ReadWebhook] does both.
func VerifyWebhook(ssoKey string, data []byte, signature string) error {
	if err := checkLibrary(); err != nil {
		return err
	}
	return verifyWebhook(ssoKey, data, signature)
}

// SignWebhook returns the signature of webhook data, in hexadecimal, for tests of a program that
// receives webhooks. The request body is the form event=EVENT&data=DATA&signature=SIGNATURE.
func SignWebhook(ssoKey string, data []byte) (string, error) {
	if err := checkLibrary(); err != nil {
		return "", err
	}
	return signWebhook(ssoKey, data)
}
