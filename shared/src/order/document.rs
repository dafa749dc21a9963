//! A work order's Automerge document: its genesis, appending entries, and taking in other people's changes.

use super::entry::{Entry, Stamp};
use super::facts::{CONTAINERS, Facts, Made};
use super::json;
use crate::ids::{ActionId, EntryId, WorkOrderId};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Change, ChangeHash, ObjId, ObjType, ReadDoc, TextEncoding};
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The version of the data model that this code writes.
pub const SCHEMA: i64 = 1;

/// Why a document could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The bytes are not an Automerge document, or not a whole one.
    #[error("the work order's document cannot be read: {0}")]
    Unreadable(String),
    /// A change does not fit the document (its dependencies are missing, or it is damaged).
    #[error("a change does not fit the work order's document: {0}")]
    ChangeDoesNotFit(String),
    /// The document is not a work order: it has no id, or its containers are missing.
    #[error("this document is not a work order")]
    NotAWorkOrder,
    /// Automerge refused a write.
    #[error("the work order's document cannot be written: {0}")]
    Unwritable(String),
}

/// One work order's document.
#[derive(Debug, Clone)]
pub struct OrderDoc {
    doc: AutoCommit,
    /// Nothing was added since it was read from its saved bytes.
    as_loaded: bool,
}

impl OrderDoc {
    /// An empty document, to which the next change is the genesis. `actor` writes it.
    #[must_use]
    pub fn empty(actor: &[u8]) -> Self {
        // Text indexes count UTF-16 on wasm and UTF-8 elsewhere unless told; both sides must agree.
        let doc = AutoCommit::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor(ActorId::from(actor));
        Self { doc, as_loaded: false }
    }

    /// A document from its saved bytes.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`] when the bytes are not one whole document.
    pub fn load(bytes: &[u8]) -> Result<Self, DocumentError> {
        let doc = AutoCommit::load(bytes).map_err(|error| DocumentError::Unreadable(error.to_string()))?;
        Ok(Self { doc, as_loaded: true })
    }

    /// Whether it is as it was read from its saved bytes.
    #[must_use]
    pub(crate) fn is_as_loaded(&self) -> bool {
        self.as_loaded
    }

    /// From now on, `actor` writes.
    pub fn set_actor(&mut self, actor: &[u8]) {
        self.doc.set_actor(ActorId::from(actor));
    }

    /// The document as bytes, all history included.
    #[must_use]
    pub fn save(&mut self) -> Vec<u8> {
        self.doc.save()
    }

    /// As [`save`](Self::save), not compressed: quicker to load, and smaller among many that are compressed as a whole.
    #[must_use]
    pub fn save_plain(&mut self) -> Vec<u8> {
        self.doc.save_nocompress()
    }

    /// The heads of the document, sorted.
    #[must_use]
    pub fn heads(&mut self) -> Vec<ChangeHash> {
        let mut heads = self.doc.get_heads();
        heads.sort();
        heads
    }

