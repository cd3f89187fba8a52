// Package allocated tells what C has allocated. (cgo cannot be used in a test's own files.)
package allocated

// #include <malloc.h>
import "C"

// Bytes gives how many bytes are in use: what was freed is not among them, wherever the
// allocator keeps it, except for what little each thread keeps for itself.
func Bytes() int {
	info := C.mallinfo2()
	return int(info.uordblks + info.hblkhd)
}
