// Tour shows the features of the package, in the order in which you will probably need them. Read
// main first, then the steps from the top.
//
// It runs against the sandbox or against your own site, see README.md. On a real site it asks before
// it changes anything.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

type tour struct {
	site   *site.Site
	client *uservoice.Client
	stdin  *bufio.Scanner
	email  string // of a user, found by the second step
}

// skipped is the reason why a step was skipped.
type skipped string

func (s skipped) Error() string { return string(s) }

func main() {
	// Every call takes a context: Ctrl-C cancels the running one.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	site, err := site.FromEnv()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	client, err := site.NewClient() // sends no request yet
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer client.Close()
	t := &tour{site: site, client: client, stdin: bufio.NewScanner(os.Stdin)}
	if t.run(ctx) > 0 {
		os.Exit(1)
	}
}

func (t *tour) run(ctx context.Context) (failed int) {
	name := t.site.Subdomain
	if t.site.Sandbox {
		name = "the sandbox"
	}
	fmt.Printf("libuservoice %s and %s\n", uservoice.Version(), name)
	steps := []struct {
		title string
		run   func(context.Context) error
	}{
		{"Single sign-on: a link that logs a user in", t.singleSignOn},
		{"A collection: the users of the site", t.readCollection},
		{"Acting as a user", t.actAsUser},
		{"Acting as the owner: a private forum", t.actAsOwner},
		{"Handling an error: not found", t.handleNotFound},
		{"Handling an error: not authorized", t.handleUnauthorized},
		{"A three-legged login: the user decides", t.threeLeggedLogin},
	}
	done, skippedSteps := 0, 0
	for i, step := range steps {
		fmt.Printf("\n%d. %s\n", i+1, step.title)
		var reason skipped
		switch err := step.run(ctx); {
		case err == nil:
			done++
		case errors.As(err, &reason):
			fmt.Println("   Skipped:", reason)
			skippedSteps++
		default:
			fmt.Fprintln(os.Stderr, err)
			failed++
		}
	}
	fmt.Printf("\nThe end: %d steps done, %d skipped, %d failed.\n", done, skippedSteps, failed)
	return failed
}

// A URL with a single sign-on token logs a user in. The token is created with the SSO key, without a
// request.
func (t *tour) singleSignOn(context.Context) error {
	if t.site.SSOKey == "" {
		return skipped("USERVOICE_SSO_KEY is not set.")
	}
	type user struct {
		GUID        string `json:"guid"`
		Email       string `json:"email"`
		DisplayName string `json:"display_name"`
	}
	// 0 means five minutes.
	token, err := uservoice.SSOToken(t.site.Subdomain, t.site.SSOKey, user{"1001", "jo@example.com", "Jo"}, 0)
	if err != nil {
		return err
	}
	fmt.Printf("   This link logs Jo in during the next five minutes:\n   %s/?sso=%s\n", t.site.URL, token)

	// UserVoice decrypts the token. A json.RawMessage receives the JSON unchanged.
	var decrypted json.RawMessage
	if err := uservoice.SSODecrypt(t.site.Subdomain, t.site.SSOKey, token, &decrypted); err != nil {
		return err
	}
	fmt.Printf("   The user in the token (\"expires\" was added):\n   %s\n", decrypted)
	return nil
}

// A collection is loaded page by page while it is read, and prefetches the next pages. These
// requests are authenticated with the API key alone.
func (t *tour) readCollection(ctx context.Context) error {
	type user struct{ Name, Email string }
	// Without a limit, the loop would read all users.
	users := t.client.Collection("/api/v1/users", uservoice.WithLimit(5))
	for user, err := range uservoice.Records[user](ctx, users) {
		if err != nil {
			return err
		}
		fmt.Printf("   %s <%s>\n", user.Name, user.Email)
		t.email = user.Email // the next step acts as this user
	}

	// Info decodes "response_data", which has the total number of records.
	var info struct {
		Total int `json:"total_records"`
	}
	if err := users.Info(ctx, &info); err != nil {
		return err
	}
	fmt.Printf("   ... of %d users.\n", info.Total)
	return nil
}

// LoginAs returns a client that acts as a user. A trusted API key may act as any user.
func (t *tour) actAsUser(ctx context.Context) error {
	if t.email == "" {
		return skipped("no user has an e-mail address.")
	}
	user, err := t.client.LoginAs(ctx, t.email)
	if err != nil {
		return err
	}
	defer user.Close() // or leave it to the garbage collector
	name, _, err := whoami(ctx, user)
	if err != nil {
		return err
	}
	fmt.Printf("   Acting as %s, named %s.\n", t.email, name)
	return nil
}

func whoami(ctx context.Context, client *uservoice.Client) (name, email string, err error) {
	var response struct {
		User struct{ Name, Email string }
	}
	err = client.Get(ctx, "/api/v1/users/current", nil, &response)
	return response.User.Name, response.User.Email, err
}

