//! What was read of a document while one change after the other is judged: each then costs what it adds.
//!
//! Entries are only ever added (`operations` sees to that), so what a document says after a change is what it said before
//! and the change's own entries; and what the next change of the same author had seen is the same. Where that is not
//! plainly so, the whole document is read again. It is a shortcut only: [`Saved::as_known`](super::Saved) says in the end
//! whether the document says what was known of it.

use super::operations::Container;
use crate::order::{Facts, OrderDoc, facts::Made};
use automerge::{ActorId, Change, ChangeHash};
use std::collections::HashMap;

/// What is known of a document at certain heads.
#[derive(Debug)]
pub struct Known {
    heads: Vec<ChangeHash>,
    now: Facts,
    /// What the author of the last change had seen and done by then, where others did something beside that.
    beside: Option<(ChangeHash, Facts)>,
    pub(super) containers: Vec<Container>,
    /// What was added to the document since it was loaded; absent where it was read later than that.
    added: Option<Added>,
    seqs: HashMap<ActorId, u64>,
    /// The heads of the document, and what is to be put into it: accepted, and not applied yet.
    behind: Vec<ChangeHash>,
    ahead: Vec<Change>,
}

/// Entries that changes made, and what they say.
#[derive(Debug, Default)]
struct Added {
    entries: Vec<Made>,
    says: Facts,
}

/// What the author of a change had seen.
pub(super) enum Seen {
    /// All that there is.
    Everything,
    /// What the author of the last change had.
    Beside,
    /// Something else.
    Other(Box<Facts>),
}

impl Known {
    /// Reads a document.
    #[must_use]
    pub fn read(doc: &mut OrderDoc) -> Self {
        let added = doc.is_as_loaded().then(Added::default);
        let now = doc.facts();
        Self { added, ..Self::of(doc, now) }
    }

    /// Of a document that says `now`.
    pub(super) fn of(doc: &mut OrderDoc, now: Facts) -> Self {
        let heads = doc.heads();
        let (containers, seqs) = (doc.containers(), doc.last_seqs());
        Self { behind: heads.clone(), heads, now, beside: None, containers, added: None, seqs, ahead: Vec::new() }
    }

    /// Every entry.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.now
    }

    /// Whether `again`, the document saved and loaded once more, says what is known: what it said when it was loaded cannot have
    /// become anything else, because entries are only added, so that only what was added is looked at.
    pub(super) fn is_said_by(&self, again: &OrderDoc) -> bool {
        let Some(added) = &self.added else { return again.facts() == self.now };
        let Some(made) = again.facts_made(&added.entries) else { return false };
        let mut says = Facts::default();
        says.add(made);
        let said = says == added.says;
        debug_assert!(!said || again.facts() == self.now, "something else than what was added has changed");
        said
    }

    /// Whether it is of the document as that stands.
    #[must_use]
    pub fn fits(&self, doc: &mut OrderDoc) -> bool {
        self.heads == doc.heads()
    }

    /// Whether it is of the document, with what is ahead of that.
    pub(super) fn is_of(&self, doc: &mut OrderDoc) -> bool {
        self.behind == doc.heads()
    }

    pub(super) fn is_ahead(&self, hash: &ChangeHash) -> bool {
        self.ahead.iter().any(|change| change.hash() == *hash)
    }

    pub(super) fn last_operation_ahead(&self, hash: &ChangeHash) -> Option<u64> {
        let change = self.ahead.iter().find(|change| change.hash() == *hash)?;
        Some(change.max_op())
    }

    /// As [`Self::seen`]; `None` when that is in no document yet.
    pub(super) fn seen_ahead(&self, doc: &OrderDoc, deps: &[ChangeHash]) -> Option<Seen> {
        let seen_all = deps.len() == self.heads.len() && deps.iter().all(|dep| self.heads.contains(dep));
        let seen_last = self.beside.as_ref().is_some_and(|(last, _)| deps == [*last]);
        (seen_all || seen_last || !deps.iter().any(|dep| self.is_ahead(dep))).then(|| self.seen(doc, deps))
    }

    pub(super) fn took_ahead(&mut self, change: Change, seen: Seen, made: (Vec<Made>, Facts)) {
        let hash = change.hash();
        self.remember(hash, seen, made);
        self.heads.retain(|head| !change.deps().contains(head));
        self.heads.push(hash);
        self.heads.sort();
        self.seqs.insert(change.actor_id().clone(), change.seq());
        self.ahead.push(change);
    }

    /// What is to be put into the document, which is up to date then.
    pub(super) fn leave_ahead(&mut self) -> Vec<Change> {
        self.behind.clone_from(&self.heads);
        std::mem::take(&mut self.ahead)
    }

    pub(super) fn last_seq(&self, actor: &ActorId) -> u64 {
        self.seqs.get(actor).copied().unwrap_or(0)
    }

    pub(super) fn seen(&self, doc: &OrderDoc, deps: &[ChangeHash]) -> Seen {
        if deps.len() == self.heads.len() && deps.iter().all(|dep| self.heads.contains(dep)) {
            return Seen::Everything;
        }
        match &self.beside {
            Some((last, _)) if deps == [*last] => Seen::Beside,
            _ => Seen::Other(Box::new(doc.facts_at(deps))),
        }
    }

    pub(super) fn facts_seen<'a>(&'a self, seen: &'a Seen) -> &'a Facts {
        match (seen, &self.beside) {
            (Seen::Other(facts), _) => facts,
            (Seen::Beside, Some((_, facts))) => facts,
            (Seen::Beside, None) | (Seen::Everything, _) => &self.now,
        }
    }

    /// How many events there are.
    pub(super) fn events(&self) -> usize {
        self.now.events.len() + self.now.opaque.len()
    }

    /// The document took in a change that made these entries. `seen` is what its author had seen; where that is not asked,
    /// everything.
    pub(super) fn took(
        &mut self,
        doc: &mut OrderDoc,
        change: (ChangeHash, &ActorId, u64),
        seen: Seen,
        made: (Vec<Made>, Facts),
    ) {
        let (hash, actor, seq) = change;
        self.remember(hash, seen, made);
        self.heads = doc.heads();
        self.behind.clone_from(&self.heads);
        self.seqs.insert(actor.clone(), seq);
    }

    fn remember(&mut self, hash: ChangeHash, seen: Seen, (entries, made): (Vec<Made>, Facts)) {
        if let Some(added) = &mut self.added {
            added.entries.extend(entries);
            added.says.add(made.clone());
        }
        let beside = match seen {
            Seen::Everything => None,
            Seen::Beside => self.beside.take().map(|(_, facts)| facts),
            Seen::Other(facts) => Some(*facts),
        };
        self.beside = beside.map(|mut facts| {
            facts.add(made.clone());
            (hash, facts)
        });
        self.now.add(made);
    }
}

/// What is known of `doc`, if it may be used for a change: nothing else in the document may belong to the same action,
/// because entries are told by the action in their names.
pub(super) fn usable(known: Option<&mut Option<Known>>, doc: &mut OrderDoc, change: &Change) -> Option<Known> {
    let slot = known?;
    // Whatever ends the judging before its end, a panic too, leaves nothing behind that is half true.
    let known = slot.take().filter(|known| known.fits(doc)).unwrap_or_else(|| Known::read(doc));
    let prefix = format!("{}:", change.message().unwrap_or_default());
    (!known.now.has_any_of(&prefix)).then_some(known)
}
