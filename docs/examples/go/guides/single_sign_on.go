package main

import (
	"context"
	"fmt"
	"time"

	"github.com/libuservoice/libuservoice/bindings/go"
)

func singleSignOn(_ context.Context, client *uservoice.Client) error {
	const ssoKey = "sandbox-sso-key"
	// [sso-aes]
	token, err := uservoice.SSOToken("acme", "SSO-KEY",
		uservoice.Params{"guid": "1001", "email": "jo@example.com"}, 5*time.Minute)
	if err != nil {
		return err
	}
	fmt.Println("https://acme.uservoice.com/?sso=" + token)
	// [end]

	// [sso-decrypt]
	var user struct{ GUID, Email, Expires string }
	if err := uservoice.SSODecrypt("acme", "SSO-KEY", token, &user); err != nil {
		return err // ErrNotVerified: created with another key, for example
	}
	// [end]
	fmt.Println(user.GUID, user.Email)

	// [sso-jwt]
	jwt, err := uservoice.SSOJWT(ssoKey, uservoice.Params{
		"guid": "1001", "email": "jo@example.com", "display_name": "Jo",
	}, 5*time.Minute)
	if err != nil {
		return err
	}
	url, err := client.SSOURL(jwt, "/forums/1")
	if err != nil {
		return err
	}
	fmt.Println(url)
	// [end]

	// [sso-jwt-verify]
	var claims struct{ GUID string }
	if err := uservoice.SSOVerifyJWT(ssoKey, jwt, 30*time.Second, &claims); err != nil {
		return err // ErrNotVerified: forged, or expired more than 30 seconds ago
	}
	// [end]
	fmt.Println(claims.GUID)
	return nil
}

func webhooks(context.Context, *uservoice.Client) error {
	const signature = "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0"
	body := []byte("event=new_suggestion&data=%7B%22suggestion%22%3A%7B%22id%22%3A1%7D%7D" +
		"&signature=" + signature)
	// [webhook-read]
	webhook, err := uservoice.ReadWebhook("sandbox-sso-key", body)
	if err != nil {
		return err // ErrNotVerified: respond with 401
	}
	fmt.Println(webhook.Event, string(webhook.Data))
	// [end]

	// [webhook-verify]
	data := []byte(`{"suggestion":{"id":1}}`) // the form's field, decoded
	if err := uservoice.VerifyWebhook("sandbox-sso-key", data, signature); err != nil {
		return err
	}
	// [end]
	return nil
}
