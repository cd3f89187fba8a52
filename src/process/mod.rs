//! Whatever depends on the process: fork detection, threads and random numbers.

pub(crate) mod fork;
pub(crate) mod inherited;
pub(crate) mod random;
#[cfg_attr(not(unix), path = "system_std.rs")]
pub(crate) mod system;
pub(crate) mod threads;
