module github.com/libuservoice/libuservoice/bindings/go

go 1.24
