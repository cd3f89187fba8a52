//! Memory whose size a response decides. A separate test program, because it counts what its
//! threads allocate.

mod abi;
mod attacks;
mod bodies;
mod counting;
mod endless;
mod exhausted;
mod service;

const MIB: usize = 1 << 20;

/// The bound on the memory of one call.
fn bound(max_response_bytes: usize) -> usize {
    2 * max_response_bytes + MIB
}
