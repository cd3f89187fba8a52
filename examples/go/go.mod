module github.com/libuservoice/libuservoice/examples/go

go 1.24

require github.com/libuservoice/libuservoice/bindings/go v0.1.0

// Uses the package of this repository. Your own program does not need this line.
replace github.com/libuservoice/libuservoice/bindings/go => ../../bindings/go
