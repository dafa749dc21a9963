//! The entries that a change made: its author's own, within limits, and allowed in the state that the author saw.

use super::{MAX_EVENTS, refused};
use crate::action::{Edit, limits, policy, rules};
use crate::api::Session;
use crate::ids::{ActionId, CrewId, EntryId, WorkOrderId};
use crate::order::{Decision, Entry, Event, EventKind, Facts, FieldValue, Photo, Stamp, decisions, status};
use crate::sync::wire::{RefusalCode, Verdict};
use std::collections::BTreeSet;

/// Checks every entry of `action` in `after`: the document with the change in it, or at least what `action` made there.
/// `seen` is what the author saw: the entries at the change's dependencies. `events` are how many the document has now.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub(super) fn allowed(
    seen: &Facts,
    after: &Facts,
    events: usize,
    action: ActionId,
    creates: bool,
    who: &Session,
) -> Result<(), Verdict> {
    if events > MAX_EVENTS {
        return Err(refused(RefusalCode::TooLarge, "More has happened to this job than one job can hold."));
    }
    let prefix = format!("{action}:");
    let mine = |id: &EntryId| id.0.starts_with(&prefix);
    if after.unknown.iter().any(|entry| mine(&entry.id)) {
        return Err(newer());
    }
    // No action of this version adds assets.
    if after.assets.iter().any(|entry| mine(&entry.id)) {
        return Err(not_an_edit("This change adds what no action of this version adds."));
    }
    let status = (!creates).then(|| status::derive(seen).status);
    let judge = Judge { seen, id: after.id, creates, who, status, assigns: assigns(after, mine)? };
    let mut known = 0;
    macro_rules! each {
        ($entries:expr, $edit:expr, $limits:expr) => {
            for entry in $entries.iter().filter(|entry| mine(&entry.id)) {
                known += 1;
                $limits(&entry.body).map_err(|limits::TooMuch(message)| refused(RefusalCode::TooLarge, &message))?;
                judge.entry(&entry.stamp, $edit(entry)?)?;
            }
        };
    }
    let filing = if creates { Edit::File } else { Edit::Join };
    each!(after.requests, |_| Ok(filing), limits::request);
    each!(after.photos, photo, limits::photo);
    each!(after.notes, |_| Ok(Edit::AddNote), limits::note);
    each!(after.labor, |_| Ok(Edit::RecordLabor), limits::labor);
    each!(after.materials, |_| Ok(Edit::RecordMaterial), limits::material);
    each!(after.equipment, |_| Ok(Edit::RecordEquipment), limits::equipment);
    each!(after.ticks, |_| Ok(Edit::Tick), limits::tick);
    each!(after.decisions, |entry| judge.decision(entry), limits::decision);
    each!(after.events, |entry| judge.event(entry), limits::event);
    if known == 0 {
        return Err(not_an_edit("This change adds nothing."));
    }
    Ok(())
}

/// The crew that the change's decision gives the job to, which its event must say, too: whether a job was moved while
/// somebody worked on it is told by that event. `None` when the change assigns nobody and nothing.
///
/// # Errors
/// A refusal when a decision comes without its event.
fn assigns(after: &Facts, mine: impl Fn(&EntryId) -> bool) -> Result<Option<Option<CrewId>>, Verdict> {
    let decided = after.decisions.iter().filter(|entry| mine(&entry.id)).find_map(|entry| match &entry.body.value {
        FieldValue::Assignment(crew) => Some(crew.clone()),
        _ => None,
    });
    let told = after
        .events
        .iter()
        .any(|event| mine(&event.id) && matches!(event.body.kind, EventKind::Assigned | EventKind::Created));
    if decided.is_some() && !told {
        return Err(not_an_edit("This change gives the job to somebody and does not say so."));
    }
    Ok(decided)
}

struct Judge<'a> {
    seen: &'a Facts,
    /// The work order that is judged.
    id: Option<WorkOrderId>,
    /// Whose job the change makes it, if it decides that.
    assigns: Option<Option<CrewId>>,
    creates: bool,
    who: &'a Session,
    status: Option<status::Status>,
}

