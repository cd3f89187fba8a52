//! Random numbers from the operating system, and nonces.

use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceBox;

use crate::error::{Error, Result};

pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::internal(format!("the system returned no random bytes: {error}"))
    })?;
    Ok(bytes)
}

/// Returns a random number from 0 to 1.
pub(crate) fn jitter() -> Result<f64> {
    Ok(f64::from(u32::from_ne_bytes(bytes()?)) / f64::from(u32::MAX))
}

/// Generates nonces: a random number from the operating system, and a sequence computed from
/// it. 64 bits are enough: a nonce must differ from the others of the same second only
/// (RFC 5849, section 3.3).
#[derive(Default)]
pub(crate) struct Nonces(OnceBox<AtomicU64>);

impl Nonces {
    pub(crate) fn next(&self) -> Result<String> {
        /// Odd, so that the sequence has no repetition before 2^64 nonces.
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

        let next = self.0.get_or_try_init(|| {
            let random = bytes().map(u64::from_ne_bytes);
            random.map(|random| Box::new(AtomicU64::new(random)))
        })?;
        let nonce = next.fetch_add(STEP, Ordering::Relaxed);
        Ok(format!("{nonce:016x}"))
    }
}
