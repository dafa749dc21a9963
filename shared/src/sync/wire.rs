//! What travels between a phone and the server: one request, one answer, both CBOR, [packed](pack).
//!
//! CBOR names its fields, so that either side can be a version ahead: unknown fields are skipped, missing ones take
//! their defaults.

use crate::ids::WorkOrderId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub mod files;
mod items;
pub mod pack;

/// The version of this protocol.
pub const PROTOCOL: u16 = 2;

/// The media type of both bodies as plain CBOR.
pub const MEDIA_TYPE: &str = "application/vnd.coldpatch.sync+cbor";

/// The media type of both bodies as phones send them: CBOR, [packed](pack).
pub const PACKED_MEDIA_TYPE: &str = "application/vnd.coldpatch.sync+packed";

/// The largest body that either side reads, in bytes, decompressed.
pub const MAX_BODY: usize = 8 << 20;

/// The most scopes that one phone follows: masks have a bit for each.
pub const MOST_SCOPES: usize = 32;

/// How far a phone has read the server's log. The phone keeps it and gives it back; only the server looks inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The life of the server's log; another one after a restore from backup.
    pub epoch: String,
    /// The log's last number when this was made.
    pub seq: u64,
    /// The log's running hash at that number: a log that was restored from a backup has another one, or none.
    #[serde(with = "serde_bytes")]
    pub log: Vec<u8>,
    /// For each scope that the phone follows, up to which number it has everything.
    pub positions: BTreeMap<String, u64>,
    /// The server's MAC over the rest, so that what a cursor proves (that the log was once longer) is true.
    #[serde(with = "serde_bytes")]
    pub mac: Vec<u8>,
}

/// A change as it travels: one uncompressed Automerge change chunk.
pub type ChangeBytes = serde_bytes::ByteBuf;

/// Changes of one work order, each after those that it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderChanges {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// Its changes. What action each belongs to is its message.
    pub changes: Vec<ChangeBytes>,
}

/// One change that a phone made, as it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentChange {
    /// The work order that it changes or creates.
    pub work_order: WorkOrderId,
    /// One uncompressed Automerge change chunk.
    pub bytes: Vec<u8>,
}

/// What a phone says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// [`PROTOCOL`].
    pub protocol: u16,
    /// The phone's clock, ms since the Unix epoch.
    pub device_time: i64,
    /// About how many bytes of documents and changes the phone wants in one answer.
    pub budget: u32,
    /// Absent at the first sync, and when the phone wants to [reconcile](Self::buckets).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// What the server has not yet answered for. Of one work order in the order in which it was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<OrderChanges>,
    /// What the phone holds, in sums: it has documents, and no cursor that fits. The server answers with
    /// [`differing`](SyncResponse::differing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<ScopeBuckets>>,
    /// Work orders whose heads the phone wants compared with the server's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compare: Vec<Held>,
    /// Accepted changes that the server said it lacks: it was restored from a backup.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_back: Vec<OrderChanges>,
    /// The server's own word that it once had what is [given back](Self::given_back).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<KeptReceipt>,
}

/// What a phone holds of one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeBuckets {
    /// The scope (`crew:crew-4`).
    pub scope: String,
    /// The sum of each bucket, 8 bytes each; see [`super::digest::buckets`]. A power of two of them.
    #[serde(with = "serde_bytes")]
    pub sums: Vec<u8>,
}

/// A work order and the heads that somebody has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// The heads, sorted, 32 bytes each. None at all: the work order is not there.
    #[serde(with = "serde_bytes")]
    pub heads: Vec<u8>,
}

/// The server's word that it had certain changes, and all beneath them, at a certain time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The server's clock, ms since the Unix epoch.
    pub time: i64,
    /// Over the time and [`super::receipt::digest`] of the hashes, by a key that is not in the database.
    #[serde(with = "serde_bytes")]
    pub mac: Vec<u8>,
}

/// A receipt with what it is for, as a phone keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReceipt {
    /// The receipt.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// The hashes that it vouches for, sorted, 32 bytes each.
    #[serde(with = "serde_bytes")]
    pub hashes: Vec<u8>,
}

/// What the server made of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is in the log.
    Accepted,
    /// It will never be. `code` is for programs, `message` for the person.
    Refused {
        /// Why, for programs.
        code: RefusalCode,
        /// Why and what to do, for the person who did it.
        message: String,
    },
    /// Not at this time: the phone keeps it and sends it again.
    NotNow {
        /// Why, for the person.
        message: String,
    },
}

