//! The server's word for what it accepted or brought, kept for the day on which the server has lost it.
//!
//! Only receipts that cover a head which an accepted document still has are of use; the others go.

use super::StoreError;
use automerge::ChangeHash;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{KeptReceipt, Receipt};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// What an answer's receipt is for, and the documents that the answer changed.
#[derive(Debug, Default)]
pub(super) struct Covered {
    /// Every hash that the server's receipt is over.
    pub(super) hashes: BTreeSet<ChangeHash>,
    /// Something of it could not be read, so that the hashes are not all of them: the receipt would prove nothing.
    pub(super) unknown: bool,
    /// The heads, now, of accepted documents that the answer touched.
    pub(super) heads: BTreeMap<WorkOrderId, Vec<ChangeHash>>,
}

/// Keeps a receipt for the heads that it covers, and drops those that cover nothing any more.
pub(super) fn keep(db: &Connection, receipt: Option<&Receipt>, covered: &Covered) -> Result<(), StoreError> {
    for (id, heads) in &covered.heads {
        let mut known = db.prepare_cached("SELECT head FROM vouched WHERE work_order = ?1")?;
        let known: Vec<Vec<u8>> = known.query_map([id.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for head in known.iter().filter(|known| !heads.iter().any(|head| head.0 == known.as_slice())) {
            db.prepare_cached("DELETE FROM vouched WHERE work_order = ?1 AND head = ?2")?
                .execute(params![id.0, head])?;
        }
    }
    if let Some(receipt) = receipt.filter(|_| !covered.unknown) {
        let hashes: Vec<ChangeHash> = covered.hashes.iter().copied().collect();
        db.prepare_cached("INSERT INTO receipts (time, mac, hashes) VALUES (?1, ?2, ?3)")?.execute(params![
            receipt.time,
            receipt.mac,
            receipt::to_bytes(&hashes)
        ])?;
        let n = db.last_insert_rowid();
        for (id, heads) in &covered.heads {
            for head in heads.iter().filter(|head| covered.hashes.contains(head)) {
                db.prepare_cached("INSERT OR REPLACE INTO vouched (work_order, head, receipt) VALUES (?1, ?2, ?3)")?
                    .execute(params![id.0, head.0, n])?;
            }
        }
    }
    prune(db)
}

/// A work order is no longer here.
pub(super) fn forget(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM vouched WHERE work_order = ?1")?.execute([id.0])?;
    Ok(())
}

/// Drops what covers nothing any more.
pub(super) fn prune(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM receipts WHERE NOT EXISTS (SELECT 1 FROM vouched v WHERE v.receipt = receipts.id)")?
        .execute([])?;
    Ok(())
}

/// The receipts that cover these heads, each once.
pub(super) fn covering(
    db: &Connection,
    heads: impl Iterator<Item = (WorkOrderId, ChangeHash)>,
) -> Result<Vec<KeptReceipt>, StoreError> {
    let mut numbers: BTreeSet<i64> = BTreeSet::new();
    for (id, head) in heads {
        let mut found = db.prepare_cached("SELECT receipt FROM vouched WHERE work_order = ?1 AND head = ?2")?;
        for number in found.query_map(params![id.0, head.0], |row| row.get(0))? {
            numbers.insert(number?);
        }
    }
    let mut receipts = Vec::new();
    for number in numbers {
        let mut found = db.prepare_cached("SELECT time, mac, hashes FROM receipts WHERE id = ?1")?;
        let kept = found.query_row([number], |row| {
            Ok(KeptReceipt { receipt: Receipt { time: row.get(0)?, mac: row.get(1)? }, hashes: row.get(2)? })
        })?;
        receipts.push(kept);
    }
    Ok(receipts)
}
