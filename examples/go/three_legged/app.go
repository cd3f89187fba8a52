package main

import (
	"errors"
	"html/template"
	"log"
	"net/http"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// The cookie that says which login a browser has begun.
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

// connect begins a login, and sends the person to UserVoice.
func (a *app) connect(w http.ResponseWriter, r *http.Request) {
	// The request's context: nobody waits for an answer when the browser has gone away.
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
	// Lax, so that it comes along when the person comes back from UserVoice.
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, url, http.StatusSeeOther)
}

// callback is where the person comes back to, with a verifier or with "denied".
func (a *app) callback(w http.ResponseWriter, r *http.Request) {
	token, err := a.begun(w, r)
	if errors.Is(err, errNoLogin) {
		show(w, http.StatusBadRequest, page{Title: "Not connected", Text: "This browser has begun no such login."})
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
	// A real application would keep json.Marshal(user.Token()) with the person's account.
	defer user.Close()
	var answer struct {
		User struct{ Name, Email string }
	}
	if err := user.Get(r.Context(), "/api/v1/users/current", nil, &answer); err != nil {
		failed(w, err)
		return
	}
	show(w, http.StatusOK, page{Title: "Connected", Name: answer.User.Name, Email: answer.User.Email})
}

// begun gives the request token of the login that the browser comes back with. Without the
// cookie, somebody could make a person finish a login of somebody else's.
func (a *app) begun(w http.ResponseWriter, r *http.Request) (uservoice.Token, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return uservoice.Token{}, errNoLogin
	}
	named := r.FormValue("oauth_token")
	if named == "" {
		named = r.FormValue("denied")
	}
	token, err := a.logins.end(cookie.Value, named)
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

// failed tells the person that it did not work, and the log why.
func failed(w http.ResponseWriter, err error) {
	log.Print(err)
	status := http.StatusBadGateway
	if errors.Is(err, uservoice.ErrUnauthorized) {
		status = http.StatusForbidden
	}
	show(w, status, page{Title: "Not connected", Text: "UserVoice could not be asked. Please try again."})
}
