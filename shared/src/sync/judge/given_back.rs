//! Changes that a phone gives back to a server that was restored from a backup, and what they share with others: parsing.
//!
//! The server once accepted what its own receipt vouches for, whoever wrote it. So nobody's role is asked again; that the
//! document stays whole is, as for every change.

use super::known::{self, Known, Seen};
use super::{Judged, MAX_EVENTS, MAX_OPERATIONS, adds_entries, damaged, framing, refused};
use crate::contained::contained;
use crate::ids::{ActionId, WorkOrderId};
use crate::order::OrderDoc;
use crate::sync::wire::{RefusalCode, Verdict};
use automerge::Change;

/// A change from its bytes, framed as ours are, with the action that it belongs to.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub fn parse(bytes: &[u8]) -> Result<(Change, ActionId), Verdict> {
    framing::check(bytes)?;
    contained(|| parsed(bytes)).unwrap_or_else(|| Err(damaged()))
}

/// As [`parse`], of what is framed rightly.
pub(super) fn parsed(bytes: &[u8]) -> Result<(Change, ActionId), Verdict> {
    let change = Change::from_bytes(bytes.to_vec())
        .map_err(|_| refused(RefusalCode::Malformed, "This change is damaged: it is not what any version writes."))?;
    // Automerge computes the hash and does not compare: a damaged checksum would stay in the log for good.
    if bytes.get(4..8) != change.hash().0.get(..4) {
        return Err(refused(RefusalCode::Malformed, "This change was damaged on the way."));
    }
    if change.len() > MAX_OPERATIONS {
        return Err(refused(RefusalCode::TooLarge, "This change is larger than one edit can be."));
    }
    let action: ActionId = change
        .message()
        .and_then(|message| message.parse().ok().filter(|id: &ActionId| id.to_string() == *message))
        .ok_or_else(|| refused(RefusalCode::NotAnEdit, "This change belongs to no action."))?;
    Ok((change, action))
}

/// Judges a change of which the server's own receipt says that it once had it: everything but who wrote it and what the
/// policy says. [`survives_saving`](super::survives_saving) is for the caller to ask.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub fn given_back(
    doc: Option<&OrderDoc>,
    work_order: WorkOrderId,
    change: &Change,
    action: ActionId,
) -> Result<Judged, Verdict> {
    let judged = contained(|| judge_given_back(doc, None, work_order, change, action));
    judged.unwrap_or_else(|| Err(damaged()))
}

/// As [`given_back`], with what is known of the document; see [`change_beside`](super::change_beside).
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub fn given_back_beside(
    doc: Option<&OrderDoc>,
    known: &mut Option<Known>,
    work_order: WorkOrderId,
    change: &Change,
    action: ActionId,
) -> Result<Judged, Verdict> {
    let judged = contained(|| judge_given_back(doc, Some(known), work_order, change, action));
    judged.unwrap_or_else(|| Err(damaged()))
}

fn judge_given_back(
    doc: Option<&OrderDoc>,
    mut slot: Option<&mut Option<Known>>,
    work_order: WorkOrderId,
    change: &Change,
    action: ActionId,
) -> Result<Judged, Verdict> {
    let hash = change.hash();
    let mut doc = doc.cloned().unwrap_or_else(|| OrderDoc::empty(&[0]));
    if doc.has(&hash) {
        return Ok(Judged { doc, hash, action, repeated: true, creates: false });
    }
    let creates = doc.is_empty();
    let known = if creates { None } else { known::usable(slot.as_deref_mut(), &mut doc, change) };
    let made = adds_entries(&mut doc, known.as_ref(), change, creates)?;
    doc.apply([change.clone()]).map_err(|_| refused(RefusalCode::Unmergeable, "This change cannot be merged."))?;
    if doc.id() != Some(work_order) {
        return Err(refused(RefusalCode::NotAnEdit, "This change belongs to another work order."));
    }
    let says = known.as_ref().and_then(|_| doc.facts_made(&made));
    let known = match (known, says) {
        (Some(mut known), Some(says)) => {
            let change = (hash, change.actor_id(), change.seq());
            known.took(&mut doc, change, Seen::Everything, (made, says));
            known
        }
        _ => Known::read(&mut doc),
    };
    if known.facts().events.len() > MAX_EVENTS {
        return Err(refused(RefusalCode::TooLarge, "More has happened to this job than one job can hold."));
    }
    if let Some(slot) = slot {
        *slot = Some(known);
    }
    Ok(Judged { doc, hash, action, repeated: false, creates })
}
