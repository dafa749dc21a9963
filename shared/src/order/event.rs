//! Events: what happened to a work order. Each names the latest ones that its author had seen.

use crate::ids::{CrewId, DepartmentId, EntryId, ServiceRequestId, WorkOrderId};
use serde::{Deserialize, Serialize};

/// What happened to a work order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum EventKind {
    /// The work order came to be.
    Created,
    /// The server has it and gave a request its tracking number.
    Acknowledged,
    /// A crew was given the job, or it was taken from one.
    Assigned,
    /// Work began.
    Started,
    /// Work stopped for a while.
    Paused,
    /// The work is done.
    Completed,
    /// The crew cannot do it, because.
    CannotComplete,
    /// It is another department's.
    Transferred,
    /// It is not to be done.
    Cancelled,
    /// It is to be done again: a new round.
    Reopened,
    /// A supervisor looked at flags and settled them.
    Reviewed,
    /// Earlier events were taken back: see [`super::undo`].
    Withdrawn,
    /// The work order is about the same thing as another one: see [`super::links`].
    DuplicateOf,
    /// The other half of [`EventKind::DuplicateOf`], in the other work order.
    HasDuplicate,
    /// Another work order goes on where this one ended; in that one, `created` names this one.
    FollowedUp,
    /// A photo's file is on no device and not at the city: it will never come.
    PhotoLost,
    /// A kind that a newer version knows.
    Unknown(String),
}

impl EventKind {
    const NAMES: [(&'static str, Self); 16] = [
        ("created", Self::Created),
        ("acknowledged", Self::Acknowledged),
        ("assigned", Self::Assigned),
        ("started", Self::Started),
        ("paused", Self::Paused),
        ("completed", Self::Completed),
        ("cannot_complete", Self::CannotComplete),
        ("transferred", Self::Transferred),
        ("cancelled", Self::Cancelled),
        ("reopened", Self::Reopened),
        ("reviewed", Self::Reviewed),
        ("withdrawn", Self::Withdrawn),
        ("duplicate_of", Self::DuplicateOf),
        ("has_duplicate", Self::HasDuplicate),
        ("followed_up", Self::FollowedUp),
        ("photo_lost", Self::PhotoLost),
    ];
}

impl From<String> for EventKind {
    fn from(name: String) -> Self {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map_or(Self::Unknown(name), |(_, kind)| kind)
    }
}

impl From<EventKind> for String {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Unknown(name) => name,
            known => EventKind::NAMES
                .into_iter()
                .find(|(_, kind)| *kind == known)
                .map_or_else(String::new, |(name, _)| name.to_owned()),
        }
    }
}

/// Something that happened, after the latest events that its author had seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// The latest events that its author had seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<EntryId>,
    /// Why, as a key of the catalog (`cannot_complete`) or in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Words that go with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// `acknowledged`: the request that got a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ServiceRequestId>,
    /// `acknowledged`: that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    /// `assigned`: the crew, or none when the job was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<CrewId>,
    /// `transferred`: the department that it is for, if the crew knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// `reviewed`: ids of the flags that this settles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settles: Vec<String>,
    /// `withdrawn`: the events that it takes back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<EntryId>,
    /// `photo_lost`: the photo's entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<EntryId>,
    /// The other work order: `duplicate_of`, `has_duplicate`, `followed_up`; `created` for a follow-up; `withdrawn` for
    /// a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<WorkOrderId>,
}

impl Event {
    /// An event of `kind` after `after`, with nothing else said.
    #[must_use]
    pub fn new(kind: EventKind, after: Vec<EntryId>) -> Self {
        Self {
            kind,
            after,
            reason: None,
            note: None,
            request: None,
            tracking_number: None,
            assigned_to: None,
            department: None,
            settles: Vec::new(),
            names: Vec::new(),
            photo: None,
            other: None,
        }
    }
}
