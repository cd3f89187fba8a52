//! Whatever depends on the process: fork detection, threads and random numbers.

pub(crate) mod fork;
pub(crate) mod random;
pub(crate) mod slot;
#[cfg(unix)]
pub(crate) mod system;
pub(crate) mod threads;
