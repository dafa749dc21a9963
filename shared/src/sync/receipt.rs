//! Receipts: the server's word that it had certain changes, which outlives the server's own disk.
//!
//! Each answer carries one MAC for everything that it accepts or brings: the hashes of the changes, and the heads of whole
//! documents. Both sides know these hashes from the answer itself, so they do not travel; the phone keeps them. When the
//! server was restored from a backup, the phone gives back what is lost together with its receipts, and the server accepts
//! what lies beneath a hash that it vouched for, whoever wrote it.

use automerge::ChangeHash;
use sha2::{Digest as _, Sha256};

/// What the server's MAC is over, beside the time: SHA-256 of the hashes, each once, sorted.
#[must_use]
pub fn digest(hashes: &[ChangeHash]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"coldpatch receipt");
    for hash in sorted(hashes) {
        hasher.update(hash.0);
    }
    hasher.finalize().into()
}

fn sorted(hashes: &[ChangeHash]) -> Vec<ChangeHash> {
    let mut sorted = hashes.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted
}

/// Hashes or heads as they travel and are stored: sorted, each once, 32 bytes each.
#[must_use]
pub fn to_bytes(hashes: &[ChangeHash]) -> Vec<u8> {
    sorted(hashes).iter().flat_map(|hash| hash.0).collect()
}

/// Hashes or heads from such bytes; `None` when they are not a multiple of 32.
#[must_use]
pub fn from_bytes(bytes: &[u8]) -> Option<Vec<ChangeHash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(ChangeHash).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_do_not_matter_and_nothing_else_is_the_same() {
        let [a, b] = [ChangeHash([1; 32]), ChangeHash([2; 32])];
        assert_eq!(digest(&[a, b]), digest(&[b, a, b]));
        assert_ne!(digest(&[a]), digest(&[a, b]));
        assert_eq!(from_bytes(&to_bytes(&[b, a, a])), Some(vec![a, b]));
        assert_eq!(from_bytes(&[0; 33]), None);
    }
}
