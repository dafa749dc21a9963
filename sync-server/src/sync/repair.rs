//! What a phone and the server do when they do not hold the same: sums of buckets first, then heads.

use super::{Answer, SyncServer, cursor};
use crate::storage::{Positions, ReconcileAsk, StorageError};
use automerge::ChangeHash;
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{ChangeBytes, Compared, Held, ScopeBuckets};
use std::collections::BTreeSet;

/// The most work orders that one answer lists.
const MOST_LISTED: usize = 20_000;
/// The most work orders that one answer compares.
const MOST_COMPARED: usize = 1_000;
/// The most documents that are read for one answer: one that is not answered for is asked for again. 0.5 ms each, so that a
/// device that asks for a thousand each time does not keep others waiting.
const MOST_LOADED: usize = 200;
/// About what an entry in an answer costs beside its changes, in bytes.
const ENTRY: usize = 64;

impl SyncServer {
    /// Lists what is in the buckets that differ; from here on the phone has everything else, but for scopes that differ too
    /// much to be listed.
    pub(super) fn reconcile(
        &self,
        answer: &mut Answer,
        epoch: &str,
        buckets: &[ScopeBuckets],
    ) -> Result<(), StorageError> {
        let scopes = answer.response.scopes.clone();
        let reconciled = self.storage.reconcile(&ReconcileAsk { scopes: &scopes, buckets, most: MOST_LISTED })?;
        answer.stands(&reconciled.state);
        if reconciled.state.epoch == epoch {
            let state = &reconciled.state;
            // A list that was cut says nothing of what it leaves out: that scope comes from the beginning.
            let at = |place: usize| if reconciled.cut.contains(&place) { 0 } else { state.sequence };
            let positions: Positions =
                scopes.into_iter().enumerate().map(|(place, scope)| (scope, at(place))).collect();
            answer.response.cursor = Some(cursor(&self.keys, state, positions));
            answer.response.differing = reconciled.differing;
        }
        Ok(())
    }

    /// Compares heads, each work order once, as far as the budget goes. What is the same on both sides is told by the heads
    /// alone; a document is read only where they differ.
    pub(super) fn compare(&self, answer: &mut Answer, held: &[Held], budget: usize) -> Result<(), StorageError> {
        let mut asked = BTreeSet::new();
        let mut loaded = 0;
        for held in held.iter().take(MOST_COMPARED).filter(|held| asked.insert(held.work_order)) {
            let work_order = held.work_order;
            let compared = match self.storage.heads(work_order)? {
                None => {
                    Some((Compared { work_order, heads: Vec::new(), lacks: true, changes: Vec::new() }, Vec::new()))
                }
                Some(heads) if heads == held.heads => {
                    Some((Compared { work_order, heads, lacks: false, changes: Vec::new() }, Vec::new()))
                }
                Some(_) if loaded == MOST_LOADED => break,
                Some(_) => {
                    loaded += 1;
                    self.compare_one(answer, held)?
                }
            };
            let Some((compared, hashes)) = compared else { continue };
            let size = ENTRY + compared.changes.iter().map(|change| change.len()).sum::<usize>();
            if answer.used > 0 && answer.used + size > budget {
                break;
            }
            answer.used += size;
            answer.response.compared.push(compared);
            answer.hashes.extend(hashes);
        }
        Ok(())
    }

    /// The answer for one work order of which the heads differ, and the hashes of its changes; `None` when it cannot be read.
    fn compare_one(&self, answer: &Answer, held: &Held) -> Result<Option<(Compared, Vec<ChangeHash>)>, StorageError> {
        let work_order = held.work_order;
        let Some(stored) = self.storage.document(work_order)? else {
            let nothing = Compared { work_order, heads: Vec::new(), lacks: true, changes: Vec::new() };
            return Ok(Some((nothing, Vec::new())));
        };
        let mut doc = match OrderDoc::load(&stored.bytes) {
            Ok(doc) => doc,
            Err(error) => {
                tracing::error!(%work_order, %error, "a stored document cannot be read");
                return Ok(None);
            }
        };
        let theirs = receipt::from_bytes(&held.heads).unwrap_or_default();
        let (known, lacking): (Vec<_>, Vec<_>) = theirs.into_iter().partition(|head| doc.has(head));
        // What follows on what the phone has is for who follows the work order now. Others hear what they named and no more.
        let may = self.storage.in_scopes(work_order, &answer.response.scopes)?;
        let changes = if may { doc.changes_since(&known) } else { Vec::new() };
        let (mut hashes, mut bytes) = (Vec::new(), Vec::new());
        for change in changes.iter().filter(|change| !answer.outcome.had.contains(&change.hash())) {
            hashes.push(change.hash());
            bytes.push(ChangeBytes::from(change.raw_bytes().to_vec()));
        }
        let heads = receipt::to_bytes(&if may { doc.heads() } else { known });
        Ok(Some((Compared { work_order, heads, lacks: !lacking.is_empty(), changes: bytes }, hashes)))
    }
}
