//! What the server makes of a change that a phone sent: each step cheap before the next, default deny.
//!
//! 1. [`framing`]: exactly one uncompressed change chunk, within the limits of size and of operations
//! 2. parse it, contained: Automerge panics on some damaged input
//! 3. the actor is the talking device's, its sequence and operation numbers follow on, its dependencies are here
//! 4. [`operations`]: it only adds entries, into containers that exist
//! 5. [`entries`]: they are its author's own, within limits, say truly what the author had seen, and the policy allows
//!    each at the dependencies: what the author saw
//! 6. on a copy: it applies, the work order derives, and a saved copy loads again the same

use super::wire::{RefusalCode, SentChange, Verdict};
use crate::api::Session;
use crate::city::Role;
use crate::contained::contained;
use crate::ids::{ActionId, DeviceId};
use crate::order::{Facts, OrderDoc, WorkOrder, document::SCHEMA, facts::Made};
use automerge::{Change, ChangeHash, ROOT, ReadDoc};
use known::Seen;

mod ahead;
mod entries;
mod framing;
mod given_back;
mod known;
mod made;
mod operations;

pub use crate::contained::quiet_contained_panics;
pub use ahead::{Ahead, change_ahead};
pub use given_back::{given_back, given_back_beside, parse};
pub use known::Known;

/// The largest change, in bytes. A long note with a 5,000-character text has 20 KB.
pub const MAX_CHANGE: usize = 256 << 10;
/// The most operations in one change.
pub const MAX_OPERATIONS: usize = 4_000;
/// The most events of one work order. Deriving its status compares them in pairs.
pub const MAX_EVENTS: usize = 500;

/// A change that may enter the log.
#[derive(Debug)]
pub struct Judged {
    /// The document with the change in it.
    pub doc: OrderDoc,
    /// The change.
    pub hash: ChangeHash,
    /// The action that it belongs to: its message.
    pub action: ActionId,
    /// Whether the document had it already: a repeat, harmless.
    pub repeated: bool,
    /// Whether the change creates the work order.
    pub creates: bool,
}

/// Judges a change that `who`'s device sent, against the document as the server has it (`None`: it has none).
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub fn judge(doc: Option<&OrderDoc>, sent: &SentChange, who: &Session) -> Result<Judged, Verdict> {
    let mut judged = change(doc, sent, who)?;
    if !judged.repeated {
        survives_saving(&mut judged.doc)?;
    }
    Ok(judged)
}

/// The same without the last step, [`survives_saving`], which is for whoever takes in several changes to do once.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub fn change(doc: Option<&OrderDoc>, sent: &SentChange, who: &Session) -> Result<Judged, Verdict> {
    framing::check(&sent.bytes)?;
    contained(|| judge_framed(doc, None, sent, who)).unwrap_or_else(|| Err(damaged()))
}

/// As [`change`], of one change after the other, with what is `known` of the document in between. Whoever uses it looks at
/// [`Saved::as_known`] in the end.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*.
pub fn change_beside(
    doc: Option<&OrderDoc>,
    known: &mut Option<Known>,
    sent: &SentChange,
    who: &Session,
) -> Result<Judged, Verdict> {
    framing::check(&sent.bytes)?;
    contained(|| judge_framed(doc, Some(known), sent, who)).unwrap_or_else(|| Err(damaged()))
}

/// A document as it can be stored.
#[derive(Debug)]
pub struct Saved {
    /// The document, not compressed.
    pub bytes: Vec<u8>,
    /// What it says.
    pub order: WorkOrder,
    /// Whether it says what was known of it. If it does not, nothing that was concluded from that counts.
    pub as_known: bool,
}

/// Saves the document, when the saved copy loads again and says the same. Some changes with a good checksum apply and then
/// cannot be loaded again: try it before they are in the log.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*, for what was added last.
pub fn survives_saving(doc: &mut OrderDoc) -> Result<Saved, Verdict> {
    survives_saving_as(doc, None)
}

/// The same, of a document of which something is known.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*, for what was added last.
pub fn survives_saving_as(doc: &mut OrderDoc, known: Option<&Known>) -> Result<Saved, Verdict> {
    contained(|| loads_again(doc, known)).unwrap_or_else(|| Err(damaged()))
}

fn damaged() -> Verdict {
    refused(RefusalCode::Unmergeable, "This change is damaged and cannot be merged.")
}

