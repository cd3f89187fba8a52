//! Random numbers of the system's, and what is made of them.

use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceBox;

use crate::error::{Error, Result};

pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::internal(format!("the system gives no random bytes: {error}")))?;
    Ok(bytes)
}

/// A random number from 0 to 1.
pub(crate) fn jitter() -> Result<f64> {
    Ok(f64::from(u32::from_ne_bytes(bytes()?)) / f64::from(u32::MAX))
}

/// Texts that come once: a random number of the system's, and others counted up from
/// there.
#[derive(Default)]
pub(crate) struct Nonces {
    first: OnceBox<u128>,
    given: AtomicU64,
}

impl Nonces {
    pub(crate) fn next(&self) -> Result<String> {
        /// Odd, so that all multiples of it differ.
        const STEP: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;

        let first = self.first.get_or_try_init(|| {
            let random = bytes().map(u128::from_ne_bytes);
            random.map(Box::new)
        })?;
        let given = u128::from(self.given.fetch_add(1, Ordering::Relaxed));
        let nonce = first.wrapping_add(STEP.wrapping_mul(given));
        Ok(format!("{nonce:032x}"))
    }
}
