//! Digests by which a phone and the server see that they hold the same, and find where they do not.
//!
//! A document's digest is a hash of its id and heads. A scope's is the sum of its documents' digests, which either side
//! keeps up to date as documents change, without looking at the others. When two sums differ, the phone sends one sum for
//! each bucket of documents: two more round trips then find and mend any number of differences.

use crate::ids::WorkOrderId;
use automerge::ChangeHash;
use sha2::{Digest as _, Sha256};

/// The length of a digest, in bytes.
pub const LENGTH: usize = 16;
/// About how many documents share a bucket.
const BUCKET: usize = 8;
/// The most buckets of one scope.
const MOST_BUCKETS: usize = 4096;

/// A document's digest: the first 16 bytes of SHA-256 over its id (16 bytes) and its sorted heads (32 bytes each).
#[must_use]
pub fn document(id: WorkOrderId, heads: &[ChangeHash]) -> [u8; LENGTH] {
    let mut hasher = Sha256::new();
    hasher.update(id.0.as_bytes());
    let mut sorted: Vec<&ChangeHash> = heads.iter().collect();
    sorted.sort();
    for head in sorted {
        hasher.update(head.0);
    }
    first(&hasher.finalize())
}

fn first(bytes: &[u8]) -> [u8; LENGTH] {
    let mut digest = [0; LENGTH];
    digest.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    digest
}

/// The sum of documents' digests, modulo 2^128, in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum(u128);

impl Sum {
    /// A document came in.
    pub fn add(&mut self, digest: [u8; LENGTH]) {
        self.0 = self.0.wrapping_add(u128::from_le_bytes(digest));
    }

    /// A document went out.
    pub fn remove(&mut self, digest: [u8; LENGTH]) {
        self.0 = self.0.wrapping_sub(u128::from_le_bytes(digest));
    }

    /// As bytes, to store and to send.
    #[must_use]
    pub fn to_bytes(self) -> [u8; LENGTH] {
        self.0.to_le_bytes()
    }

    /// From stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }
}

/// How many buckets a scope of so many documents is cut into: a power of two.
#[must_use]
pub fn bucket_count(documents: usize) -> usize {
    (documents / BUCKET).next_power_of_two().clamp(1, MOST_BUCKETS)
}

/// The bucket of a document among `count`, a power of two: by the random end of its id.
#[must_use]
pub fn bucket_of(id: WorkOrderId, count: usize) -> usize {
    let bytes = id.0.as_bytes();
    (usize::from(bytes[14]) << 8 | usize::from(bytes[15])) & (count.max(1) - 1)
}

/// The sums of `count` buckets, 8 bytes each: what [`ScopeBuckets::sums`](super::wire::ScopeBuckets::sums) holds.
#[must_use]
pub fn buckets(documents: impl IntoIterator<Item = (WorkOrderId, [u8; LENGTH])>, count: usize) -> Vec<u8> {
    let mut sums = vec![Sum::default(); count.max(1)];
    for (id, digest) in documents {
        if let Some(sum) = sums.get_mut(bucket_of(id, count)) {
            sum.add(digest);
        }
    }
    sums.into_iter().flat_map(|sum| sum.to_bytes().into_iter().take(8)).collect()
}

/// The sums that a phone sent, if they are a power of two of sums and no more than there can be.
#[must_use]
pub fn sent_buckets(sums: &[u8]) -> Option<Vec<[u8; 8]>> {
    let (sums, rest) = sums.as_chunks::<8>();
    (rest.is_empty() && sums.len().is_power_of_two() && sums.len() <= MOST_BUCKETS).then(|| sums.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> WorkOrderId {
        WorkOrderId(Uuid::from_u128(n))
    }

    fn head(n: u8) -> ChangeHash {
        ChangeHash([n; 32])
    }

    #[test]
    fn the_order_of_heads_and_of_documents_does_not_matter() {
        assert_eq!(document(id(1), &[head(1), head(2)]), document(id(1), &[head(2), head(1)]));
        assert_ne!(document(id(1), &[head(1)]), document(id(2), &[head(1)]));
        let (a, b) = (document(id(1), &[head(1)]), document(id(2), &[head(2)]));
        let (mut one, mut other) = (Sum::default(), Sum::default());
        one.add(a);
        one.add(b);
        other.add(b);
        other.add(a);
        assert_eq!(one, other);
        one.remove(b);
        other.remove(a);
        assert_ne!(one, other);
        assert_eq!(Sum::from_bytes(one.to_bytes()), one);
    }

    #[test]
    fn a_difference_shows_in_its_own_bucket_only() {
        let documents =
            |changed: u128| (0..2_000_u128).map(move |n| (id(n), document(id(n), &[head(u8::from(n == changed))])));
        let count = bucket_count(2_000);
        assert_eq!(count, 256);
        let (one, other) = (buckets(documents(9_999), count), buckets(documents(77), count));
        let (one, other) = (sent_buckets(&one).unwrap(), sent_buckets(&other).unwrap());
        let differing: Vec<usize> = (0..count).filter(|at| one[*at] != other[*at]).collect();
        assert_eq!(differing, [bucket_of(id(77), count)]);
    }

    #[test]
    fn sums_that_are_no_power_of_two_are_none() {
        for length in [0, 7, 24, 8 * 3, 8 * 8192] {
            assert_eq!(sent_buckets(&vec![0; length]), None, "{length}");
        }
        assert_eq!(sent_buckets(&[0; 8]).map(|sums| sums.len()), Some(1));
    }
}
