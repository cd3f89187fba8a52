module github.com/libuservoice/libuservoice/benches/compare/go

go 1.24

require github.com/libuservoice/libuservoice/bindings/go v0.1.0

replace github.com/libuservoice/libuservoice/bindings/go => ../../../bindings/go
