//! Randomness from the operating system, and what is made of it: ids, one-time codes.

use crate::storage::Hash;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {0}")]
pub struct EntropyError(pub String);

/// Where random bytes come from.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`EntropyError`], in a sandbox without a source of randomness.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system's.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Entropy for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|error| EntropyError(error.to_string()))
    }
}

/// A UUIDv7 made at `now` (ms since the Unix epoch) of these random bytes.
///
/// # Errors
/// [`EntropyError`].
pub fn uuid_from(entropy: &dyn Entropy, now: i64) -> Result<Uuid, EntropyError> {
    let mut random = [0; 10];
    entropy.fill(&mut random)?;
    Ok(Builder::from_unix_timestamp_millis(u64::try_from(now).unwrap_or(0), &random).into_uuid())
}

/// Random bytes.
///
/// # Errors
/// [`EntropyError`], in a sandbox without a source of randomness.
pub fn bytes<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    System.fill(&mut bytes)?;
    Ok(bytes)
}

/// A UUIDv7 made at `now` (ms since the Unix epoch).
///
/// # Errors
/// As [`bytes`].
pub fn uuid(now: i64) -> Result<Uuid, EntropyError> {
    uuid_from(&System, now)
}

/// The letters of a one-time code: none that is taken for another, read aloud or on a dirty screen.
const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A one-time code: eight letters in two groups (`K7QM-3XNP`), 39 bits. Short enough to type with gloves; what makes up
/// for its length is that it works once, for a few days, and that guessing is slowed down.
///
/// # Errors
/// As [`bytes`].
pub fn code() -> Result<String, EntropyError> {
    let mut letters = String::with_capacity(9);
    while letters.len() < 9 {
        for byte in bytes::<16>()? {
            // 240 is the largest multiple of 30 in a byte; what lies above would favor the first letters.
            if byte < 240 && letters.len() < 9 {
                if letters.len() == 4 {
                    letters.push('-');
                }
                letters.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
            }
        }
    }
    Ok(letters)
}

/// The hash under which a code is kept, however the person typed it: lowercase, spaces and dashes do not matter.
#[must_use]
pub fn code_hash(typed: &str) -> Hash {
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    hash(code.as_bytes())
}

/// SHA-256. Tokens and codes are random, so that nothing slower is needed to keep them from whoever reads the database.
#[must_use]
pub fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Lowercase hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let code = code().unwrap();
        assert_eq!(code.len(), 9);
        assert_eq!(code.as_bytes()[4], b'-');
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        assert_eq!(code_hash(&typed), code_hash(&code));
    }

    #[test]
    fn codes_have_no_letter_that_is_taken_for_another() {
        for confusing in *b"01ILOU" {
            assert!(!LETTERS.contains(&confusing));
        }
    }
}
