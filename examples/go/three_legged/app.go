package main

import (
	"errors"
	"html/template"
	"log"
	"net/http"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// The cookie with the id of the browser's pending login.
const cookieName = "login"

type app struct {
	client *uservoice.Client
	logins *logins
}

func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.front)
	mux.HandleFunc("GET /connect", a.connect)
	mux.HandleFunc("GET /callback", a.callback)
	return mux
}

func (a *app) front(w http.ResponseWriter, _ *http.Request) {
	show(w, http.StatusOK, page{Title: "Welcome", Text: "You are not connected yet."})
}

// connect begins a login and redirects the user to UserVoice.
func (a *app) connect(w http.ResponseWriter, r *http.Request) {
	// The context of the request cancels the call if the browser disconnects.
	token, err := a.client.RequestToken(r.Context())
	if err != nil {
		failed(w, err)
		return
	}
	url, err := a.client.AuthorizeURL(token)
	if err != nil {
		failed(w, err)
		return
	}
	id, err := a.logins.begin(token)
	if err != nil {
		failed(w, err)
		return
	}
	// With SameSite=Lax, the browser sends the cookie when UserVoice redirects it back.
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, url, http.StatusSeeOther)
}

// callback completes a login. The query has a verifier, or "denied".
func (a *app) callback(w http.ResponseWriter, r *http.Request) {
	token, err := a.pendingLogin(w, r)
	if errors.Is(err, errNoLogin) {
		show(w, http.StatusBadRequest, page{Title: "Not connected", Text: "This browser has no such pending login."})
		return
	}
	if err != nil {
		failed(w, err)
		return
	}
	verifier := r.FormValue("oauth_verifier")
	if verifier == "" {
		show(w, http.StatusOK, page{Title: "Not connected", Text: "You did not allow the access."})
		return
	}
	user, err := a.client.LoginWithVerifier(r.Context(), token, verifier)
	if err != nil {
		failed(w, err)
		return
	}
	// A real application would store json.Marshal(user.Token()) with the user's account.
	defer user.Close()
	var response struct {
		User struct{ Name, Email string }
	}
	if err := user.Get(r.Context(), "/api/v1/users/current", nil, &response); err != nil {
		failed(w, err)
		return
	}
	show(w, http.StatusOK, page{Title: "Connected", Name: response.User.Name, Email: response.User.Email})
}

// pendingLogin returns the request token of the browser's pending login, and ends the login. The
// cookie prevents an attacker from making a user complete the attacker's login.
func (a *app) pendingLogin(w http.ResponseWriter, r *http.Request) (uservoice.Token, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return uservoice.Token{}, errNoLogin
	}
	tokenValue := r.FormValue("oauth_token")
	if tokenValue == "" {
		tokenValue = r.FormValue("denied")
	}
	token, err := a.logins.end(cookie.Value, tokenValue)
	if err == nil {
		http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/", MaxAge: -1})
	}
	return token, err
}

type page struct {
	Title, Text, Name, Email string
}

var layout = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{{.Title}}</title>
<h1>{{.Title}}</h1>
{{if .Email}}<p id="greeting">Hello {{.Name}} &lt;{{.Email}}&gt;!</p>{{else}}<p id="text">{{.Text}}</p>{{end}}
<p><a href="/connect">Connect to UserVoice</a></p>
</html>
`))

func show(w http.ResponseWriter, status int, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := layout.Execute(w, p); err != nil {
		log.Print(err)
	}
}

// failed logs an error and shows an error page.
func failed(w http.ResponseWriter, err error) {
	log.Print(err)
	status := http.StatusBadGateway
	if errors.Is(err, uservoice.ErrUnauthorized) {
		status = http.StatusForbidden
	}
	show(w, status, page{Title: "Not connected", Text: "The request to UserVoice failed. Please try again."})
}
