//! The database's schema, and how data of earlier versions becomes data of this one.

use super::{epochs, int, set_meta, uint, uuid};
use crate::storage::{DEVICE, KEPT, StorageError, Stored};
use coldpatch_shared::ids::{DeviceId, WorkOrderId};
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::digest::{self, Sum};
use coldpatch_shared::sync::receipt;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Documents, the log, scopes.
const LOG: &str = include_str!("schema/log.sql");
/// Everything else.
const REST: &str = include_str!("schema/rest.sql");
/// Up to when devices' tokens no longer count.
const REVOKED: &str =
    "CREATE TABLE IF NOT EXISTS revoked (whose TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";
/// Photos of which work orders know only the original.
const UNDEVELOPED: &str = "CREATE TABLE IF NOT EXISTS undeveloped (work_order BLOB NOT NULL, original TEXT NOT NULL,
     PRIMARY KEY (work_order, original)) STRICT, WITHOUT ROWID;";
/// The newest schema that this program knows, in SQLite's `user_version`.
pub(super) const VERSION: i64 = 2;

/// Makes the database what this version expects, in one transaction. `new_epoch` names the log's first life where there
/// is none yet.
pub(super) fn prepare(connection: &mut Connection, new_epoch: Uuid) -> Stored<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found <= VERSION {
        // Additions that earlier programs of this version do without.
        transaction.execute_batch(REVOKED)?;
        transaction.execute_batch(UNDEVELOPED)?;
    }
    match found {
        0 => {
            transaction.execute_batch(LOG)?;
            transaction.execute_batch(REST)?;
            set_meta(&transaction, "epoch", &epochs::name(0, new_epoch))?;
            set_meta(&transaction, "epoch_number", "0")?;
            set_meta(&transaction, "tracking_counter", "0")?;
        }
        1 => from_1(&transaction)?,
        VERSION => return Ok(transaction.commit()?),
        found => return Err(StorageError::Newer { found, known: VERSION }),
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// Version 1 had compressed documents without digests, changes that always kept their bytes, scopes that nothing left,
/// and no running hash.
fn from_1(transaction: &Transaction<'_>) -> Stored<()> {
    tracing::info!("the data is of version 1 and becomes version 2; with many work orders this takes some minutes");
    transaction.execute_batch(
        "ALTER TABLE documents RENAME TO documents_1;
         ALTER TABLE changes RENAME TO changes_1;
         ALTER TABLE scopes RENAME TO scopes_1;
         DROP INDEX changes_of_order; DROP INDEX scopes_entered; DROP INDEX scopes_of_order;",
    )?;
    transaction.execute_batch(LOG)?;
    transaction.execute_batch(
        "INSERT INTO changes (seq, work_order, hash, action, device, received_at, bytes)
         SELECT seq, work_order, hash, action, device, received_at, bytes FROM changes_1 ORDER BY seq;",
    )?;
    documents(transaction)?;
    running(transaction)?;
    memberships(transaction)?;
    transaction.execute_batch("DROP TABLE documents_1; DROP TABLE changes_1; DROP TABLE scopes_1;")?;
    Ok(())
}

fn documents(transaction: &Transaction<'_>) -> Stored<()> {
    let mut list = transaction.prepare("SELECT work_order, seq, bytes FROM documents_1 ORDER BY work_order")?;
    let mut last = transaction.prepare("SELECT MAX(received_at) FROM changes WHERE work_order = ?1")?;
    let mut put = transaction.prepare(
        "INSERT INTO documents (work_order, seq, changed_at, heads, digest, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        let (key, sequence, bytes): (Vec<u8>, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let id = WorkOrderId(uuid(&key)?);
        let mut doc = OrderDoc::load(&bytes).map_err(|error| StorageError::Damaged(format!("{id}: {error}")))?;
        let changed_at: Option<i64> = last.query_row([&key], |row| row.get(0))?;
        let (heads, plain) = (doc.heads(), doc.save_plain());
        let digest = digest::document(id, &heads);
        put.execute(params![key, sequence, changed_at.unwrap_or(0), receipt::to_bytes(&heads), digest, plain])?;
    }
    Ok(())
}

fn running(transaction: &Transaction<'_>) -> Stored<()> {
    let mut hasher = Sha256::new();
    let mut last: i64 = 0;
    let mut list = transaction.prepare("SELECT seq, hash FROM changes ORDER BY seq")?;
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        hasher.update(row.get::<_, [u8; 32]>(1)?);
    }
    if last > 0 {
        let running = hasher.finalize();
        transaction.execute("INSERT INTO commits (seq, running) VALUES (?1, ?2)", params![last, running.get(..16)])?;
    }
    Ok(())
}

/// All stay in their scopes; which of those they are no longer in, the city's files say, which are not known here.
fn memberships(transaction: &Transaction<'_>) -> Stored<()> {
    let mut list = transaction.prepare(
        "SELECT s.scope, s.work_order, s.entered_seq, d.seq, d.digest FROM scopes_1 s JOIN documents d USING (work_order)",
    )?;
    let mut put = transaction.prepare(
        "INSERT INTO scopes (scope, work_order, first_entered, entered, left_at, moved, expires_at)
         VALUES (?1, ?2, ?3, ?3, NULL, ?4, ?5)",
    )?;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        let (scope, key): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let (entered, moved) = (uint(row.get(2)?), uint(row.get(3)?));
        let expires_at = match scope.strip_prefix(DEVICE).and_then(|id| id.parse::<DeviceId>().ok()) {
            Some(device) => Some(last_of(transaction, &key, device)?.saturating_add(KEPT)),
            None => None,
        };
        put.execute(params![scope, key, int(entered), int(moved), expires_at])?;
        sums.entry(scope).or_default().add(row.get(4)?);
    }
    let mut put = transaction.prepare("INSERT INTO scope_sums (scope, sum) VALUES (?1, ?2)")?;
    for (scope, sum) in sums {
        put.execute(params![scope, sum.to_bytes()])?;
    }
    Ok(())
}

fn last_of(transaction: &Transaction<'_>, work_order: &[u8], device: DeviceId) -> Stored<i64> {
    let last: Option<i64> = transaction
        .prepare_cached("SELECT MAX(received_at) FROM changes WHERE work_order = ?1 AND device = ?2")?
        .query_row(params![work_order, device.0.as_bytes()], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(last.unwrap_or(0))
}
