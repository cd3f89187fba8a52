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

/// 16 hexadecimal digits.
pub(crate) struct Nonce([u8; 16]);

impl Nonce {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }
}

impl From<u64> for Nonce {
    fn from(number: u64) -> Self {
        let digit = |byte: u8| b"0123456789abcdef"[usize::from(byte & 0xf)];
        let bytes = number.to_be_bytes();
        Nonce(std::array::from_fn(|index| {
            let byte = bytes[index / 2];
            digit(if index % 2 == 0 { byte >> 4 } else { byte })
        }))
    }
}

/// Generates nonces: a random number from the operating system, and a sequence computed from
/// it. 64 bits are enough: a nonce must differ from the others of the same second only
/// (RFC 5849, section 3.3).
#[derive(Default)]
pub(crate) struct Nonces(OnceBox<AtomicU64>);

impl Nonces {
    pub(crate) fn next(&self) -> Result<Nonce> {
        /// Odd, so that the sequence has no repetition before 2^64 nonces.
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

        let next = self.0.get_or_try_init(|| {
            let random = bytes().map(u64::from_ne_bytes);
            random.map(|random| Box::new(AtomicU64::new(random)))
        })?;
        let nonce = next.fetch_add(STEP, Ordering::Relaxed);
        Ok(Nonce::from(nonce))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_are_hexadecimal_and_differ() {
        assert_eq!(
            Nonce::from(0x0123_4567_89AB_CDEF).as_str(),
            "0123456789abcdef"
        );
        assert_eq!(Nonce::from(10).as_str(), "000000000000000a");
        let nonces = Nonces::default();
        let first = nonces.next().unwrap();
        assert_ne!(first.as_str(), nonces.next().unwrap().as_str());
        assert_ne!(first.as_str(), Nonces::default().next().unwrap().as_str());
    }
}
