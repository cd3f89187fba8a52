//! System calls that the standard library does not offer. The only `unsafe` outside of
//! the C ABI.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Returns a new word that the kernel sets to 0 in each new child process, or `None` if the
/// kernel cannot. It is never freed.
#[cfg(target_os = "linux")]
pub(crate) fn wiped_by_fork() -> Option<&'static AtomicU64> {
    // SAFETY: maps new memory, at an address that the kernel chooses.
    let page = unsafe {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        libc::mmap(std::ptr::null_mut(), PAGE, protection, flags, -1, 0)
    };
    if page == libc::MAP_FAILED {
        return None;
    }
    // An emulator may accept any advice without following it, even one that does not exist.
    // SAFETY: the memory was just mapped, and nothing refers to it.
    let wipes = unsafe {
        libc::madvise(page, PAGE, -1) != 0 && libc::madvise(page, PAGE, libc::MADV_WIPEONFORK) == 0
    };
    if !wipes {
        // SAFETY: as above.
        unsafe { libc::munmap(page, PAGE) };
        return None;
    }
    // SAFETY: the page is aligned, zero is a valid value, and it is never unmapped.
    Some(unsafe { &*page.cast::<AtomicU64>() })
}

/// The kernel rounds it up to the size of a page.
#[cfg(target_os = "linux")]
const PAGE: usize = 4096;

#[cfg(not(target_os = "linux"))]
pub(crate) fn wiped_by_fork() -> Option<&'static AtomicU64> {
    None
}

/// Returns a word that a handler of the C library sets to 0 in each new child process.
pub(crate) fn zeroed_by_fork_handler() -> &'static AtomicU64 {
    static WORD: AtomicU64 = AtomicU64::new(0);

    extern "C" fn zero() {
        WORD.store(0, Ordering::Release);
    }

    // SAFETY: the handler only stores to memory, and the shared library is never unloaded.
    let code = unsafe { libc::pthread_atfork(None, None, Some(zero)) };
    assert_eq!(code, 0, "no memory for a fork handler");
    &WORD
}

/// Returns whether a socket has nothing to read: neither bytes nor the end of the stream.
pub(crate) fn has_nothing_to_read(stream: &TcpStream) -> bool {
    let mut byte = 0u8;
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    // SAFETY: the descriptor is open as long as `stream`, and the buffer has one byte.
    let received = unsafe { libc::recv(stream.as_raw_fd(), (&raw mut byte).cast(), 1, flags) };
    // EAGAIN and EWOULDBLOCK are `WouldBlock`.
    received < 0 && io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock
}

/// Disables the cancellation of this thread (`pthread_cancel`) until it is dropped.
pub(crate) struct DisabledCancellation {
    previous: libc::c_int,
}

// The libc crate does not declare it for all systems.
unsafe extern "C" {
    fn pthread_setcancelstate(state: libc::c_int, previous: *mut libc::c_int) -> libc::c_int;
}

impl DisabledCancellation {
    pub(crate) fn disable() -> Self {
        const PTHREAD_CANCEL_DISABLE: libc::c_int =
            if cfg!(target_vendor = "apple") { 0 } else { 1 };
        let mut previous = 0;
        // SAFETY: the pointer is valid. The call fails only for an invalid state.
        unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &raw mut previous) };
        DisabledCancellation { previous }
    }
}

impl Drop for DisabledCancellation {
    fn drop(&mut self) {
        let mut disabled = 0;
        // SAFETY: as above; the state is one that the system returned.
        unsafe { pthread_setcancelstate(self.previous, &raw mut disabled) };
    }
}

/// Sends bytes, and returns how many: `WouldBlock` if the socket accepts none now.
pub(crate) fn send_without_waiting(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    // The standard library sets SO_NOSIGPIPE where this flag is missing.
    #[cfg(target_vendor = "apple")]
    const MSG_NOSIGNAL: libc::c_int = 0;
    #[cfg(not(target_vendor = "apple"))]
    use libc::MSG_NOSIGNAL;

    let flags = libc::MSG_DONTWAIT | MSG_NOSIGNAL;
    // SAFETY: the descriptor is open as long as `stream`, and the buffer has this length.
    let sent = unsafe {
        libc::send(
            stream.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            flags,
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Waits until the socket accepts bytes, has an error, or the time has passed. If `for_input`
/// is true, returns true as soon as there is something to read and it accepts none.
pub(crate) fn has_input_before_output(
    stream: &TcpStream,
    for_input: bool,
    timeout: Duration,
) -> io::Result<bool> {
    let mut poll = libc::pollfd {
        fd: stream.as_raw_fd(),
        events: libc::POLLOUT | if for_input { libc::POLLIN } else { 0 },
        revents: 0,
    };
    // SAFETY: the pointer is valid for one entry, whose descriptor is open as long as `stream`.
    match unsafe { libc::poll(&raw mut poll, 1, poll_timeout(timeout)) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(poll.revents == libc::POLLIN),
    }
}

/// Waits until one of the sockets accepts bytes or has an error, or the time has passed.
pub(crate) fn wait_for_output(streams: &[TcpStream], timeout: Duration) -> io::Result<()> {
    let poll = |stream: &TcpStream| libc::pollfd {
        fd: stream.as_raw_fd(),
        events: libc::POLLOUT,
        revents: 0,
    };
    let mut polls: Vec<_> = streams.iter().map(poll).collect();
    let count = polls.len() as libc::nfds_t;
    // SAFETY: the pointer is valid for this number of entries, whose descriptors are open as
    // long as `streams`.
    match unsafe { libc::poll(polls.as_mut_ptr(), count, poll_timeout(timeout)) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Returns a timeout in milliseconds, rounded up.
fn poll_timeout(timeout: Duration) -> libc::c_int {
    let millis = timeout.as_millis().saturating_add(1);
    libc::c_int::try_from(millis).unwrap_or(libc::c_int::MAX)
}

/// Returns whether an error says that a connection is being established.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS)
}

/// Blocks all signals on this thread until it is dropped.
pub(crate) struct BlockedSignals {
    previous: libc::sigset_t,
}

impl BlockedSignals {
    pub(crate) fn block() -> io::Result<Self> {
        // SAFETY: a sigset_t is a plain array of bits, for which zero is a valid value.
        let (mut all, mut previous): (libc::sigset_t, libc::sigset_t) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        // SAFETY: both pointers are valid for the calls.
        let code = unsafe {
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut previous)
        };
        match code {
            0 => Ok(BlockedSignals { previous }),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: the pointer is valid. The call cannot fail: the mask is one that the
        // system returned.
        unsafe {
            libc::pthread_sigmask(
                libc::SIG_SETMASK,
                &raw const self.previous,
                std::ptr::null_mut(),
            );
        }
    }
}

/// Locks a whole file against other processes. Returns false if one of them has locked it. The
/// lock ends when this process closes any descriptor of the file; children do not inherit it.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    // SAFETY: a struct flock has integers only, for which zero is a valid value. A length of zero
    // means the whole file.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = libc::F_WRLCK as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    // SAFETY: the descriptor is open as long as `file`, and the pointer is valid for the call.
    match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &raw const lock) } {
        -1 => match io::Error::last_os_error() {
            // EACCES on some systems.
            error if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            error if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
            error => Err(error),
        },
        _ => Ok(true),
    }
}
