package uservoice_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// exampleAdmin returns a client for the Admin API and a directory to export to.
func exampleAdmin() (*uservoice.Client, string) {
	admin, err := exampleClient().LoginWithClientCredentials(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	directory, err := os.MkdirTemp("", "export")
	if err != nil {
		log.Fatal(err)
	}
	return admin, directory
}

// export runs an export to its end, and returns the number of records.
func export(options ...uservoice.ExportOption) (records int) {
	admin, directory := exampleAdmin()
	defer os.RemoveAll(directory)
	for progress, err := range admin.Export(context.Background(), directory, options...) {
		if err != nil {
			log.Fatal(err)
		}
		records = progress.Written
	}
	return records
}

// Back up two collections. When it runs again, it appends the records that have changed.
func ExampleClient_Export() {
	admin, directory := exampleAdmin() // by Client.LoginWithClientCredentials
	defer os.RemoveAll(directory)
	ctx := context.Background()
	for progress, err := range admin.Export(ctx, directory, uservoice.WithResources("forums", "users")) {
		if err != nil {
			log.Fatal(err) // the next export resumes here
		}
		fmt.Fprintf(os.Stderr, "%d of %d\n", progress.Written, progress.Total)
	}
	text, err := os.ReadFile(filepath.Join(directory, "users.jsonl"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(string(text), "\n") >= 250)
	// Output: true
}

func ExampleExportOption() {
	options := []uservoice.ExportOption{uservoice.WithResources("users")}
	if onlyOld := true; onlyOld {
		options = append(options, uservoice.WithUntil(time.Unix(0, 0)))
	}
	fmt.Println(export(options...))
	// Output: 0
}

func ExampleWithResources() {
	fmt.Println(export(uservoice.WithResources("users", "suggestions")) >= 1751)
	// Output: true
}

// Export a collection of API v1 with its own file name.
func ExampleWithResource() {
	client := exampleClient()
	_, directory := exampleAdmin()
	defer os.RemoveAll(directory)
	ideas := uservoice.WithResource(uservoice.Resource{
		Name:   "ideas",
		Path:   "/api/v1/forums/1/suggestions",
		Params: uservoice.Params{"sort": "oldest"},
	})
	for _, err := range client.Export(context.Background(), directory, ideas) {
		if err != nil {
			log.Fatal(err)
		}
	}
	_, err := os.Stat(filepath.Join(directory, "ideas.jsonl"))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleResource() {
	users := uservoice.Resource{Name: "users", Columns: []string{"id", "email_address"}, FullRefresh: true}
	fmt.Println(export(uservoice.WithResource(users), uservoice.WithFormat(uservoice.CSV)) >= 250)
	// Output: true
}

func ExampleFormat() {
	format := uservoice.Format("xml") // such as a command line argument
	admin, directory := exampleAdmin()
	defer os.RemoveAll(directory)
	for _, err := range admin.Export(context.Background(), directory, uservoice.WithResources("users"), uservoice.WithFormat(format)) {
		fmt.Println(errors.Is(err, uservoice.ErrInvalidArgument))
	}
	// Output: true
}

func ExampleWithFormat() {
	fmt.Println(export(uservoice.WithResources("users"), uservoice.WithFormat(uservoice.CSV)) >= 250)
	// Output: true
}

func ExampleWithSince() {
	tomorrow := time.Now().Add(24 * time.Hour)
	fmt.Println(export(uservoice.WithResources("users"), uservoice.WithSince(tomorrow)))
	// Output: 0
}

func ExampleWithUntil() {
	fmt.Println(export(uservoice.WithResources("users"), uservoice.WithUntil(time.Unix(0, 0))))
	// Output: 0
}

func ExampleProgress() {
	show := func(p uservoice.Progress) {
		if p.Total < 0 || p.TimeLeft < 0 {
			fmt.Println(p.Written, "records")
			return
		}
		fmt.Printf("%d of %d records, %.0f/s, %v left\n", p.Written, p.Total, p.RecordsPerSecond, p.TimeLeft)
	}
	show(uservoice.Progress{Written: 100, Total: -1, TimeLeft: -1})
	show(uservoice.Progress{Written: 1200, Total: 2000, RecordsPerSecond: 400, TimeLeft: 2 * time.Second})
	// Output:
	// 100 records
	// 1200 of 2000 records, 400/s, 2s left
}

func ExampleResourceProgress() {
	admin, directory := exampleAdmin()
	defer os.RemoveAll(directory)
	for progress, err := range admin.Export(context.Background(), directory, uservoice.WithResources("forums")) {
		if err != nil {
			log.Fatal(err)
		}
		if forums := progress.Resources["forums"]; forums.Done {
			fmt.Println("all forums:", forums.Written == forums.Total)
		}
	}
	// Output: all forums: true
}
