//! The entries that a change made: its author's own, within limits, and allowed in the state that the author saw.

use super::{MAX_EVENTS, refused};
use crate::action::{Edit, limits, policy};
use crate::api::Session;
use crate::ids::{ActionId, EntryId};
use crate::order::{Decision, Entry, Event, EventKind, Facts, FieldValue, Stamp, decisions, status};
use crate::sync::wire::{RefusalCode, Verdict};
use std::collections::BTreeSet;

/// Checks every entry of `action` in `after`. `seen` is what the author saw: the entries at the change's dependencies.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub(super) fn allowed(
    seen: &Facts,
    after: &Facts,
    action: ActionId,
    creates: bool,
    who: &Session,
) -> Result<(), Verdict> {
    if after.events.len() > MAX_EVENTS {
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
    let judge = Judge { seen, creates, who, status: (!creates).then(|| status::derive(&seen.events).status) };
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
    each!(after.photos, |_| Ok(Edit::AddPhoto), limits::photo);
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

struct Judge<'a> {
    seen: &'a Facts,
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
        if event.kind != EventKind::Reviewed && !event.settles.is_empty() {
            return Err(not_an_edit("Only a review settles what needs a look."));
        }
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
            EventKind::Unknown(_) => return Err(newer()),
        })
    }
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
