//! Whatever depends on the process: fork detection, threads and random numbers.

pub(crate) mod fork;
pub(crate) mod random;
pub(crate) mod threads;
