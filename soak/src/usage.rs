//! The resources that this process uses.

use std::fs;
use std::io;

#[derive(Clone, Copy)]
pub struct Usage {
    pub heap_kib: u64,
    pub memory_kib: u64,
    pub descriptors: u64,
    pub threads: u64,
}

pub fn current() -> io::Result<Usage> {
    let status = fs::read_to_string("/proc/self/status")?;
    let field = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        let number = line.split_whitespace().next()?.parse();
        number.ok()
    };
    let required = |key: &str| {
        let missing = || io::Error::other(format!("/proc/self/status has no {key}"));
        field(key).ok_or_else(missing)
    };
    Ok(Usage {
        heap_kib: crate::heap::kib_in_use(),
        memory_kib: required("VmRSS:")?,
        descriptors: fs::read_dir("/proc/self/fd")?.count() as u64,
        threads: required("Threads:")?,
    })
}