// LoginAsOwner returns a client that acts as the owner of the site.
func (t *tour) actAsOwner(ctx context.Context) error {
	if !t.mayChange("Create and delete a private forum") {
		return skipped("nothing was changed.")
	}
	owner, err := t.client.LoginAsOwner(ctx)
	if err != nil {
		return err
	}
	defer owner.Close()

	// Parameters are values that encoding/json can marshal: structs or maps.
	var created struct{ Forum struct{ ID int } }
	err = owner.Post(ctx, "/api/v1/forums", uservoice.Params{"forum": uservoice.Params{
		"name":                  "Tour of libuservoice",
		"private":               true,
		"allow_by_email_domain": true,
		"allowed_email_domains": []uservoice.Params{{"domain": "example.com"}},
	}}, &created)
	if err != nil {
		return err
	}
	forum := fmt.Sprintf("/api/v1/forums/%d", created.Forum.ID)
	fmt.Printf("   Created forum %d, only for users of example.com.\n", created.Forum.ID)

	// Delete the forum even if the suggestion cannot be posted.
	err = postSuggestion(ctx, owner, forum)
	if deleteErr := owner.Delete(ctx, forum, nil, nil); deleteErr != nil {
		return errors.Join(err, fmt.Errorf("forum %d was not deleted: %w", created.Forum.ID, deleteErr))
	}
	fmt.Println("   Deleted the forum.")
	return err
}

func postSuggestion(ctx context.Context, owner *uservoice.Client, forum string) error {
	var posted struct{ Suggestion struct{ Title string } }
	suggestion := uservoice.Params{"title": "Tea in the afternoon", "votes": 1}
	err := owner.Post(ctx, forum+"/suggestions", uservoice.Params{"suggestion": suggestion}, &posted)
	if err != nil {
		return fmt.Errorf("the suggestion cannot be posted: %w", err)
	}
	fmt.Printf("   Posted a suggestion there: %q.\n", posted.Suggestion.Title)
	return nil
}

// mayChange asks before a real site is changed.
func (t *tour) mayChange(change string) bool {
	if t.site.Sandbox {
		return true
	}
	fmt.Printf("   %s on %s? [y/N]\n", change, t.site.Subdomain)
	return t.readLine() == "y"
}

// readLine returns a line of standard input, or "" at its end.
func (t *tour) readLine() string {
	if !t.stdin.Scan() {
		return ""
	}
	return strings.TrimSpace(t.stdin.Text())
}

// errors.Is compares an error with a kind of error.
func (t *tour) handleNotFound(ctx context.Context) error {
	err := t.client.Get(ctx, "/api/v1/forums/999999999", nil, nil)
	if !errors.Is(err, uservoice.ErrNotFound) {
		return fmt.Errorf("unexpected result: %v", err)
	}
	fmt.Printf("   There is no forum 999999999: %v.\n", err)
	return nil
}

// errors.As returns the error with its fields: the request, the HTTP status, UserVoice's type and
// message, and the response body.
func (t *tour) handleUnauthorized(ctx context.Context) error {
	unauthorized, err := t.site.NewClientWithKey("invalid-key", "invalid-secret")
	if err != nil {
		return err
	}
	defer unauthorized.Close()
	err = unauthorized.Get(ctx, "/api/v1/users/current", nil, nil)
	var uvErr *uservoice.Error
	if !errors.As(err, &uvErr) || uvErr.Status != uservoice.StatusUnauthorized {
		return fmt.Errorf("unexpected result: %v", err)
	}
	fmt.Printf("   The key is invalid: HTTP status %d, %q (%v).\n", uvErr.HTTPStatus, uvErr.Message, uvErr.Status)
	return nil
}

// In a three-legged login the user clicks "Allow" on a page of UserVoice, and the program never sees
// the password. The example three_legged is a web application that does this.
func (t *tour) threeLeggedLogin(ctx context.Context) error {
	request, err := t.client.RequestToken(ctx)
	if err != nil {
		return err
	}
	url, err := t.client.AuthorizeURL(request)
	if err != nil {
		return err
	}
	fmt.Printf("   Open this page, click \"Allow\", and type the verifier that it shows\n"+
		"   (an empty line skips this step):\n   %s\n", url)
	verifier := t.readLine()
	if verifier == "" {
		return skipped("no verifier was typed.")
	}
	user, err := t.client.LoginWithVerifier(ctx, request, verifier)
	if err != nil {
		return err
	}
	defer user.Close()
	// Store json.Marshal(user.Token()) to use the login again later.
	_, email, err := whoami(ctx, user)
	if err != nil {
		return err
	}
	fmt.Printf("   Logged in. The acting user is %s.\n", email)
	return nil
}
