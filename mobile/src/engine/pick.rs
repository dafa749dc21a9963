//! Photos that were picked, dropped or pasted, up to fifty at once: what the UI says of them, and what it is told.

use super::api::DraftIds;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One photo of a batch, before its bytes are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// Made once by the asker.
    pub id: Uuid,
    /// The file's name, to tell the person which one it is.
    pub name: String,
    /// The draft that it belongs to; photos of one thing have the same.
    pub draft: DraftIds,
    /// When that draft counts as begun, ms since the Unix epoch: drafts are listed in this order.
    pub begun_at: i64,
}

/// Where the bytes of a picked photo are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickedFile {
    /// Here.
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
    /// At an address that the engine can read while the page is open (`blob:…`), so that the page need not hold them.
    Url(String),
}

/// How far picked photos are. All of it outlives the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picking {
    /// Photos, since nothing was under way.
    pub all: u32,
    /// Those that are in a draft, or could not be taken in.
    pub done: u32,
    /// Those that could not be taken in, until the person has read it.
    pub failures: Vec<PickFailure>,
    /// Files that were left out, until the person has read it.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

impl Picking {
    /// Nothing is under way.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.done == self.all
    }
}

/// A photo that could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickFailure {
    /// Which; [`super::api::Ask::ForgetPick`].
    pub id: Uuid,
    /// The file's name.
    pub name: String,
    /// What happened and what to do.
    pub message: String,
}

/// Files of one batch that were left out, because others of it show the same moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Made once by the asker; [`super::api::Ask::ForgetPick`].
    pub id: Uuid,
    /// The files' names.
    pub names: Vec<String>,
}
