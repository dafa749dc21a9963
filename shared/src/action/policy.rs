//! Who may do what, and when: one table, role × edit × state, default deny.
//!
//! The phone asks it before it writes, so that a person is told at once; the server asks it of every change, at the
//! change's own dependencies: what its author saw.

use super::Edit;
use crate::city::Role;
use crate::order::Status;

/// In which states a role may make an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    /// While there is something to do.
    Open,
    /// Once it is done or cancelled.
    Closed,
    Always,
}

use When::{Always, Closed, Never, Open};

/// Columns: crew, inspector, supervisor, server. Residents never edit a document: their requests come in by the server.
const TABLE: [(Edit, [When; 4]); 34] = [
    (Edit::File, [Always, Always, Always, Always]),
    (Edit::Join, [Always, Always, Always, Always]),
    (Edit::AddPhoto, [Always, Always, Always, Always]),
    (Edit::AddNote, [Always, Always, Always, Always]),
    // What was used and how long it took may be written down after the job is closed.
    (Edit::RecordLabor, [Always, Always, Always, Never]),
    (Edit::RecordMaterial, [Always, Always, Always, Never]),
    (Edit::RecordEquipment, [Always, Always, Always, Never]),
    (Edit::Tick, [Always, Always, Always, Never]),
    (Edit::DecideServiceCode, [Never, Open, Open, Open]),
    (Edit::DecidePriority, [Never, Open, Open, Open]),
    (Edit::DecideLocation, [Open, Open, Open, Open]),
    (Edit::DecideAddress, [Open, Open, Open, Open]),
    (Edit::DecideAssignment, [Never, Never, Open, Open]),
    (Edit::DecideDue, [Never, Open, Open, Open]),
    (Edit::DecideDescription, [Never, Open, Open, Open]),
    (Edit::Start, [Open, Open, Open, Never]),
    (Edit::Pause, [Open, Open, Open, Never]),
    (Edit::Complete, [Open, Open, Open, Open]),
    (Edit::CannotComplete, [Open, Open, Open, Never]),
    (Edit::Transfer, [Open, Open, Open, Open]),
    (Edit::Cancel, [Never, Open, Open, Open]),
    (Edit::Reopen, [Never, Closed, Closed, Closed]),
    (Edit::Review, [Never, Never, Always, Never]),
    (Edit::Acknowledge, [Never, Never, Never, Always]),
    // Whoever may file may file what goes on where a job ended.
    (Edit::FollowUp, [Always, Always, Always, Always]),
    // It changes no status and can be taken back: whoever stands before two jobs that are one may say so.
    (Edit::MarkDuplicate, [Always, Always, Always, Never]),
    (Edit::WithdrawOwn, [Always, Always, Always, Always]),
    (Edit::WithdrawOwnBuiltOn, [Never, Never, Always, Never]),
    (Edit::WithdrawOthers, [Never, Never, Always, Never]),
    (Edit::WithdrawOwnLink, [Always, Always, Always, Never]),
    (Edit::WithdrawOthersLink, [Never, Always, Always, Never]),
    (Edit::LosePhoto, [Always, Always, Always, Always]),
    (Edit::LoseOthersPhoto, [Never, Never, Always, Always]),
    (Edit::FindPhoto, [Never, Never, Always, Always]),
];

/// What the change that creates a work order may hold: the filing with its photos, and whose job it is.
const BORN_WITH: [Edit; 3] = [Edit::File, Edit::AddPhoto, Edit::DecideAssignment];

/// Why an edit is not for this person, or not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Not for this role in any state.
    #[error("this is not something that your role can do")]
    NotYourRole,
    /// It is closed.
    #[error("the job is closed")]
    AlreadyClosed,
    /// It is not closed.
    #[error("the job is still open")]
    StillOpen,
    /// It does not exist, and nobody begins a job with this.
    #[error("the job does not exist yet")]
    NotThereYet,
    /// It exists, and this would create it.
    #[error("the job exists already")]
    ThereAlready,
    /// What is to be taken back is not here, cannot be, or was already.
    #[error("there is nothing here to take back")]
    NothingToTakeBack,
    /// The photo is not on this job.
    #[error("this photo is not on the job")]
    NoSuchPhoto,
    /// Both work orders are one.
    #[error("a job cannot be linked to itself")]
    SameWorkOrder,
}

/// Whether `role` may make `edit` on a work order in `status`; `None` in the change that creates it.
///
/// # Errors
/// [`Denied`] says why not.
pub fn may(role: Role, edit: Edit, status: Option<Status>) -> Result<(), Denied> {
    let column = match role {
        Role::Crew => 0,
        Role::Inspector => 1,
        Role::Supervisor => 2,
        Role::Server => 3,
        Role::Resident => return Err(Denied::NotYourRole),
    };
    let when = TABLE.iter().find(|(listed, _)| *listed == edit).map_or(Never, |(_, columns)| columns[column]);
    let closed = status.is_some_and(Status::is_closed);
    match when {
        Never => Err(Denied::NotYourRole),
        _ if status.is_none() && !BORN_WITH.contains(&edit) => Err(Denied::NotThereYet),
        _ if status.is_some() && edit == Edit::File => Err(Denied::ThereAlready),
        Open if closed => Err(Denied::AlreadyClosed),
        Closed if !closed => Err(Denied::StillOpen),
        Always | Open | Closed => Ok(()),
    }
}
