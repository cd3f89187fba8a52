package uservoice_test

import (
	"context"
	"errors"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func TestNewFromEnv(t *testing.T) {
	s := sandbox(t)
	// newFromEnv calls NewFromEnv with the environment of the sandbox and with changes to it.
	newFromEnv := func(changes map[string]string) (*uservoice.Client, error) {
		for name, value := range s.environment() {
			t.Setenv(name, value)
		}
		t.Setenv("USERVOICE_CA_FILE", "")
		for name, value := range changes {
			t.Setenv(name, value)
		}
		return uservoice.NewFromEnv()
	}
	client, err := newFromEnv(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.LoginAsOwner(context.Background()); err != nil {
		t.Error("with a trusted key:", err)
	}
	client, err = newFromEnv(map[string]string{
		"USERVOICE_API_KEY": "sandbox-untrusted-key", "USERVOICE_API_SECRET": "sandbox-untrusted-secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.LoginAsOwner(context.Background()); !errors.Is(err, uservoice.ErrUnauthorized) {
		t.Error("with an untrusted key:", err)
	}
	_, err = newFromEnv(map[string]string{"USERVOICE_CA_FILE": "/nothing/here.pem"})
	if !errors.Is(err, uservoice.ErrInvalidArgument) {
		t.Error("with a CA file that does not exist:", err)
	}
	for _, name := range []string{"USERVOICE_SUBDOMAIN", "USERVOICE_API_KEY", "USERVOICE_API_SECRET"} {
		_, err := newFromEnv(map[string]string{name: ""})
		if err == nil {
			t.Errorf("%s is not required", name)
			continue
		}
		equal(t, "message", err.Error(), "uservoice: environment variables that must be set: "+name)
	}
}
