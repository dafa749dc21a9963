//! Documents, the log of changes, scopes; and the one transaction that writes them.

use super::{int, media, meta, requests, set_meta, uint};
use crate::storage::{Batch, Committed, LogState, OrderWrite, StorageError, Stored, StoredDocument};
use coldpatch_shared::ids::WorkOrderId;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::HashSet;

pub(super) fn state(connection: &Connection) -> Stored<LogState> {
    let number = |key| -> Stored<u64> {
        meta(connection, key)?.parse().map_err(|_| StorageError::Damaged(format!("`{key}` is not a number")))
    };
    Ok(LogState {
        epoch: meta(connection, "epoch")?,
        epoch_number: u32::try_from(number("epoch_number")?).unwrap_or(u32::MAX),
        sequence: last_sequence(connection)?,
        tracking_counter: number("tracking_counter")?,
    })
}

pub(super) fn last_sequence(connection: &Connection) -> Stored<u64> {
    let last: i64 =
        connection.prepare_cached("SELECT COALESCE(MAX(seq), 0) FROM changes")?.query_row([], |row| row.get(0))?;
    Ok(uint(last))
}

pub(super) fn document(connection: &Connection, id: WorkOrderId) -> Stored<Option<StoredDocument>> {
    let found = connection
        .prepare_cached("SELECT seq, bytes FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| Ok(StoredDocument { sequence: uint(row.get(0)?), bytes: row.get(1)? }))
        .optional()?;
    Ok(found)
}

pub(super) fn commit(connection: &mut Connection, batch: &Batch) -> Stored<Committed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some((before, after)) = batch.tracking {
        if meta(&transaction, "tracking_counter")? != before.to_string() {
            return Err(StorageError::Conflict);
        }
        set_meta(&transaction, "tracking_counter", &after.to_string())?;
    }
    let mut committed = Committed { sequence: last_sequence(&transaction)?, scopes: HashSet::new() };
    for order in &batch.orders {
        write_order(&transaction, order, batch.received_at, &mut committed)?;
    }
    for private in &batch.private {
        requests::write_private(&transaction, private)?;
    }
    transaction.commit()?;
    Ok(committed)
}

fn write_order(
    transaction: &Transaction<'_>,
    write: &OrderWrite,
    received_at: i64,
    committed: &mut Committed,
) -> Stored<()> {
    let id = write.order.id;
    let key = id.0.as_bytes();
    let stored: Option<i64> = transaction
        .prepare_cached("SELECT seq FROM documents WHERE work_order = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    if stored.map_or(0, uint) != write.seen {
        return Err(StorageError::Conflict);
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO changes (seq, work_order, hash, action, device, received_at, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for change in &write.changes {
        committed.sequence += 1;
        let device = change.device.map(|device| *device.0.as_bytes());
        insert.execute(params![
            int(committed.sequence),
            key,
            change.hash.0,
            change.action.0.as_bytes(),
            device,
            received_at,
            change.bytes
        ])?;
    }
    let heads: Vec<u8> = write.heads.iter().flat_map(|head| head.0).collect();
    transaction
        .prepare_cached(
            "INSERT INTO documents (work_order, seq, heads, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (work_order) DO UPDATE SET seq = ?2, heads = ?3, bytes = ?4",
        )?
        .execute(params![key, int(committed.sequence), heads, write.document])?;
    // At the number of its last change: a page that ends before it leaves the whole document to the next page.
    let mut enter = transaction
        .prepare_cached("INSERT OR IGNORE INTO scopes (scope, work_order, entered_seq) VALUES (?1, ?2, ?3)")?;
    for scope in &write.scopes {
        enter.execute(params![scope, key, int(committed.sequence)])?;
    }
    let mut all = transaction.prepare_cached("SELECT scope FROM scopes WHERE work_order = ?1")?;
    for scope in all.query_map([key], |row| row.get::<_, String>(0))? {
        committed.scopes.insert(scope?);
    }
    requests::project(transaction, &write.order)?;
    media::project(transaction, &write.order)
}
