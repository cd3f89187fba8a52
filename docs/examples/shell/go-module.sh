go mod edit -require github.com/libuservoice/libuservoice/bindings/go@v0.1.0 \
  -replace github.com/libuservoice/libuservoice/bindings/go=/path/to/libuservoice/bindings/go
