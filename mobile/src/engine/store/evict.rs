//! Work orders that left every scope which the phone follows leave the phone, once nothing here needs them any more.

use super::{Store, StoreError, memberships, receipts, ties};
use coldpatch_shared::ids::WorkOrderId;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// What needs a work order: a change that waits, a refused action that waits for the person, a photo that is not sent, a
/// form that is open, a draft that joins it, a repair.
const NEEDED: &str = "
    EXISTS (SELECT 1 FROM outbox WHERE work_order = ?1)
    OR EXISTS (SELECT 1 FROM journal WHERE work_order = ?1 AND state = 'refused')
    OR EXISTS (SELECT 1 FROM file_uses u JOIN files f USING (sha256) WHERE u.work_order = ?1 AND f.state = 'waiting')
    OR EXISTS (SELECT 1 FROM repairs WHERE work_order = ?1)
    OR EXISTS (SELECT 1 FROM forms WHERE instr(key, ?2) > 0)
    OR EXISTS (SELECT 1 FROM drafts WHERE work_order = ?1 OR instr(draft, ?2) > 0)";

/// For how long after a person opened it a work order stays, ms: a shift. A photo may just be taken for it.
const WATCHED_MS: i64 = 12 * 60 * 60 * 1000;

/// Work orders that a person has on the screen, or had not long ago, with when (the device's clock, ms since the Unix epoch).
#[derive(Debug, Default)]
pub(super) struct Watched(BTreeMap<WorkOrderId, i64>);

impl Watched {
    /// Forgets what was opened long ago. A clock that was set does not make anything stay for longer.
    pub(super) fn forget_old(&mut self, now: i64) {
        self.0.retain(|_, at| (now - *at).abs() < WATCHED_MS);
    }
}

impl Store {
    /// A person opened a work order at `now` (the device's clock, ms since the Unix epoch): it stays for some hours.
    pub fn watch(&mut self, id: WorkOrderId, now: i64) {
        self.watched.0.insert(id, now);
    }
}

/// Removes what is in no scope and not needed. → what went.
///
/// Only right with an answer in hand that was the last of all: the city has not lost then what this phone may be the last to have.
/// Without a network nobody knows.
pub(super) fn evict(db: &Connection, watched: &Watched) -> Result<BTreeSet<WorkOrderId>, StoreError> {
    let mut gone = BTreeSet::new();
    for id in memberships::without(db)? {
        let needed: bool = db
            .prepare_cached(&format!("SELECT {NEEDED}"))?
            .query_row(params![id.0, id.to_string()], |row| row.get(0))?;
        if needed || watched.0.contains_key(&id) {
            continue;
        }
        for table in ["documents", "jobs"] {
            db.prepare_cached(&format!("DELETE FROM {table} WHERE work_order = ?1"))?.execute([id.0])?;
        }
        receipts::forget(db, id)?;
        ties::forget(db, id)?;
        gone.insert(id);
    }
    if !gone.is_empty() {
        receipts::prune(db)?;
    }
    Ok(gone)
}
