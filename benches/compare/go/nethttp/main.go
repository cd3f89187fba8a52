// Command nethttp sends the same GET requests as uservoice with net/http and a signer of its own.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/libuservoice/libuservoice/benches/compare/go/contest"
)

func main() {
	contest.Main(func(baseURL string, goroutines int) contest.Get {
		client := &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: goroutines},
			Timeout:   30 * time.Second,
		}
		return func(ctx context.Context, path string, body *contest.Body) error {
			return get(ctx, client, baseURL+path, body)
		}
	})
}

func get(ctx context.Context, client *http.Client, url string, body *contest.Body) error {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Authorization", authorization("GET", url))
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("unexpected status: %s", response.Status)
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, body)
}

// authorization returns the Authorization header of a request whose URL has no query (RFC 5849).
func authorization(method, url string) string {
	nonce := make([]byte, 16)
	rand.Read(nonce)
	// Sorted, as the signature base string needs them; none of the values has to be encoded.
	parameters := [][2]string{
		{"oauth_consumer_key", contest.APIKey},
		{"oauth_nonce", hex.EncodeToString(nonce)},
		{"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", strconv.FormatInt(time.Now().Unix(), 10)},
		{"oauth_token", contest.Token},
		{"oauth_version", "1.0"},
	}
	var pairs, fields []string
	for _, parameter := range parameters {
		pairs = append(pairs, parameter[0]+"="+parameter[1])
		fields = append(fields, parameter[0]+`="`+parameter[1]+`"`)
	}
	mac := hmac.New(sha1.New, []byte(contest.APISecret+"&"+contest.TokenSecret))
	io.WriteString(mac, method+"&"+encode(url)+"&"+encode(strings.Join(pairs, "&")))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return "OAuth " + strings.Join(fields, ", ") + `, oauth_signature="` + encode(signature) + `"`
}

func encode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
