//! The honest account: what is only on this phone, what is on its way, what needs the person, what photos take.

use super::JobRow;
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::sync::phone::Failure;
use coldpatch_shared::sync::wire::RefusalCode;
use serde::{Deserialize, Serialize};

/// The one honest sync line that every screen shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncLine {
    /// Things that people did which only this phone has: actions and photos.
    pub only_here: u32,
    /// Of these, how many are on their way just now.
    pub sending: u32,
    /// Drafts that were begun and not filed; they are on this phone only and do not go out by themselves.
    pub drafts: u32,
    /// Refused, and waiting for the person: actions, and photos of which the server did not take a file.
    pub needs_you: u32,
    /// Photo files among them.
    pub photos_waiting: u32,
    /// Their size in bytes.
    pub bytes_waiting: u64,
    /// When the server last answered, ms since the Unix epoch by this device's clock.
    pub last_contact: Option<i64>,
    /// How the last try failed, if it did.
    pub failure: Option<Failure>,
    /// The platform says that there is no network.
    pub no_network: bool,
    /// Work orders on this phone.
    pub jobs: u32,
    /// How far a sync of several pages is; `None` between syncs, and in one of a single page.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// Full-size photos that wait for wifi.
    #[serde(default)]
    pub originals_held: u32,
    /// Photos that were taken for a job and not yet added; they are on this phone only and do not go out by themselves.
    #[serde(default)]
    pub shots: u32,
}

/// How far a sync of several pages is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Work orders that came so far.
    pub received: u32,
    /// About how many are still to come.
    pub remaining: u32,
    /// Bytes that came so far, decompressed.
    pub bytes: u64,
}

/// What is where, item by item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncSheet {
    /// The line itself.
    pub line: SyncLine,
    /// Refused, each with the reason and what was typed.
    pub needs_you: Vec<RefusedItem>,
    /// Only on this phone, oldest first, one for each work order.
    pub only_here: Vec<WaitingItem>,
    /// Photo files that the server did not take, or that are gone; each needs the person.
    #[serde(default)]
    pub files_in_trouble: Vec<FileInTrouble>,
    /// Full-size photos that wait for wifi; [`Ask::SendOriginalsNow`](super::Ask::SendOriginalsNow) does not wait.
    #[serde(default)]
    pub originals_held: Option<OriginalsHeld>,
    /// Whether they wait while the connection is metered; see [`Ask::SetOriginalsOnWifi`](super::Ask::SetOriginalsOnWifi).
    #[serde(default)]
    pub originals_on_wifi: bool,
    /// Jobs for which photos were taken that are not yet added, and how many.
    #[serde(default)]
    pub shots: Vec<ShotsOf>,
}

/// Photos that were taken for a job and not yet added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShotsOf {
    /// For which.
    pub work_order: WorkOrderId,
    /// Its row, if it is here.
    pub row: Option<JobRow>,
    /// How many.
    pub photos: u32,
}

/// A photo file that does not go until the person says so: [`Ask::RetryFile`](super::Ask::RetryFile).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileInTrouble {
    /// Lowercase hexadecimal.
    pub sha256: String,
    /// Whose photo it is.
    pub work_order: WorkOrderId,
    /// That work order's row, if it is here.
    pub row: Option<JobRow>,
    /// Its size in bytes.
    pub bytes: u64,
    /// What kind of trouble.
    pub kind: FileTrouble,
    /// What happened, what was kept, what to do.
    pub message: String,
}

/// Why a photo file does not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileTrouble {
    /// Its bytes are not on this device any more: no other try helps. [`Ask::LetFileGo`](super::Ask::LetFileGo)
    Gone,
    /// The server did not take it. [`Ask::RetryFile`](super::Ask::RetryFile)
    Refused,
}

/// How much room an app has, in bytes; browsers round these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// What the app takes.
    pub used: u64,
    /// What it may take.
    pub most: u64,
}

impl Room {
    /// What is left.
    #[must_use]
    pub fn left(self) -> u64 {
        self.most.saturating_sub(self.used)
    }
}

/// What photos take on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Photo files; one photo has up to three.
    pub files: u32,
    /// Their size in bytes.
    pub bytes: u64,
    /// Of these, files that the city does not have yet.
    pub only_here: u32,
    /// What may leave the phone when room is short, bytes: the city has it, and has a backup of it.
    pub removable_bytes: u64,
    /// How much the app takes in all, and may take.
    pub room: Option<Room>,
    /// Whether there is little room left.
    pub low: bool,
}

/// Full-size photos that wait for wifi.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginalsHeld {
    /// How many files.
    pub files: u32,
    /// Their size in bytes.
    pub bytes: u64,
    /// Why they wait, for the person.
    pub message: String,
}

/// A refused action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefusedItem {
    /// Which.
    pub action_id: ActionId,
    /// To which work order.
    pub work_order: WorkOrderId,
    /// That work order's row, if it is here.
    pub row: Option<JobRow>,
    /// Everything that was typed and photographed.
    pub action: Action,
    /// Why, for programs.
    pub code: RefusalCode,
    /// Why, for the person.
    pub message: String,
    /// When it was done, ms since the Unix epoch by this device's clock.
    pub at: i64,
}

/// What of one work order only this phone has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingItem {
    /// Which.
    pub work_order: WorkOrderId,
    /// Its row.
    pub row: Option<JobRow>,
    /// The actions, oldest first.
    pub actions: Vec<Action>,
    /// Photo files that wait.
    pub files: u32,
    /// Their size in bytes.
    pub bytes: u64,
    /// Whether they are on their way just now.
    pub sending: bool,
    /// What the server said when it could not take it yet.
    pub not_now: Option<String>,
}
