//! The functions of `system.rs` for systems without libc, by the standard library.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// Returns whether a socket has nothing to read: neither bytes nor the end of the stream.
pub(crate) fn has_nothing_to_read(stream: &TcpStream) -> bool {
    let peeked = without_waiting(stream, || stream.peek(&mut [0]));
    matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Sends bytes, and returns how many: `WouldBlock` if the socket accepts none now.
pub(crate) fn send_without_waiting(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    without_waiting(stream, || stream.write(bytes))
}

/// Waits a little for the socket to accept bytes. Returns whether there is something to read,
/// if `for_input` is true.
pub(crate) fn has_input_before_output(
    stream: &TcpStream,
    for_input: bool,
    timeout: Duration,
) -> io::Result<bool> {
    thread::sleep(timeout.min(Duration::from_millis(5)));
    Ok(for_input && !has_nothing_to_read(stream))
}

/// Waits a little for one of the sockets to accept bytes.
pub(crate) fn wait_for_output(_: &[TcpStream], timeout: Duration) -> io::Result<()> {
    thread::sleep(timeout.min(Duration::from_millis(5)));
    Ok(())
}

/// Returns whether an error says that a connection is being established.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

fn without_waiting<T>(
    stream: &TcpStream,
    transfer: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    stream.set_nonblocking(true)?;
    let result = transfer();
    stream.set_nonblocking(false)?;
    result
}
