//! What a person does: one variant of [`Action`] for everything that anybody can do to a work order.
//!
//! [`apply`](apply::apply) turns an action into one Automerge change. Entry ids derive from the action's id, so an
//! action that is applied again (replayed after a crash, rebuilt after a refusal) makes the same entries.
//!
//! Three actions touch two work orders ([`Deed::parts`]): each gets its own change, with the action's id in both.

pub mod apply;
pub mod limits;
pub mod policy;
pub mod retold;
pub mod rules;

pub use apply::{ApplyError, apply};

use crate::city::Priority;
use crate::ids::{ActionId, CrewId, DepartmentId, EntryId, ServiceRequestId, WorkOrderId};
use crate::order::{Equipment, FieldValue, Labor, Material, Note, Photo, ServiceRequest, Stamp};
use serde::{Deserialize, Serialize};

/// An action, who did it, when, and to which work order: what the phone journals and replays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deed {
    /// Made once, on the device, when the person did it.
    pub id: ActionId,
    /// The work order that it changes or creates.
    pub work_order: WorkOrderId,
    /// Who and when.
    pub stamp: Stamp,
    /// What.
    pub action: Action,
}

/// Everything that a person (or the server on its own account) can do to a work order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Creates the work order with its first service request.
    File {
        /// What was reported.
        request: Box<ServiceRequest>,
        /// Pictures of it.
        photos: Vec<Photo>,
        /// From the catalog, or the person's own choice.
        priority: Priority,
        /// From the catalog's hours to complete; ms since the Unix epoch.
        due: Option<i64>,
        /// The crew that routing names, where the device could route.
        assignment: Option<CrewId>,
        /// The work order where this one goes on: a follow-up. That one gets an event, too.
        #[serde(default)]
        follows: Option<WorkOrderId>,
    },
    /// Adds a service request to a work order that exists: "this is it".
    Join {
        /// What was reported.
        request: Box<ServiceRequest>,
        /// Pictures of it.
        photos: Vec<Photo>,
    },
    /// Adds a photo.
    AddPhoto {
        /// The photo.
        photo: Photo,
    },
    /// Adds a note.
    AddNote {
        /// The note.
        note: Note,
    },
    /// Records labor, or corrects one's own record.
    RecordLabor {
        /// The labor.
        labor: Labor,
    },
    /// Records material, or corrects one's own record.
    RecordMaterial {
        /// The material.
        material: Material,
    },
    /// Records equipment, or corrects one's own record.
    RecordEquipment {
        /// The equipment.
        equipment: Equipment,
    },
    /// Ticks a checklist item, or takes the tick back.
    Tick {
        /// The item's id in the catalog.
        item: String,
        /// Set, or taken back.
        checked: bool,
    },
    /// Decides a field.
    Decide {
        /// The field and its value.
        value: FieldValue,
    },
    /// Begins work.
    Start,
    /// Stops for a while.
    Pause,
    /// Reports it done.
    Complete {
        /// Words that go with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Reports that it cannot be done.
    CannotComplete {
        /// A key of the type's reasons in the catalog.
        reason: String,
        /// Words that go with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Hands it to another department: not ours.
    Transfer {
        /// Which, if the person knows.
        #[serde(default)]
        department: Option<DepartmentId>,
        /// Words that go with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Says that it is not to be done.
    Cancel {
        /// Why, in words.
        reason: String,
    },
    /// Says that it is to be done again.
    Reopen {
        /// Why, in words.
        reason: String,
    },
    /// Settles flags that a merge raised.
    Review {
        /// Their ids.
        settles: Vec<String>,
        /// Words that go with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Takes back events of this work order: see [`crate::order::undo`].
    Withdraw {
        /// The events.
        names: Vec<EntryId>,
        /// Words that go with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Says that this work order is about the same thing as another one. Both get an event.
    MarkDuplicate {
        /// The other one.
        of: WorkOrderId,
    },
    /// Takes back links with another work order, in both.
    WithdrawLink {
        /// The other one.
        other: WorkOrderId,
        /// The links' ids, which are the same in both.
        links: Vec<EntryId>,
        /// Words that go with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Says that a photo's file is nowhere any more: on no device, and not at the city.
    LosePhoto {
        /// The photo's entry.
        photo: EntryId,
        /// How that came about, in words.
        #[serde(default)]
        note: Option<String>,
    },
    /// Server only: gives a request its tracking number.
    Acknowledge {
        /// Which request.
        request: ServiceRequestId,
        /// Its number.
        tracking_number: String,
    },
}

/// What kind of edit an action makes: what the policy speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named after the actions and fields that they stand for")]
pub enum Edit {
    File,
    Join,
    AddPhoto,
    AddNote,
    RecordLabor,
    RecordMaterial,
    RecordEquipment,
    Tick,
    DecideServiceCode,
    DecidePriority,
    DecideLocation,
    DecideAddress,
    DecideAssignment,
    DecideDue,
    DecideDescription,
    Start,
    Pause,
    Complete,
    CannotComplete,
    Transfer,
    Cancel,
    Reopen,
    Review,
    Acknowledge,
    /// What the first work order of a follow-up gets.
    FollowUp,
    MarkDuplicate,
    /// Taking back what one did oneself, while nobody else's status event builds on it.
    WithdrawOwn,
    /// The same, when somebody else's status event builds on it.
    WithdrawOwnBuiltOn,
    WithdrawOthers,
    WithdrawOwnLink,
    WithdrawOthersLink,
    /// A photo of one's own.
    LosePhoto,
    LoseOthersPhoto,
    /// A photo that somebody else said is lost turned up.
    FindPhoto,
}

impl Edit {
    /// Every edit, for tables and tests.
    pub const ALL: [Self; 34] = [
        Self::File,
        Self::Join,
        Self::AddPhoto,
        Self::AddNote,
        Self::RecordLabor,
        Self::RecordMaterial,
        Self::RecordEquipment,
        Self::Tick,
        Self::DecideServiceCode,
        Self::DecidePriority,
        Self::DecideLocation,
        Self::DecideAddress,
        Self::DecideAssignment,
        Self::DecideDue,
        Self::DecideDescription,
        Self::Start,
        Self::Pause,
        Self::Complete,
        Self::CannotComplete,
        Self::Transfer,
        Self::Cancel,
        Self::Reopen,
        Self::Review,
        Self::Acknowledge,
        Self::FollowUp,
        Self::MarkDuplicate,
        Self::WithdrawOwn,
        Self::WithdrawOwnBuiltOn,
        Self::WithdrawOthers,
        Self::WithdrawOwnLink,
        Self::WithdrawOthersLink,
        Self::LosePhoto,
        Self::LoseOthersPhoto,
        Self::FindPhoto,
    ];
}

impl Action {
    /// What kind of edit this is; of a taking-back and a loss, the one that concerns one's own. What it is exactly
    /// depends on the work order: [`rules::edits`].
    #[must_use]
    pub fn edit(&self) -> Edit {
        match self {
            Self::File { .. } => Edit::File,
            Self::Join { .. } => Edit::Join,
            Self::AddPhoto { .. } => Edit::AddPhoto,
            Self::AddNote { .. } => Edit::AddNote,
            Self::RecordLabor { .. } => Edit::RecordLabor,
            Self::RecordMaterial { .. } => Edit::RecordMaterial,
            Self::RecordEquipment { .. } => Edit::RecordEquipment,
            Self::Tick { .. } => Edit::Tick,
            Self::Decide { value } => Edit::deciding(value),
            Self::Start => Edit::Start,
            Self::Pause => Edit::Pause,
            Self::Complete { .. } => Edit::Complete,
            Self::CannotComplete { .. } => Edit::CannotComplete,
            Self::Transfer { .. } => Edit::Transfer,
            Self::Cancel { .. } => Edit::Cancel,
            Self::Reopen { .. } => Edit::Reopen,
            Self::Review { .. } => Edit::Review,
            Self::Acknowledge { .. } => Edit::Acknowledge,
            Self::Withdraw { .. } => Edit::WithdrawOwn,
            Self::MarkDuplicate { .. } => Edit::MarkDuplicate,
            Self::WithdrawLink { .. } => Edit::WithdrawOwnLink,
            Self::LosePhoto { .. } => Edit::LosePhoto,
        }
    }
}

impl Edit {
    /// The edit that decides this field.
    #[must_use]
    pub fn deciding(value: &FieldValue) -> Self {
        match value {
            FieldValue::ServiceCode(_) => Self::DecideServiceCode,
            FieldValue::Priority(_) => Self::DecidePriority,
            FieldValue::Location(_) => Self::DecideLocation,
            FieldValue::Address(_) => Self::DecideAddress,
            FieldValue::Assignment(_) => Self::DecideAssignment,
            FieldValue::Due(_) => Self::DecideDue,
            FieldValue::Description(_) => Self::DecideDescription,
        }
    }
}

impl Deed {
    /// The work orders that it changes or creates, its own first. Each gets one change, all with the deed's id.
    #[must_use]
    pub fn parts(&self) -> Vec<WorkOrderId> {
        let second = match &self.action {
            Action::File { follows, .. } => *follows,
            Action::MarkDuplicate { of } => Some(*of),
            Action::WithdrawLink { other, .. } => Some(*other),
            _ => None,
        };
        std::iter::once(self.work_order).chain(second.filter(|second| *second != self.work_order)).collect()
    }

    /// The id of the `n`-th entry that this deed makes.
    #[must_use]
    pub fn entry(&self, n: usize) -> EntryId {
        EntryId::nth(self.id, n)
    }
}
