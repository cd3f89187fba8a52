// Three_legged_login is a web application whose users connect their UserVoice account.
//
//	three_legged_login [PORT]
//
// /connect redirects to UserVoice. There the user clicks "Allow", and is redirected to /callback.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

type application struct{ client *uservoice.Client }

func (a application) connect(w http.ResponseWriter, r *http.Request) error {
	token, err := a.client.RequestToken(r.Context())
	if err != nil {
		return err
	}
	url, err := a.client.AuthorizeURL(token)
	if err != nil {
		return err
	}
	stored, err := json.Marshal(token)
	if err != nil {
		return err
	}
	// Only this browser can complete the login. The token in the cookie is of no use without the API
	// secret. Add Secure if the application uses https.
	http.SetCookie(w, &http.Cookie{Name: "login", Value: base64.URLEncoding.EncodeToString(stored),
		Path: "/callback", MaxAge: 600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, url, http.StatusSeeOther)
	return nil
}

func (a application) callback(w http.ResponseWriter, r *http.Request) error {
	verifier := r.FormValue("oauth_verifier")
	if verifier == "" {
		return errors.New("you did not allow the access")
	}
	token, err := requestToken(r)
	if err != nil || token.Value() != r.FormValue("oauth_token") {
		return errors.New("this login was started in another browser")
	}
	user, err := a.client.LoginWithVerifier(r.Context(), token, verifier)
	if err != nil {
		return err
	}
	defer user.Close() // an application stores json.Marshal(user.Token()), a secret, with its own user
	var current struct{ User struct{ Name, Email string } }
	if err := user.Get(r.Context(), "/api/v1/users/current", nil, &current); err != nil {
		return err
	}
	show(w, http.StatusOK, "Connected", fmt.Sprintf("Hello %s <%s>!", current.User.Name, current.User.Email))
	return nil
}

// requestToken returns the token in the cookie.
func requestToken(r *http.Request) (token uservoice.Token, err error) {
	cookie, err := r.Cookie("login")
	if err != nil {
		return token, err
	}
	stored, err := base64.URLEncoding.DecodeString(cookie.Value)
	if err == nil {
		err = json.Unmarshal(stored, &token)
	}
	return token, err
}

// A handler is a function whose errors are shown.
type handler func(http.ResponseWriter, *http.Request) error

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h(w, r)
	var failed *uservoice.Error
	if errors.As(err, &failed) && !errors.Is(err, uservoice.ErrUnauthorized) {
		show(w, http.StatusBadGateway, "Not connected", err.Error())
	} else if err != nil {
		show(w, http.StatusForbidden, "Not connected", err.Error())
	}
}

var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<title>{{.Title}}</title><p>{{.Text}}</p><a href="/connect">Connect to UserVoice</a>
`))

func show(w http.ResponseWriter, status int, title, text string) {
	w.WriteHeader(status)
	if err := page.Execute(w, struct{ Title, Text string }{title, text}); err != nil {
		log.Print(err) // the browser has gone
	}
}

func main() {
	port := "3000"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	client, err := site.NewClient(uservoice.WithCallback(url + "/callback"))
	if err != nil {
		log.Fatal(err)
	}
	a := application{client}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, "Example", "") })
	mux.Handle("GET /connect", handler(a.connect))
	mux.Handle("GET /callback", handler(a.callback))
	fmt.Printf("Open %s/\n", url)
	server := http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}
