//! What this process uses.

use std::fs;
use std::io;

#[derive(Clone, Copy)]
pub struct Use {
    pub heap_kib: u64,
    pub memory_kib: u64,
    pub descriptors: u64,
    pub threads: u64,
}

pub fn now() -> io::Result<Use> {
    let status = fs::read_to_string("/proc/self/status")?;
    let number = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let missing = || io::Error::other("/proc/self/status says nothing");
    Ok(Use {
        heap_kib: crate::heap::kib_in_use(),
        memory_kib: number("VmRSS:").ok_or_else(missing)?,
        descriptors: fs::read_dir("/proc/self/fd")?.count() as u64,
        threads: number("Threads:").ok_or_else(missing)?,
    })
}
