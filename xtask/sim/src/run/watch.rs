//! Listens to the wire: no (actor, sequence number) of a work order may ever have two contents.

use super::Wrong;
use automerge::{Change, ChangeHash};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::wire::{OrderChanges, SyncRequest, SyncResponse};
use std::collections::{BTreeMap, BTreeSet};

/// What was heard.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    said: BTreeMap<(WorkOrderId, Vec<u8>, u64), ChangeHash>,
    parsed: BTreeSet<Vec<u8>>,
}

impl Watch {
    /// A phone says this.
    pub(crate) fn request(&mut self, request: &SyncRequest) -> Result<(), Wrong> {
        request.changes.iter().chain(&request.given_back).try_for_each(|changes| self.changes(changes))
    }

    /// The server says this.
    pub(crate) fn response(&mut self, response: &SyncResponse) -> Result<(), Wrong> {
        response.changes.iter().try_for_each(|changes| self.changes(changes))?;
        for compared in &response.compared {
            for bytes in &compared.changes {
                self.change(compared.work_order, bytes)?;
            }
        }
        Ok(())
    }

    fn changes(&mut self, changes: &OrderChanges) -> Result<(), Wrong> {
        changes.changes.iter().try_for_each(|bytes| self.change(changes.work_order, bytes))
    }

    fn change(&mut self, id: WorkOrderId, bytes: &[u8]) -> Result<(), Wrong> {
        // The checksum is in the first bytes, and most changes are heard many times.
        let key: Vec<u8> = id.0.as_bytes().iter().chain(bytes.get(..16).unwrap_or(bytes)).copied().collect();
        if !self.parsed.insert(key) {
            return Ok(());
        }
        let change = Change::from_bytes(bytes.to_vec())
            .map_err(|error| Wrong(format!("a change of {id} on the wire cannot be read: {error}")))?;
        self.heard(id, &change)
    }

    /// A change of a work order, wherever it was found.
    pub(crate) fn heard(&mut self, id: WorkOrderId, change: &Change) -> Result<(), Wrong> {
        let key = (id, change.actor_id().to_bytes().to_vec(), change.seq());
        let known = *self.said.entry(key).or_insert_with(|| change.hash());
        if known == change.hash() {
            return Ok(());
        }
        let (actor, seq) = (change.actor_id(), change.seq());
        Err(Wrong(format!("work order {id}: change {seq} of actor {actor} exists with two contents")))
    }
}
