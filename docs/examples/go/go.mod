module github.com/libuservoice/libuservoice/docs/examples/go

go 1.24

require github.com/libuservoice/libuservoice/bindings/go v0.0.0

replace github.com/libuservoice/libuservoice/bindings/go => ../../../bindings/go
