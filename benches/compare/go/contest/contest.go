// Package contest is the contestant protocol (contestant.h) for Go.
package contest

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The API key and the token of the acting user.
const (
	APIKey      = "oQt2BaunWNuainc8BvZpAm"
	APISecret   = "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2"
	Token       = "FjBKPJZHtRIqeAPHVIaw"
	TokenSecret = "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA"
)

// Body is what a contestant decodes a response into.
type Body struct {
	Suggestion struct {
		ID    int    `json:"id"`
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"suggestion"`
}

// Get sends a GET request and decodes the response.
type Get func(ctx context.Context, path string, body *Body) error

// Main runs a contestant with the command line BASE-URL PATH GOROUTINES. The goroutines share the requests of a turn.
func Main(newGet func(baseURL string, goroutines int) Get) {
	if len(os.Args) != 4 {
		log.Fatal("arguments: BASE-URL PATH GOROUTINES")
	}
	goroutines := number(os.Args[3])
	get := newGet(os.Args[1], goroutines)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		cpu, start := cpuTime(), time.Now()
		repeat(number(lines.Text()), goroutines, get, os.Args[2])
		elapsed := time.Since(start)
		fmt.Printf("%.9f %.6f %s\n", elapsed.Seconds(), (cpuTime() - cpu).Seconds(), peakKiB())
	}
}

func repeat(repetitions, goroutines int, get Get, path string) {
	var left atomic.Int64
	left.Store(int64(repetitions))
	var all sync.WaitGroup
	for range goroutines {
		all.Add(1)
		go func() {
			defer all.Done()
			for left.Add(-1) >= 0 {
				var body Body
				if err := get(context.Background(), path, &body); err != nil {
					log.Fatal(err)
				}
				if body.Suggestion.Title == "" {
					log.Fatal("unexpected response")
				}
			}
		}()
	}
	all.Wait()
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func peakKiB() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	return strings.Fields(peak)[0]
}
