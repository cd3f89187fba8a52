module github.com/libuservoice/libuservoice/examples/go

go 1.23

require github.com/libuservoice/libuservoice/bindings/go v0.1.0

// The package of this repository. A program of yours needs no such line.
replace github.com/libuservoice/libuservoice/bindings/go => ../../bindings/go
