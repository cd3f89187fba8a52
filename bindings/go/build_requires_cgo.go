//go:build !cgo

package uservoice

// Without cgo the build fails here, with the name as its message. Cross builds disable cgo unless
// CGO_ENABLED=1 and a cross compiler (CC) are set.
type _ this_package_requires_cgo_set_CGO_ENABLED_to_1_and_install_a_C_compiler
