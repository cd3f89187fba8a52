//! What depends on the process: detecting a fork, starting threads, random numbers.

pub(crate) mod fork;
pub(crate) mod random;
pub(crate) mod threads;
