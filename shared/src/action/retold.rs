//! From entries back to the action that made them: for what somebody else did, of which this device has no journal.

use super::{Action, Deed};
use crate::city::Priority;
use crate::ids::{ActionId, EntryId, WorkOrderId};
use crate::order::{Entry, Event, EventKind, Facts, FieldValue, Note, Stamp};

/// What `action` did in a work order, told by the entries that it left there; `None` when it left none. Words that no
/// action of this version says come as a note.
#[must_use]
pub fn deed(facts: &Facts, work_order: WorkOrderId, action: ActionId) -> Option<Deed> {
    let own = Own(format!("{action}:"));
    let (stamp, action_done) = own
        .filed(facts)
        .or_else(|| own.happened(facts))
        .or_else(|| own.first(&facts.decisions, |body| Action::Decide { value: body.value.clone() }))
        .or_else(|| own.first(&facts.photos, |body| Action::AddPhoto { photo: body.clone() }))
        .or_else(|| own.first(&facts.notes, |body| Action::AddNote { note: body.clone() }))
        .or_else(|| own.first(&facts.labor, |body| Action::RecordLabor { labor: body.clone() }))
        .or_else(|| own.first(&facts.materials, |body| Action::RecordMaterial { material: body.clone() }))
        .or_else(|| own.first(&facts.equipment, |body| Action::RecordEquipment { equipment: body.clone() }))
        .or_else(|| own.first(&facts.ticks, |body| Action::Tick { item: body.item.clone(), checked: body.checked }))
        .or_else(|| own.unreadable(facts))?;
    Some(Deed { id: action, work_order, stamp, action: action_done })
}

/// How the ids of an action's entries begin.
struct Own(String);

impl Own {
    fn has(&self, id: &EntryId) -> bool {
        id.0.starts_with(&self.0)
    }

    fn all<'a, T>(&self, entries: &'a [Entry<T>]) -> impl Iterator<Item = &'a Entry<T>> {
        entries.iter().filter(|entry| self.has(&entry.id))
    }

    fn first<T>(&self, entries: &[Entry<T>], action: impl FnOnce(&T) -> Action) -> Option<(Stamp, Action)> {
        self.all(entries).next().map(|entry| (entry.stamp.clone(), action(&entry.body)))
    }

    /// A request, with which a work order came to be or which joined one.
    fn filed(&self, facts: &Facts) -> Option<(Stamp, Action)> {
        let request = self.all(&facts.requests).next()?;
        let photos = self.all(&facts.photos).map(|photo| photo.body.clone()).collect();
        let filed = Box::new(request.body.clone());
        let created = self.all(&facts.events).find(|event| event.body.kind == EventKind::Created);
        let action = match created {
            None => Action::Join { request: filed, photos },
            Some(created) => {
                let decided = || self.all(&facts.decisions).map(|decision| &decision.body.value);
                Action::File {
                    request: filed,
                    photos,
                    priority: decided()
                        .find_map(
                            |value| if let FieldValue::Priority(priority) = value { Some(*priority) } else { None },
                        )
                        .unwrap_or(Priority::Normal),
                    due: decided().find_map(|value| if let FieldValue::Due(due) = value { Some(*due) } else { None }),
                    assignment: created.body.assigned_to.clone(),
                    follows: created.body.other,
                }
            }
        };
        Some((request.stamp.clone(), action))
    }

    fn happened(&self, facts: &Facts) -> Option<(Stamp, Action)> {
        let entry = self.all(&facts.events).next()?;
        let event: &Event = &entry.body;
        let (note, reason) = (event.note.clone(), || event.reason.clone().unwrap_or_default());
        let action = match (&event.kind, event.other) {
            (EventKind::Assigned, _) => Action::Decide { value: FieldValue::Assignment(event.assigned_to.clone()) },
            (EventKind::Started, _) => Action::Start,
            (EventKind::Paused, _) => Action::Pause,
            (EventKind::Completed, _) => Action::Complete { note },
            (EventKind::CannotComplete, _) => Action::CannotComplete { reason: reason(), note },
            (EventKind::Transferred, _) => Action::Transfer { department: event.department.clone(), note },
            (EventKind::Cancelled, _) => Action::Cancel { reason: reason() },
            (EventKind::Reopened, _) => Action::Reopen { reason: reason() },
            (EventKind::Reviewed, _) => Action::Review { settles: event.settles.clone(), note },
            (EventKind::Withdrawn, None) => Action::Withdraw { names: event.names.clone(), note },
            (EventKind::Withdrawn, Some(other)) => Action::WithdrawLink { other, links: event.names.clone(), note },
            (EventKind::DuplicateOf | EventKind::HasDuplicate, Some(of)) => Action::MarkDuplicate { of },
            (EventKind::PhotoLost, _) => Action::LosePhoto { photo: event.photo.clone()?, note },
            (EventKind::Acknowledged, _) => {
                Action::Acknowledge { request: event.request?, tracking_number: event.tracking_number.clone()? }
            }
            (kind, _) => Action::AddNote { note: Note { text: String::from(kind.clone()) } },
        };
        Some((entry.stamp.clone(), action))
    }

    /// Of a newer version: its words as they are.
    fn unreadable(&self, facts: &Facts) -> Option<(Stamp, Action)> {
        let entry = facts.unknown.iter().find(|entry| self.has(&entry.id))?;
        let stamp = crate::order::view::permissive_stamp(&entry.value);
        Some((stamp, Action::AddNote { note: Note { text: entry.value.to_string() } }))
    }
}