impl Judge<'_> {
    /// The author's own, and allowed. The crew is not compared: a person may have moved to another one since.
    fn entry(&self, stamp: &Stamp, edit: Edit) -> Result<(), Verdict> {
        if stamp.by != self.who.user || stamp.role != self.who.role {
            return Err(refused(RefusalCode::NotYours, "This change is signed with somebody else's name."));
        }
        policy::may(self.who.role, edit, self.status)
            .map_err(|denied| refused(RefusalCode::NotAllowed, &format!("Not accepted: {denied}.")))
    }

    /// A decision replaces exactly what its author saw as current: neither less, which would raise a false
    /// disagreement, nor more, which would hide somebody else's.
    fn decision(&self, entry: &Entry<Decision>) -> Result<Edit, Verdict> {
        let value = &entry.body.value;
        let current =
            decisions::current(&self.seen.decisions, value.field()).map_or_else(Vec::new, |decided| decided.current);
        if !same(&current, &entry.body.replaces) {
            return Err(not_an_edit("This decision does not say truly what it replaces."));
        }
        Ok(match value {
            // Filing decides every field once; whose job it is, only those who may assign.
            value if self.creates && !matches!(value, FieldValue::Assignment(_)) => Edit::File,
            value => Edit::deciding(value),
        })
    }

    /// An event comes after exactly the latest ones that its author saw: what is concurrent decides the status.
    fn event(&self, entry: &Entry<Event>) -> Result<Edit, Verdict> {
        let event = &entry.body;
        if !same(&self.seen.latest_events(), &event.after) {
            return Err(not_an_edit("This event does not say truly what it follows."));
        }
        if !rules::says_no_more_than_it_is(event, self.id) {
            return Err(not_an_edit("This event says what events of its kind do not say."));
        }
        let assigned = match &event.kind {
            EventKind::Assigned => self.assigns.as_ref() == Some(&event.assigned_to),
            EventKind::Created => self.assigns.as_ref().and_then(Option::as_ref) == event.assigned_to.as_ref(),
            _ => true,
        };
        if !assigned {
            return Err(not_an_edit("This change does not say truly whose job it makes it."));
        }
        let denied = |denied| refused(RefusalCode::NotAllowed, &format!("Not accepted: {denied}."));
        Ok(match &event.kind {
            EventKind::Created if self.creates => Edit::File,
            EventKind::Created => return Err(not_an_edit("This work order exists already.")),
            EventKind::Acknowledged => Edit::Acknowledge,
            EventKind::Assigned => Edit::DecideAssignment,
            EventKind::Started => Edit::Start,
            EventKind::Paused => Edit::Pause,
            EventKind::Completed => Edit::Complete,
            EventKind::CannotComplete => Edit::CannotComplete,
            EventKind::Transferred => Edit::Transfer,
            EventKind::Cancelled => Edit::Cancel,
            EventKind::Reopened => Edit::Reopen,
            EventKind::Reviewed => Edit::Review,
            EventKind::FollowedUp => Edit::FollowUp,
            EventKind::DuplicateOf | EventKind::HasDuplicate => Edit::MarkDuplicate,
            EventKind::Withdrawn => {
                let edits = rules::withdrawing(self.seen, &event.names, event.other, &self.who.user).map_err(denied)?;
                let mut last = Edit::WithdrawOwn;
                for edit in edits {
                    policy::may(self.who.role, edit, self.status).map_err(denied)?;
                    last = edit;
                }
                last
            }
            EventKind::PhotoLost => {
                let photo = event.photo.as_ref().ok_or_else(|| denied(policy::Denied::NoSuchPhoto))?;
                rules::losing(self.seen, photo, &self.who.user).map_err(denied)?
            }
            EventKind::Unknown(_) => return Err(newer()),
        })
    }
}

/// What is drawn over a photo is known here: what nobody here can read, nobody here can answer for.
fn photo(entry: &Entry<Photo>) -> Result<Edit, Verdict> {
    if entry.body.marks.iter().any(|mark| mark.shape().is_none()) {
        return Err(newer());
    }
    Ok(Edit::AddPhoto)
}

fn same(a: &[EntryId], b: &[EntryId]) -> bool {
    a.len() == b.len() && a.iter().collect::<BTreeSet<_>>() == b.iter().collect()
}

fn not_an_edit(message: &str) -> Verdict {
    refused(RefusalCode::NotAnEdit, message)
}

fn newer() -> Verdict {
    Verdict::NotNow { message: "This was made by a newer version of the app than the city's server knows.".to_owned() }
}
