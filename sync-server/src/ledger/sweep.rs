//! What the server does with time: work orders leave scopes, and old changes leave their bytes to their documents.

use super::groups::{self, Member};
use super::{Ledger, LedgerError, scopes};
use crate::storage::{Batch, Logged, MOST_MOVED, Rescope, StorageError};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::OrderDoc;
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// How many changes are compacted under one lock.
const COMPACTED: u32 = 1_000;
/// For how long the server waits for a lost number to come back, ms.
const LATE: i64 = 60 * 60 * 1000;

impl Ledger {
    /// Lets work orders leave the scopes whose time is over at `now`. Nobody is poked: phones hear of it when they sync.
    /// Blocks.
    ///
    /// # Errors
    /// [`LedgerError`]; what was done until then stays done.
    pub fn sweep(&self, now: i64) -> Result<(), LedgerError> {
        loop {
            let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            if self.storage.sweep(now)?.is_none() {
                break;
            }
        }
        self.keep_up_late(now)
    }

    /// Gives what came back after a restore the number that nobody gave back with it. It was not given at once, because another
    /// phone might have had it.
    fn keep_up_late(&self, now: i64) -> Result<(), LedgerError> {
        for id in self.storage.numberless(now.saturating_sub(LATE), COMPACTED)? {
            match self.write(None, now, |bench| bench.keep_up(id, now)) {
                Ok(()) => {}
                Err(error @ (LedgerError::Storage(_) | LedgerError::Entropy(_))) => return Err(error),
                Err(error) => tracing::error!(work_order = %id, %error, "a work order cannot be given its number"),
            }
        }
        Ok(())
    }

    /// Gives every work order its scopes again, when the city's files are others than those by which it got them. Blocks,
    /// and lets others write in between.
    ///
    /// # Errors
    /// [`LedgerError`]; it begins again the next time.
    pub fn rescope(&self, now: i64) -> Result<(), LedgerError> {
        let version = self.city.version.as_str();
        if self.storage.scoped_for()?.as_deref() == Some(version) {
            return Ok(());
        }
        let mut after: Option<WorkOrderId> = None;
        loop {
            let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let orders = self.storage.orders_after(after, u32::try_from(MOST_MOVED).unwrap_or(u32::MAX))?;
            let Some((_, _, last)) = orders.last() else {
                self.storage.set_scoped_for(version)?;
                return Ok(());
            };
            let next = last.id;
            let mut rescoped = Vec::with_capacity(orders.len());
            for (seen, changed_at, order) in &orders {
                let scopes = if order.links.iter().any(|link| link.kind.groups()) {
                    let members = groups::around(order.id, |id| self.member(id))?;
                    groups::exactly(groups::shared(&self.city, &members, now).remove(&order.id).unwrap_or_default())
                } else {
                    scopes::of(&self.city, order, &[], *changed_at, now)
                };
                rescoped.push(Rescope { work_order: order.id, seen: *seen, scopes });
            }
            let batch = Batch { received_at: now, rescoped, ..Batch::default() };
            match self.storage.commit(&batch) {
                Ok(_) => after = Some(next),
                // Another process wrote: look at the same ones again.
                Err(StorageError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A work order as it is stored.
    pub(super) fn member(&self, id: WorkOrderId) -> Result<Option<Member>, LedgerError> {
        // In this order: what is committed in between makes a conflict later, and never an old order look like a new one.
        let Some(stored) = self.storage.document(id)? else { return Ok(None) };
        let Some(order) = self.storage.order(id)? else { return Ok(None) };
        Ok(Some(Member { seen: stored.sequence, changed_at: stored.changed_at, order }))
    }

    /// Lets the log forget the bytes of changes that were received before an instant (ms since the Unix epoch). Each is in its
    /// document, which is looked at first. How many it was. Blocks.
    ///
    /// # Errors
    /// [`LedgerError`]; what was done until then stays done.
    pub fn compact(&self, before: i64) -> Result<usize, LedgerError> {
        let mut done = 0;
        loop {
            let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let old = self.storage.uncompacted(before, COMPACTED)?;
            let held = self.held_by_documents(&old)?;
            if held.is_empty() {
                return Ok(done);
            }
            self.storage.compact(&held)?;
            done += held.len();
        }
    }

    fn held_by_documents(&self, changes: &[Logged]) -> Result<Vec<u64>, LedgerError> {
        let mut orders: BTreeMap<WorkOrderId, Vec<&Logged>> = BTreeMap::new();
        for change in changes {
            orders.entry(change.work_order).or_default().push(change);
        }
        let mut held = Vec::with_capacity(changes.len());
        for (id, changes) in orders {
            let stored = self.storage.document(id)?;
            let doc = stored.map(|stored| OrderDoc::load(&stored.bytes)).transpose();
            let Ok(Some(mut doc)) = doc else {
                tracing::error!(work_order = %id, "a stored document cannot be read; its changes stay in the log");
                continue;
            };
            held.extend(changes.iter().filter(|change| doc.has(&change.hash)).map(|change| change.sequence));
        }
        Ok(held)
    }
}
