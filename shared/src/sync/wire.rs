//! What travels between a phone and the server: one request, one answer, both CBOR.
//!
//! CBOR names its fields, so that either side can be a version ahead: unknown fields are skipped, missing ones take
//! their defaults.

use crate::ids::{ActionId, WorkOrderId};
use serde::{Deserialize, Serialize};

/// The version of this protocol.
pub const PROTOCOL: u16 = 1;

/// The media type of both bodies.
pub const MEDIA_TYPE: &str = "application/vnd.coldpatch.sync+cbor";

/// The largest body that either side reads, in bytes, decompressed.
pub const MAX_BODY: usize = 8 << 20;

/// How far a phone has read the server's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The life of the server's log; another one after a restore from backup.
    pub epoch: String,
    /// The last sequence number that the phone has.
    pub seq: u64,
}

/// One change that a phone made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentChange {
    /// The action that it belongs to.
    pub action: ActionId,
    /// The work order that it changes or creates.
    pub work_order: WorkOrderId,
    /// One uncompressed Automerge change chunk.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// What a phone says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// [`PROTOCOL`].
    pub protocol: u16,
    /// The phone's clock, ms since the Unix epoch.
    pub device_time: i64,
    /// Absent at the first sync.
    #[serde(default)]
    pub cursor: Option<Cursor>,
    /// What the server has not yet answered for, in the order in which it was made.
    #[serde(default)]
    pub changes: Vec<SentChange>,
    /// About how many bytes of documents and changes the phone wants in one answer.
    pub budget: u32,
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

/// The server's answer for one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The action that the change belongs to.
    pub action: ActionId,
    /// The work order that it was for.
    pub work_order: WorkOrderId,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A whole document, for a phone that did not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// The saved document.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// One accepted change of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedChange {
    /// Which work order.
    pub work_order: WorkOrderId,
    /// One uncompressed Automerge change chunk.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
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
    /// One for each change that was sent.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// Documents that are new to this phone.
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    /// Changes to documents that it has, each after those that it depends on.
    #[serde(default)]
    pub changes: Vec<LoggedChange>,
    /// Where the phone stands after this page.
    pub cursor: Cursor,
    /// Whether there is another page.
    #[serde(default)]
    pub more: bool,
}

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Larger than [`MAX_BODY`].
    #[error("the message has {0} bytes; at most {MAX_BODY} are read")]
    TooLarge(usize),
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
    let mut rest = bytes;
    let message = ciborium::from_reader(&mut rest).map_err(|error| WireError::Malformed(error.to_string()))?;
    if rest.is_empty() { Ok(message) } else { Err(WireError::Trailing(rest.len())) }
}
