//! Turns an action into one Automerge change.

use super::limits::{self, TooMuch};
use super::policy::{self, Denied};
use super::{Action, Deed, rules};
use crate::ids::{EntryId, WorkOrderId};
use crate::order::{
    Decision, DocumentError, Event, EventKind, Facts, FieldValue, Note, OrderDoc, Photo, ServiceRequest, Tick,
    decisions, status,
};
use automerge::Change;

/// Why an action did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The policy says no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It holds more than one entry may.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// The work order is not here, or a new one's id is taken by another document.
    #[error("the work order is not on this device")]
    NoSuchWorkOrder,
    /// The document cannot be written.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Applies what a deed does to the work order `part`, one of [`Deed::parts`], whose document `doc` is: one change, or
/// `None` when the document already holds what this deed makes, or the deed has nothing to say in its second part.
///
/// # Errors
/// [`ApplyError`]; the document is then as it was.
pub fn apply(doc: &mut OrderDoc, deed: &Deed, part: WorkOrderId) -> Result<Option<Change>, ApplyError> {
    if !deed.parts().contains(&part) {
        return Err(ApplyError::NoSuchWorkOrder);
    }
    let creates = part == deed.work_order && matches!(deed.action, Action::File { .. });
    let here = doc.id() == Some(part);
    if !(here || creates && doc.is_empty()) {
        return Err(ApplyError::NoSuchWorkOrder);
    }
    if doc.has_entry(&deed.entry(0).0) {
        return Ok(None);
    }
    if creates && here {
        return Err(ApplyError::NoSuchWorkOrder);
    }
    limits::action(&deed.action)?;
    let facts = doc.facts();
    let status = (!creates).then(|| status::derive(&facts).status);
    let edits = rules::edits(&facts, deed, part)?;
    if edits.is_empty() {
        return Ok(None);
    }
    for edit in edits {
        policy::may(deed.stamp.role, edit, status)?;
    }
    let written = Writer { doc, deed, part, facts, next: 0 }.write();
    if let Err(error) = written {
        doc.rollback();
        return Err(error.into());
    }
    Ok(doc.commit(deed.id, deed.stamp.at))
}

struct Writer<'a> {
    doc: &'a mut OrderDoc,
    deed: &'a Deed,
    part: WorkOrderId,
    facts: Facts,
    next: usize,
}

