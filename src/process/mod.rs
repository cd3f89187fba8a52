//! What depends on the process: detecting a fork, starting threads, random numbers.

pub(crate) mod fork;
pub(crate) mod random;
#[cfg(unix)]
pub(crate) mod system;
pub(crate) mod threads;
