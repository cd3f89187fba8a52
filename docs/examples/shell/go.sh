cd docs/examples/go
go run ./quickstart