impl Writer<'_> {
    fn write(mut self) -> Result<(), DocumentError> {
        let first = self.deed.work_order;
        let own = self.part == first;
        match &self.deed.action {
            Action::File { .. } if !own => self.happen(EventKind::FollowedUp, |event| event.other = Some(first)),
            Action::File { request, photos, priority, due, assignment, follows } => {
                self.doc.genesis(self.part)?;
                self.request(request, photos)?;
                self.decide(FieldValue::ServiceCode(request.service_code.clone()))?;
                self.decide(FieldValue::Priority(*priority))?;
                if let Some(place) = &request.place {
                    self.decide(FieldValue::Location(place.clone()))?;
                }
                if let Some(address) = &request.address {
                    self.decide(FieldValue::Address(address.clone()))?;
                }
                if !request.description.is_empty() {
                    self.decide(FieldValue::Description(request.description.clone()))?;
                }
                if let Some(due) = due {
                    self.decide(FieldValue::Due(*due))?;
                }
                if let Some(crew) = assignment {
                    self.decide(FieldValue::Assignment(Some(crew.clone())))?;
                }
                self.happen(EventKind::Created, |event| {
                    event.assigned_to.clone_from(assignment);
                    event.other = *follows;
                })
            }
            Action::Join { request, photos } => self.request(request, photos),
            Action::AddPhoto { photo } => self.append("photos", photo),
            Action::AddNote { note } => self.append("notes", note),
            Action::RecordLabor { labor } => self.append("labor", labor),
            Action::RecordMaterial { material } => self.append("materials", material),
            Action::RecordEquipment { equipment } => self.append("equipment", equipment),
            Action::Tick { item, checked } => {
                let replaces = self.current_ticks(item);
                self.append("ticks", &Tick { item: item.clone(), checked: *checked, replaces })
            }
            Action::Decide { value } => {
                // An assignment is also an event: only so can *done* and *given to somebody else* be told apart by
                // whether one saw the other.
                if let FieldValue::Assignment(crew) = value {
                    self.happen(EventKind::Assigned, |event| event.assigned_to.clone_from(crew))?;
                }
                self.decide(value.clone())
            }
            Action::Start => self.happen(EventKind::Started, |_| ()),
            Action::Pause => self.happen(EventKind::Paused, |_| ()),
            Action::Complete { note } => self.happen(EventKind::Completed, |event| event.note.clone_from(note)),
            Action::CannotComplete { reason, note } => self.happen(EventKind::CannotComplete, |event| {
                event.reason = Some(reason.clone());
                event.note.clone_from(note);
            }),
            Action::Transfer { department, note } => self.happen(EventKind::Transferred, |event| {
                event.department.clone_from(department);
                event.note.clone_from(note);
            }),
            Action::Cancel { reason } => self.happen(EventKind::Cancelled, |event| event.reason = Some(reason.clone())),
            Action::Reopen { reason } => self.happen(EventKind::Reopened, |event| event.reason = Some(reason.clone())),
            Action::Review { settles, note } => self.happen(EventKind::Reviewed, |event| {
                event.settles.clone_from(settles);
                event.note.clone_from(note);
            }),
            Action::Withdraw { names, note } => self.happen(EventKind::Withdrawn, |event| {
                event.names.clone_from(names);
                event.note.clone_from(note);
            }),
            Action::MarkDuplicate { of } if own => self.happen(EventKind::DuplicateOf, |event| event.other = Some(*of)),
            Action::MarkDuplicate { .. } => self.happen(EventKind::HasDuplicate, |event| event.other = Some(first)),
            Action::WithdrawLink { other, links, note } => {
                // The other document may not have all of them yet; a link is gone when either half is.
                let other = if own { *other } else { first };
                let names = rules::links_here(&self.facts, links, other);
                self.happen(EventKind::Withdrawn, |event| {
                    event.names = names;
                    event.other = Some(other);
                    event.note.clone_from(note);
                })
            }
            Action::LosePhoto { photo, note } => self.happen(EventKind::PhotoLost, |event| {
                event.photo = Some(photo.clone());
                event.note.clone_from(note);
            }),
            Action::Acknowledge { request, tracking_number } => self.happen(EventKind::Acknowledged, |event| {
                event.request = Some(*request);
                event.tracking_number = Some(tracking_number.clone());
            }),
        }
    }

    fn append<T: serde::Serialize>(&mut self, container: &str, body: &T) -> Result<(), DocumentError> {
        let id = self.deed.entry(self.next);
        self.next += 1;
        self.doc.append(container, &id, &self.deed.stamp, body)
    }

    fn request(&mut self, request: &ServiceRequest, photos: &[Photo]) -> Result<(), DocumentError> {
        self.append("requests", request)?;
        photos.iter().try_for_each(|photo| self.append("photos", photo))
    }

    fn decide(&mut self, value: FieldValue) -> Result<(), DocumentError> {
        let replaces =
            decisions::current(&self.facts.decisions, value.field()).map_or_else(Vec::new, |decided| decided.current);
        self.append("decisions", &Decision { value, replaces })
    }

    fn happen(&mut self, kind: EventKind, say: impl FnOnce(&mut Event)) -> Result<(), DocumentError> {
        let mut event = Event::new(kind, self.facts.latest_events());
        say(&mut event);
        self.append("events", &event)
    }

    fn current_ticks(&self, item: &str) -> Vec<EntryId> {
        let of_item = || self.facts.ticks.iter().filter(|tick| tick.body.item == item);
        of_item()
            .filter(|tick| !of_item().any(|later| later.body.replaces.contains(&tick.id)))
            .map(|tick| tick.id.clone())
            .collect()
    }
}

/// A note's text, trimmed; `None` when nothing was written.
#[must_use]
pub fn note(text: &str) -> Option<Note> {
    let text = text.trim();
    (!text.is_empty()).then(|| Note { text: text.to_owned() })
}
