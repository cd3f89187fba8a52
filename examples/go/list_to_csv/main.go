// List_to_csv prints the users of the site as CSV.
package main

import (
	"context"
	"encoding/csv"
	"log"
	"os"
	"strconv"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
	"github.com/libuservoice/libuservoice/examples/go/internal/site"
)

type user struct {
	ID          int64
	Name, Email string
}

func run(ctx context.Context, writer *csv.Writer) error {
	client, err := site.NewClient()
	if err != nil {
		return err
	}
	defer client.Close()
	if err := writer.Write([]string{"id", "name", "email"}); err != nil {
		return err
	}
	// The collection loads its pages while they are read.
	for u, err := range uservoice.Records[user](ctx, client.Collection("/api/v1/users")) {
		if err != nil {
			return err
		}
		if err := writer.Write([]string{strconv.FormatInt(u.ID, 10), u.Name, u.Email}); err != nil {
			return err
		}
	}
	writer.Flush()
	return writer.Error()
}

func main() {
	if err := run(context.Background(), csv.NewWriter(os.Stdout)); err != nil {
		log.Fatal(err)
	}
}
