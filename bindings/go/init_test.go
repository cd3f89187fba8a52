package uservoice_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

const callDuringInit = "TEST_CALL_DURING_INIT"

// attemptsDuringInit counts the attempts of a call that is made before main begins.
var attemptsDuringInit = func() (attempts int) {
	if os.Getenv(callDuringInit) == "" {
		return 0
	}
	client, err := uservoice.NewFromEnv(uservoice.WithAttemptHook(func(context.Context, uservoice.Attempt) { attempts++ }))
	if err != nil {
		panic(err)
	}
	defer client.Close()
	if err := client.Get(context.Background(), "/api/v1/forums", nil, nil); err != nil {
		panic(err)
	}
	return attempts
}()

// The runtime lets no other thread call Go until all packages are initialized.
func TestObservedCallSucceedsDuringInitialization(t *testing.T) {
	if os.Getenv(callDuringInit) != "" {
		equal(t, "attempts", attemptsDuringInit, 1)
		return
	}
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=3m")
	command.Env = append(os.Environ(), callDuringInit+"=1")
	for name, value := range sandbox(t).environment() {
		command.Env = append(command.Env, name+"="+value)
	}
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