/// Why a change was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// It is not one well-formed change.
    Malformed,
    /// It is larger than any honest edit.
    TooLarge,
    /// It claims to be written by another device, person or role.
    NotYours,
    /// It does more than adding entries.
    NotAnEdit,
    /// The policy does not allow it.
    NotAllowed,
    /// It cannot be merged safely.
    Unmergeable,
    /// A code of a newer server.
    #[serde(other)]
    Other,
}

/// A work order that entered scopes which the phone follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// The scopes: bit n for the n-th of [`SyncResponse::scopes`].
    pub scopes: u32,
    /// The saved document, for a phone that does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<serde_bytes::ByteBuf>,
}

/// A work order that left scopes which the phone follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// The scopes: bit n for the n-th of [`SyncResponse::scopes`].
    pub scopes: u32,
}

/// What the server has where the phone's sums differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differing {
    /// The scope, as a place in [`SyncResponse::scopes`].
    pub scope: u32,
    /// How many buckets the phone made; 1 where it sent none.
    pub of: u32,
    /// The bucket.
    pub bucket: u32,
    /// Every work order of the scope that belongs to the bucket, with its [digest](super::digest::document).
    pub documents: Vec<Digested>,
}

/// A work order and the digest of what somebody has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digested {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// [`super::digest::document`].
    #[serde(with = "serde_bytes")]
    pub digest: Vec<u8>,
}

/// The server's answer to one of [`SyncRequest::compare`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// The server's heads of it; see [`Held::heads`].
    #[serde(with = "serde_bytes")]
    pub heads: Vec<u8>,
    /// Whether the server lacks some of the phone's heads: then the phone gives back what is not beneath `heads`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lacks: bool,
    /// What the phone lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeBytes>,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncResponse {
    /// [`PROTOCOL`].
    pub protocol: u16,
    /// The server's clock, ms since the Unix epoch.
    pub server_time: i64,
    /// The version of the city's data; another one than the phone's means: fetch it.
    pub city_version: String,
    /// One for each change that was sent, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
    /// One for each work order of which something was given back, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<Verdict>,
    /// The scopes that the phone follows. What the phone holds for another scope only, it no longer follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Work orders that entered scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entered: Vec<Entered>,
    /// Changes to work orders that the phone has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<OrderChanges>,
    /// Work orders that left scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// Where the phone stands after this page. Absent: its cursor is of another life of the log, and it should send
    /// [buckets](SyncRequest::buckets).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// Whether there is another page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// About how many work orders are still to come.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub remaining: u32,
    /// On the last page: the [sum](super::digest::Sum) of each of [`scopes`](Self::scopes).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<serde_bytes::ByteBuf>,
    /// The answer to buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differing: Vec<Differing>,
    /// The answers to `compare`, as far as the budget went; the phone asks again for the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<Compared>,
    /// For everything that this answer accepts or brings; see [`super::receipt`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// What the server received before this instant (its clock, ms since the Unix epoch) is in a backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backed_up_through: Option<i64>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde wants")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Larger than [`MAX_BODY`].
    #[error("the message has {0} bytes; at most {MAX_BODY} are read")]
    TooLarge(usize),
    /// More items than a message of its length holds, or claims of more: it would take far more memory than it has bytes.
    #[error("the message has or claims more parts than any sync message of Coldpatch")]
    TooMany,
    /// Not the CBOR that we speak.
    #[error("the message is not a sync message of Coldpatch: {0}")]
    Malformed(String),
    /// Bytes after the end.
    #[error("the message goes on for {0} bytes after its end")]
    Trailing(usize),
}

/// A message as bytes.
///
/// # Errors
/// [`WireError::Malformed`], which none of our types causes.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(message, &mut bytes).map_err(|error| WireError::Malformed(error.to_string()))?;
    Ok(bytes)
}

/// A message from bytes, all of them.
///
/// # Errors
/// [`WireError`] for anything that is not exactly one message.
pub fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > MAX_BODY {
        return Err(WireError::TooLarge(bytes.len()));
    }
    if !items::plausible(bytes) {
        return Err(WireError::TooMany);
    }
    let mut rest = bytes;
    let message = ciborium::from_reader(&mut rest).map_err(|error| WireError::Malformed(error.to_string()))?;
    if rest.is_empty() { Ok(message) } else { Err(WireError::Trailing(rest.len())) }
}

/// A message as phones send it: CBOR, [packed](pack) so that it compresses well.
///
/// # Errors
/// As [`encode`].
pub fn to_packed<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    Ok(pack::pack(&encode(message)?))
}

/// A message from such bytes, all of them.
///
/// # Errors
/// As [`decode`].
pub fn from_packed<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > MAX_BODY {
        return Err(WireError::TooLarge(bytes.len()));
    }
    decode(&pack::unpack(bytes)?)
}