    /// Whether nothing has been written yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.doc.is_empty()
    }

    /// The work order's id, as the genesis wrote it.
    #[must_use]
    pub fn id(&self) -> Option<WorkOrderId> {
        let (value, _) = json::get(&self.doc, &ObjId::Root, "id")?;
        value.as_str()?.parse().ok()
    }

    /// Every entry.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts::read(&self.doc)
    }

    /// Every entry as somebody saw it at `heads`.
    #[must_use]
    pub fn facts_at(&self, heads: &[ChangeHash]) -> Facts {
        Facts::read_at(&self.doc, Some(heads))
    }

    /// The entries that one change made; `None` where one is not as this version writes them.
    #[must_use]
    pub(crate) fn facts_made(&self, made: &[Made]) -> Option<Facts> {
        Facts::made(&self.doc, made)
    }

    /// All changes that are not reachable from `have`, each after its dependencies.
    #[must_use]
    pub fn changes_since(&mut self, have: &[ChangeHash]) -> Vec<Change> {
        self.doc.get_changes(have)
    }

    /// Whether the document has this change.
    #[must_use]
    pub fn has(&mut self, hash: &ChangeHash) -> bool {
        self.doc.get_change_meta_by_hash(hash).is_some()
    }

    /// One change of the document.
    #[must_use]
    pub fn change(&mut self, hash: &ChangeHash) -> Option<Change> {
        self.doc.get_change_by_hash(hash)
    }

    /// The number of the last operation of a change; `None` when it is not here.
    #[must_use]
    pub fn last_operation(&mut self, hash: &ChangeHash) -> Option<u64> {
        Some(self.doc.get_change_meta_by_hash(hash)?.max_op)
    }

    /// The sequence number of `actor`'s last change here; 0 when it has none.
    #[must_use]
    pub fn last_seq(&mut self, actor: &ActorId) -> u64 {
        let changes = self.doc.get_changes_meta(&[]);
        changes.iter().filter(|change| *change.actor == *actor).map(|change| change.seq).max().unwrap_or(0)
    }

    /// Whether all its changes, one by one as they travel, have at most `most` bytes; `plain` is the size of
    /// [`save_plain`](Self::save_plain). They are counted only where they might have more: a change names its author, action and
    /// dependencies anew, which the saved document does not.
    #[must_use]
    pub fn travels_within(&mut self, plain: usize, most: usize) -> bool {
        // Every change, and every dependency, has at least a byte there.
        if plain.saturating_mul(2 + 300 + 33) <= most {
            return true;
        }
        let beside = self.doc.get_changes_meta(&[]).iter().map(|change| 300 + 33 * change.deps.len()).sum::<usize>();
        plain.saturating_mul(2).saturating_add(beside) <= most
            || self.changes_since(&[]).iter().map(|change| change.raw_bytes().len()).sum::<usize>() <= most
    }

    /// The sequence number of each actor's last change here.
    #[must_use]
    pub fn last_seqs(&mut self) -> HashMap<ActorId, u64> {
        let mut last = HashMap::new();
        for change in self.doc.get_changes_meta(&[]) {
            let seq = last.entry(change.actor.into_owned()).or_insert(0);
            *seq = change.seq.max(*seq);
        }
        last
    }

    /// The containers, with the operations that made them as (counter, actor).
    #[must_use]
    pub fn containers(&self) -> Vec<(&'static str, (u64, ActorId))> {
        let fields = self.doc.map_range(&ObjId::Root, ..);
        let made = fields.filter_map(|field| {
            let name = CONTAINERS.iter().find(|name| field.key == **name)?;
            match field.id() {
                ObjId::Id(counter, actor, _) => Some((*name, (counter, actor))),
                ObjId::Root => None,
            }
        });
        made.collect()
    }

    /// Whether an entry of that name is in any container.
    #[must_use]
    pub fn has_entry(&self, id: &str) -> bool {
        CONTAINERS.iter().any(|name| {
            json::get(&self.doc, &ObjId::Root, *name)
                .is_some_and(|(_, container)| json::get(&self.doc, &container, id).is_some())
        })
    }

    /// Takes in changes made elsewhere. A change that is already there is skipped.
    ///
    /// # Errors
    /// [`DocumentError::ChangeDoesNotFit`] when one is damaged or depends on what is not here; the document may then
    /// hold the ones before it.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) -> Result<(), DocumentError> {
        self.as_loaded = false;
        // Many at once are much quicker than one after the other.
        let mut fit: Vec<Change> = Vec::new();
        let mut hashes = HashSet::new();
        let mut missing: Vec<ChangeHash> = Vec::new();
        for change in changes {
            // Automerge queues a change whose dependencies are missing and says Ok; here that is an error.
            missing.extend(change.deps().iter().filter(|dep| !hashes.contains(*dep) && !self.has(dep)).copied());
            if !missing.is_empty() {
                break;
            }
            hashes.insert(change.hash());
            fit.push(change);
        }
        self.doc.apply_changes(fit).map_err(|error| DocumentError::ChangeDoesNotFit(error.to_string()))?;
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
        Err(DocumentError::ChangeDoesNotFit(format!("depends on {}", missing.join(", "))))
    }

    /// The underlying document, to read.
    #[must_use]
    pub fn automerge(&self) -> &impl ReadDoc {
        &self.doc
    }

    /// Creates every container, once, as the first thing in the first change.
    pub(crate) fn genesis(&mut self, id: WorkOrderId) -> Result<(), DocumentError> {
        self.as_loaded = false;
        self.doc.put(ObjId::Root, "schema", SCHEMA).map_err(unwritable)?;
        self.doc.put(ObjId::Root, "id", id.to_string()).map_err(unwritable)?;
        for name in CONTAINERS {
            self.doc.put_object(ObjId::Root, name, ObjType::Map).map_err(unwritable)?;
        }
        Ok(())
    }

    /// Appends an entry to a container. The key is new, so two writers never meet on it.
    pub(crate) fn append<T: Serialize>(
        &mut self,
        container: &str,
        id: &EntryId,
        stamp: &Stamp,
        body: &T,
    ) -> Result<(), DocumentError> {
        self.as_loaded = false;
        let (_, object) = json::get(&self.doc, &ObjId::Root, container).ok_or(DocumentError::NotAWorkOrder)?;
        let entry = Entry { id: id.clone(), lamport: super::Lamport::default(), stamp: stamp.clone(), body };
        let mut value = serde_json::to_value(entry).map_err(|error| DocumentError::Unwritable(error.to_string()))?;
        if let Value::Object(fields) = &mut value {
            fields.remove("id"); // the key says it
        }
        json::put(&mut self.doc, &object, &id.0, &value).map_err(unwritable)
    }

    /// Closes the change that the appends since the last commit make up. `None` when there were none.
    pub(crate) fn commit(&mut self, action: ActionId, at_ms: i64) -> Option<Change> {
        let options = CommitOptions::default().with_message(action.to_string()).with_time(at_ms.div_euclid(1000));
        let hash = self.doc.commit_with(options)?;
        self.doc.get_change_by_hash(&hash)
    }

    /// Takes back appends that were not committed.
    pub(crate) fn rollback(&mut self) {
        self.doc.rollback();
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unwritable(error: automerge::AutomergeError) -> DocumentError {
    DocumentError::Unwritable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Role;
    use crate::order::Note;

    #[test]
    fn what_changes_weigh_one_by_one_counts_and_not_what_the_saved_document_does() {
        let stamp =
            Stamp { by: "ana".into(), role: Role::Crew, crew: None, at: 1, offset_ms: None, offset_age_s: None };
        let mut doc = OrderDoc::empty(&[7; 24]);
        doc.genesis(WorkOrderId(uuid::Uuid::from_u128(1))).unwrap();
        for n in 0..3_000 {
            let action = ActionId(uuid::Uuid::from_u128(n));
            doc.append("notes", &EntryId::nth(action, 0), &stamp, &Note { text: String::new() }).unwrap();
            doc.commit(action, 1).unwrap();
        }
        let plain = doc.save_plain().len();
        let all: usize = doc.changes_since(&[]).iter().map(|change| change.raw_bytes().len()).sum();
        assert!(all > plain * 3 / 2, "{all} against {plain}: many small changes are the worst case");
        assert!(all <= plain * 2 + 3_000 * 333, "the quick look never says less than there is");
        assert!(doc.travels_within(plain, all));
        assert!(!doc.travels_within(plain, all - 1));
        assert!(doc.travels_within(plain, usize::MAX));
    }
}
