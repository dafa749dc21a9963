//! Judging changes ahead: by their operations and by what is known of the document, before any of them is applied. All that
//! were taken in are applied at once, which costs little more than applying one.
//!
//! A shortcut like [`known`](super::known), and not taken where it is not plainly right: then the document catches up, and the
//! change is judged upon it. That the document says in the end what was concluded here, and that the changes can be applied at
//! all, is for the caller to ask: [`Known::catch_up`] and [`Saved::as_known`](super::Saved).

use super::known::Known;
use super::{damaged, entries, follows_on, framing, given_back, made, operations, refused};
use crate::api::Session;
use crate::contained::contained;
use crate::ids::ActionId;
use crate::order::{Facts, OrderDoc};
use crate::sync::wire::{RefusalCode, SentChange, Verdict};
use automerge::{Change, ChangeHash};

/// A change that may enter the log, and is not in the document yet.
#[derive(Debug)]
pub struct Ahead {
    /// The change.
    pub hash: ChangeHash,
    /// The action that it belongs to.
    pub action: ActionId,
    /// Whether it is here already: a repeat, harmless.
    pub repeated: bool,
}

/// Judges a change to `doc`, which exists, as [`change_beside`](super::change_beside) does. What is accepted is `known` from
/// then on, and not in `doc` until that [catches up](Known::catch_up). `None` where it cannot be judged so.
///
/// # Errors
/// A [`Verdict`] that is not *accepted*, as the inner result.
pub fn change_ahead(
    doc: &mut OrderDoc,
    known: &mut Option<Known>,
    sent: &SentChange,
    who: &Session,
) -> Option<Result<Ahead, Verdict>> {
    if doc.is_empty() {
        return None;
    }
    if let Err(verdict) = framing::check(&sent.bytes) {
        return Some(Err(verdict));
    }
    match contained(|| judge(doc, known, sent, who)) {
        Some(Ok(ahead)) => ahead.map(Ok),
        Some(Err(verdict)) => Some(Err(verdict)),
        None => Some(Err(damaged())),
    }
}

fn judge(
    doc: &mut OrderDoc,
    slot: &mut Option<Known>,
    sent: &SentChange,
    who: &Session,
) -> Result<Option<Ahead>, Verdict> {
    let (change, action) = given_back::parsed(&sent.bytes)?;
    let hash = change.hash();
    if slot.as_ref().is_some_and(|known| known.is_ahead(&hash)) || doc.has(&hash) {
        return Ok(Some(Ahead { hash, action, repeated: true }));
    }
    super::actor_is_of(&change, who.device)?;
    if !slot.as_ref().is_some_and(|known| known.is_of(doc)) {
        *slot = Some(Known::read(doc));
    }
    let Some(known) = slot else { return Ok(None) };
    // Entries are told by the action in their names.
    if known.facts().has_any_of(&format!("{action}:")) {
        return Ok(None);
    }
    follows_on(doc, Some(known), &change, known.last_seq(change.actor_id()))?;
    let expanded = change.decode();
    let entries = operations::only_add_entries(&known.containers, |_| false, &expanded, false)?;
    let Some(seen) = known.seen_ahead(doc, change.deps()) else { return Ok(None) };
    let id = known.facts().id;
    if id != Some(sent.work_order) {
        return Err(refused(RefusalCode::NotAnEdit, "This change belongs to another work order."));
    }
    let Some(made) = made::facts(&expanded, &entries) else { return Ok(None) };
    let events = known.events() + made.events.len();
    let made = Facts { id, ..made };
    entries::allowed(known.facts_seen(&seen), &made, events, action, false, who)?;
    known.took_ahead(change, seen, (entries, made));
    Ok(Some(Ahead { hash, action, repeated: false }))
}

impl Known {
    /// Puts into the document what was taken in ahead of it.
    ///
    /// # Errors
    /// A [`Verdict`] when something cannot be applied. Nothing that was judged ahead counts then, and `doc` is spoiled.
    pub fn catch_up(&mut self, doc: &mut OrderDoc) -> Result<(), Verdict> {
        let ahead: Vec<Change> = self.leave_ahead();
        if ahead.is_empty() {
            return Ok(());
        }
        match contained(|| doc.apply(ahead)) {
            Some(Ok(())) if self.fits(doc) => Ok(()),
            _ => Err(damaged()),
        }
    }
}