fn judge_framed(
    doc: Option<&OrderDoc>,
    mut slot: Option<&mut Option<Known>>,
    sent: &SentChange,
    who: &Session,
) -> Result<Judged, Verdict> {
    let (change, action) = given_back::parsed(&sent.bytes)?;
    let hash = change.hash();
    let mut doc = doc.cloned().unwrap_or_else(|| OrderDoc::empty(&[0]));
    if doc.has(&hash) {
        return Ok(Judged { doc, hash, action, repeated: true, creates: false });
    }
    let creates = doc.is_empty();
    actor_is_of(&change, who.device)?;
    let known = if creates { None } else { known::usable(slot.as_deref_mut(), &mut doc, &change) };
    let made = adds_entries(&mut doc, known.as_ref(), &change, creates)?;

    let seen = match &known {
        Some(known) => known.seen(&doc, change.deps()),
        None if creates => Seen::Other(Box::default()),
        None => Seen::Other(Box::new(doc.facts_at(change.deps()))),
    };
    let before = doc.heads();
    let (actor, seq) = (change.actor_id().clone(), change.seq());
    doc.apply([change]).map_err(|_| refused(RefusalCode::Unmergeable, "This change cannot be merged."))?;
    if doc.id() != Some(sent.work_order) {
        return Err(refused(RefusalCode::NotAnEdit, "This change belongs to another work order."));
    }
    if creates {
        written_for_us(&doc)?;
    }
    let says = known.as_ref().and_then(|_| doc.facts_made(&made));
    let known = match (known, says) {
        (Some(mut known), Some(says)) => {
            let events = known.events() + says.events.len();
            let says = Facts { id: known.facts().id, ..says };
            entries::allowed(known.facts_seen(&seen), &says, events, action, creates, who)?;
            known.took(&mut doc, (hash, &actor, seq), seen, (made, says));
            known
        }
        (known, _) => {
            let after = doc.facts();
            let events = after.events.len() + after.opaque.len();
            let nothing = Facts::default();
            let seen = match (&known, &seen) {
                (Some(known), seen) => known.facts_seen(seen),
                (None, Seen::Other(facts)) => facts,
                (None, Seen::Everything | Seen::Beside) => &nothing,
            };
            entries::allowed(seen, &after, events, action, creates, who)?;
            Known::of(&mut doc, after)
        }
    };
    if let Some(slot) = slot {
        *slot = Some(known);
    }
    debug_assert_ne!(before, doc.heads());
    Ok(Judged { doc, hash, action, repeated: false, creates })
}

/// The actor is the talking device's.
fn actor_is_of(change: &Change, device: DeviceId) -> Result<(), Verdict> {
    let actor = change.actor_id().to_bytes();
    if !actor.starts_with(device.0.as_bytes()) || actor.len() <= device.0.as_bytes().len() {
        return Err(refused(RefusalCode::NotYours, "This change was written by another device."));
    }
    Ok(())
}

/// It follows on, and its operations add entries to the document's containers: which.
fn adds_entries(
    doc: &mut OrderDoc,
    known: Option<&Known>,
    change: &Change,
    creates: bool,
) -> Result<Vec<Made>, Verdict> {
    let last_seq = known.map_or_else(|| doc.last_seq(change.actor_id()), |known| known.last_seq(change.actor_id()));
    follows_on(doc, None, change, last_seq)?;
    let change = change.decode();
    match known {
        // None of them belongs to the same action.
        Some(known) => operations::only_add_entries(&known.containers, |_| false, &change, creates),
        None => operations::only_add_entries(&doc.containers(), |id| doc.has_entry(id), &change, creates),
    }
}

/// Sequence number, dependencies and first operation are what the next change of its actor has.
fn follows_on(doc: &mut OrderDoc, ahead: Option<&Known>, change: &Change, last_seq: u64) -> Result<(), Verdict> {
    let mut last_op = 0;
    for dep in change.deps() {
        match ahead.and_then(|known| known.last_operation_ahead(dep)).or_else(|| doc.last_operation(dep)) {
            Some(known) => last_op = last_op.max(known),
            None => {
                return Err(Verdict::NotNow {
                    message: "This change builds on one that the city does not have yet.".to_owned(),
                });
            }
        }
    }
    if change.seq() != last_seq + 1 || change.start_op().get() != last_op + 1 {
        return Err(refused(RefusalCode::Malformed, "This change is numbered as no phone numbers its changes."));
    }
    if doc.is_empty() != change.deps().is_empty() {
        return Err(refused(RefusalCode::NotAnEdit, "This work order exists already."));
    }
    Ok(())
}

/// A work order whose schema is still to come waits for a server that knows it.
fn written_for_us(doc: &OrderDoc) -> Result<(), Verdict> {
    let schema = doc.automerge().get(ROOT, "schema").ok().flatten().and_then(|(value, _)| value.as_i64());
    match schema {
        Some(1..=SCHEMA) => Ok(()),
        Some(schema) if schema > SCHEMA => Err(Verdict::NotNow {
            message: "This was made by a newer version of the app than the city's server knows.".to_owned(),
        }),
        _ => Err(refused(RefusalCode::NotAnEdit, "This change does not begin a work order.")),
    }
}

fn loads_again(doc: &mut OrderDoc, known: Option<&Known>) -> Result<Saved, Verdict> {
    let unmergeable = || refused(RefusalCode::Unmergeable, "This change cannot be merged safely.");
    let bytes = doc.save_plain();
    let mut again = OrderDoc::load(&bytes).map_err(|_| unmergeable())?;
    let id = doc.id().ok_or_else(unmergeable)?;
    if again.heads() != doc.heads() {
        return Err(unmergeable());
    }
    // What is stored says what was judged: neither of the two need be read whole.
    if let Some(known) = known.filter(|known| known.is_said_by(&again)) {
        let order = WorkOrder::derive(id, known.facts()).ok_or_else(unmergeable)?;
        return Ok(Saved { bytes, order, as_known: true });
    }
    let (loaded, facts) = (again.facts(), doc.facts());
    let order = WorkOrder::derive(id, &facts).ok_or_else(unmergeable)?;
    if loaded != facts && WorkOrder::derive(id, &loaded).as_ref() != Some(&order) {
        return Err(unmergeable());
    }
    Ok(Saved { bytes, order, as_known: known.is_none_or(|known| *known.facts() == facts) })
}

fn refused(code: RefusalCode, message: &str) -> Verdict {
    Verdict::Refused { code, message: message.to_owned() }
}

/// Roles whose phones sync; a resident's browser does not.
#[must_use]
pub fn syncs(role: Role) -> bool {
    !matches!(role, Role::Resident)
}
