//! Standard input and output that were closed when the tool started (`<&-`, `>&-`).
//!
//! On Unix, Rust's runtime opens `/dev/null` in their place before `main` begins, so that no other
//! file gets their numbers. Input would be empty and output would be lost, both without an error.

#[cfg(unix)]
mod system {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::io::{Errno, fcntl_getfd};
    use rustix::stdio;

    static HAS_INPUT: AtomicBool = AtomicBool::new(true);
    static HAS_OUTPUT: AtomicBool = AtomicBool::new(true);

    ctor::declarative::ctor! {
        /// Runs before the runtime starts.
        #[ctor(unsafe)]
        fn look_for_closed_streams() {
            HAS_INPUT.store(fcntl_getfd(stdio::stdin()).is_ok(), Ordering::Relaxed);
            HAS_OUTPUT.store(fcntl_getfd(stdio::stdout()).is_ok(), Ordering::Relaxed);
        }
    }

    fn check(is_open: &AtomicBool) -> io::Result<()> {
        match is_open.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(Errno::BADF.into()),
        }
    }

    /// Fails as reading does if standard input is closed.
    pub fn check_input() -> io::Result<()> {
        check(&HAS_INPUT)
    }

    /// Fails as writing does if standard output is closed.
    pub fn check_output() -> io::Result<()> {
        check(&HAS_OUTPUT)
    }
}

/// Windows: reading and writing themselves decide.
#[cfg(not(unix))]
mod system {
    use std::io;

    pub fn check_input() -> io::Result<()> {
        Ok(())
    }

    pub fn check_output() -> io::Result<()> {
        Ok(())
    }
}

pub use system::{check_input, check_output};
