// Package allocated reports the memory that C has allocated. It is a package because _test.go
// files cannot use cgo.
package allocated

// #include <malloc.h>
import "C"

// Bytes returns the number of bytes that malloc has handed out and that were not freed. It includes
// the freed memory in per-thread caches.
func Bytes() int {
	info := C.mallinfo2()
	return int(info.uordblks + info.hblkhd)
}
