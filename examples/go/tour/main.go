// Tour shows what the package does, in the order in which you are likely to need it. Read
// main first, then the steps from the top.
//
// It runs against the sandbox, or against a site of yours: see README.md. On a real site it
// asks before it changes anything.
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
	site   site.Site
	client *uservoice.Client
	typed  *bufio.Scanner
	email  string // a user who exists, found by the second step
}

// Why a step was not done.
type skipped string

func (s skipped) Error() string { return string(s) }

func main() {
	// Every call takes a context: Ctrl-C ends the one that is running.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	client, err := uservoice.NewFromEnv() // sends nothing yet
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer client.Close()
	t := &tour{site: site.FromEnv(), client: client, typed: bufio.NewScanner(os.Stdin)}
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
		{"A collection: the users of the site", t.listUsers},
		{"Acting as a user", t.actAsUser},
		{"Acting as the owner: a private forum", t.actAsOwner},
		{"An error handled: there is no such record", t.handleNotFound},
		{"An error handled: not authorized", t.handleUnauthorized},
		{"A three-legged login: a person decides", t.logIn},
	}
	done, left := 0, 0
	for i, step := range steps {
		fmt.Printf("\n%d. %s\n", i+1, step.title)
		var why skipped
		switch err := step.run(ctx); {
		case err == nil:
			done++
		case errors.As(err, &why):
			fmt.Println("   Skipped:", why)
			left++
		default:
			fmt.Fprintln(os.Stderr, err)
			failed++
		}
	}
	fmt.Printf("\nThe end: %d steps done, %d skipped, %d failed.\n", done, left, failed)
	return failed
}

// A single sign-on token: a link with it logs a user of yours in. It is made from the SSO
// key alone, nothing is sent.
func (t *tour) singleSignOn(context.Context) error {
	if t.site.SSOKey == "" {
		return skipped("USERVOICE_SSO_KEY is not set.")
	}
	type user struct {
		GUID        string `json:"guid"`
		Email       string `json:"email"`
		DisplayName string `json:"display_name"`
	}
	// 0 means the usual five minutes.
	token, err := uservoice.SSOToken(t.site.Subdomain, t.site.SSOKey, user{"1001", "jo@example.com", "Jo"}, 0)
	if err != nil {
		return err
	}
	url, err := t.site.URL()
	if err != nil {
		return err
	}
	fmt.Printf("   This link logs Jo in during the next five minutes:\n   %s/?sso=%s\n", url, token)

	// And back, which is what UserVoice does with it. A json.RawMessage takes the text as it
	// is.
	var back json.RawMessage
	if err := uservoice.SSODecrypt(t.site.Subdomain, t.site.SSOKey, token, &back); err != nil {
		return err
	}
	fmt.Printf("   What UserVoice reads in it (\"expires\" was added for you):\n   %s\n", back)
	return nil
}

// A collection is a list that is loaded page by page while you read it, the next pages ahead
// of you. Here the API key itself asks.
func (t *tour) listUsers(ctx context.Context) error {
	type user struct{ Name, Email string }
	// The first five; without a limit it would be all of them, however many there are.
	users := t.client.Collection("/api/v1/users", uservoice.WithLimit(5))
	for user, err := range uservoice.Records[user](ctx, users) {
		if err != nil {
			return err
		}
		fmt.Printf("   %s <%s>\n", user.Name, user.Email)
		t.email = user.Email // the tour will act as one of them
	}

	// "response_data", what the service says about the page and the whole.
	var info struct {
		Total int `json:"total_records"`
	}
	if err := users.Info(ctx, &info); err != nil {
		return err
	}
	fmt.Printf("   ... of %d users.\n", info.Total)
	return nil
}

// LoginAs gives a client that acts for somebody. A trusted API key may act for anybody.
func (t *tour) actAsUser(ctx context.Context) error {
	if t.email == "" {
		return skipped("the list shows no user with an e-mail address.")
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
	fmt.Printf("   As %s, UserVoice calls me %s.\n", t.email, name)
	return nil
}

func whoami(ctx context.Context, client *uservoice.Client) (name, email string, err error) {
	var answer struct {
		User struct{ Name, Email string }
	}
	err = client.Get(ctx, "/api/v1/users/current", nil, &answer)
	return answer.User.Name, answer.User.Email, err
}

func (t *tour) actAsOwner(ctx context.Context) error {
	if !t.mayChange("Create a private forum, and delete it again,") {
		return skipped("nothing was changed.")
	}
	owner, err := t.client.LoginAsOwner(ctx)
	if err != nil {
		return err
	}
	defer owner.Close()

	// Parameters are whatever encoding/json makes JSON of: a struct, or a map.
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
	fmt.Printf("   Created forum %d, for people of example.com only.\n", created.Forum.ID)

	// The forum goes whether or not the suggestion could be posted.
	err = postSuggestion(ctx, owner, forum)
	if deleteErr := owner.Delete(ctx, forum, nil, nil); deleteErr != nil {
		return errors.Join(err, fmt.Errorf("forum %d is still there: %w", created.Forum.ID, deleteErr))
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

// The sandbox may be changed at will. A real site only after a "y".
func (t *tour) mayChange(what string) bool {
	if t.site.Sandbox {
		return true
	}
	fmt.Printf("   %s on %s? [y/N]\n", what, t.site.Subdomain)
	return t.readLine() == "y"
}

// One line of standard input; "" at the end of the input.
func (t *tour) readLine() string {
	if !t.typed.Scan() {
		return ""
	}
	return strings.TrimSpace(t.typed.Text())
}

// errors.Is tells what kind of failure it was.
func (t *tour) handleNotFound(ctx context.Context) error {
	err := t.client.Get(ctx, "/api/v1/forums/999999999", nil, nil)
	if !errors.Is(err, uservoice.ErrNotFound) {
		return fmt.Errorf("not what was expected: %w", err)
	}
	fmt.Printf("   There is no forum 999999999: %v.\n", err)
	return nil
}

// errors.As finds the error with all that is known: the HTTP status, UserVoice's own type and
// message, the body.
func (t *tour) handleUnauthorized(ctx context.Context) error {
	// A client with a key that is none, so that nothing is allowed.
	stranger, err := uservoice.New(t.site.Subdomain, "not-a-key", "not-a-secret", t.site.Options()...)
	if err != nil {
		return err
	}
	defer stranger.Close()
	err = stranger.Get(ctx, "/api/v1/users/current", nil, nil)
	var failure *uservoice.Error
	if !errors.As(err, &failure) || failure.Status != uservoice.StatusUnauthorized {
		return fmt.Errorf("not what was expected: %w", err)
	}
	fmt.Printf("   A wrong key opens nothing: HTTP status %d, %q (%v).\n", failure.HTTPStatus, failure.Message, failure.Status)
	return nil
}

// The three-legged login, for when a person shall decide: the program never sees a password,
// the person clicks "Allow" at UserVoice. See three_legged for how a web application does it.
func (t *tour) logIn(ctx context.Context) error {
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
	// json.Marshal(user.Token()) would give what to keep, for the next time.
	_, email, err := whoami(ctx, user)
	if err != nil {
		return err
	}
	fmt.Printf("   Logged in: the calls now act for %s.\n", email)
	return nil
}
