//! Documents, the log of changes, and the transactions that write them.

use super::scopes::{self, Moving};
use super::{int, media, meta, optional_meta, requests, set_meta, uint, uuid};
use crate::storage::{Batch, Committed, LogState, Logged, OrderWrite, Rescope, StorageError, Stored, StoredDocument};
use automerge::ChangeHash;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::WorkOrder;
use coldpatch_shared::sync::{digest, receipt};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

/// Where the minute is in which this life of the log began.
pub(super) const BEGAN_MINUTE: &str = "began_minute";
/// The length of the log's running hash, in bytes.
const RUNNING: usize = 16;

pub(super) fn state(connection: &Connection) -> Stored<LogState> {
    let number = |key| -> Stored<u64> {
        meta(connection, key)?.parse().map_err(|_| StorageError::Damaged(format!("`{key}` is not a number")))
    };
    let (sequence, running) = last(connection)?;
    Ok(LogState {
        epoch: meta(connection, "epoch")?,
        epoch_number: u32::try_from(number("epoch_number")?).unwrap_or(u32::MAX),
        began_minute: optional_meta(connection, BEGAN_MINUTE)?.and_then(|text| text.parse().ok()).unwrap_or(0),
        sequence,
        running,
        tracking_counter: number("tracking_counter")?,
        backed_up_through: optional_meta(connection, "backed_up_through")?.and_then(|text| text.parse().ok()),
    })
}

/// The last number of the log, with its running hash.
pub(super) fn last(connection: &Connection) -> Stored<(u64, Vec<u8>)> {
    let last = connection
        .prepare_cached("SELECT seq, running FROM commits ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((uint(row.get(0)?), row.get(1)?)))
        .optional()?;
    Ok(last.unwrap_or_default())
}

pub(super) fn running(connection: &Connection, sequence: u64) -> Stored<Option<Vec<u8>>> {
    let found = connection
        .prepare_cached("SELECT running FROM commits WHERE seq = ?1")?
        .query_row([int(sequence)], |row| row.get(0))
        .optional()?;
    // Before the first commit there is nothing that could differ.
    Ok(found.or_else(|| (sequence == 0).then(Vec::new)))
}

pub(super) fn document(connection: &Connection, id: WorkOrderId) -> Stored<Option<StoredDocument>> {
    let found = connection
        .prepare_cached("SELECT seq, changed_at, bytes FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| {
            Ok(StoredDocument { sequence: uint(row.get(0)?), changed_at: row.get(1)?, bytes: row.get(2)? })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn heads(connection: &Connection, id: WorkOrderId) -> Stored<Option<Vec<u8>>> {
    Ok(connection
        .prepare_cached("SELECT heads FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))
        .optional()?)
}

/// What is under way in one commit.
pub(super) struct Writing<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) moving: Moving,
    sequence: u64,
    running: Sha256,
    wrote: bool,
}

impl<'a> Writing<'a> {
    /// `at` is when the commit's request came in: it makes two lives of the log differ that otherwise did the same.
    pub(super) fn begin(transaction: &'a Transaction<'a>, at: i64) -> Stored<Self> {
        let (sequence, before) = last(transaction)?;
        let mut running = Sha256::new();
        running.update(&before);
        running.update(at.to_le_bytes());
        Ok(Self { transaction, moving: Moving::default(), sequence, running, wrote: false })
    }

    /// The next number, for something that these bytes tell from anything else.
    pub(super) fn next(&mut self, what: &[u8]) -> u64 {
        self.sequence += 1;
        self.running.update(self.sequence.to_le_bytes());
        self.running.update(what);
        self.wrote = true;
        self.sequence
    }

    /// Writes what belongs to the commit as a whole.
    pub(super) fn finish(self) -> Stored<Committed> {
        if self.wrote {
            let running = self.running.finalize();
            self.transaction
                .prepare_cached("INSERT INTO commits (seq, running) VALUES (?1, ?2)")?
                .execute(params![int(self.sequence), running.get(..RUNNING)])?;
        }
        self.moving.write_sums(self.transaction)?;
        Ok(Committed { sequence: self.sequence, scopes: self.moving.touched })
    }
}

pub(super) fn commit(connection: &mut Connection, batch: &Batch) -> Stored<Committed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some((before, after)) = batch.tracking {
        if meta(&transaction, "tracking_counter")? != before.to_string() {
            return Err(StorageError::Conflict);
        }
        set_meta(&transaction, "tracking_counter", &after.to_string())?;
    }
    let mut writing = Writing::begin(&transaction, batch.received_at)?;
    for order in &batch.orders {
        write_order(&mut writing, order, batch.received_at)?;
    }
    rescope(&mut writing, &batch.rescoped)?;
    let committed = writing.finish()?;
    for private in &batch.private {
        requests::write_private(&transaction, private)?;
    }
    transaction.commit()?;
    Ok(committed)
}

struct Before {
    sequence: u64,
    changed_at: i64,
    digest: Option<[u8; digest::LENGTH]>,
}

fn before(transaction: &Transaction<'_>, id: WorkOrderId) -> Stored<Before> {
    let found = transaction
        .prepare_cached("SELECT seq, changed_at, digest FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| {
            Ok(Before { sequence: uint(row.get(0)?), changed_at: row.get(1)?, digest: Some(row.get(2)?) })
        })
        .optional()?;
    Ok(found.unwrap_or(Before { sequence: 0, changed_at: i64::MIN, digest: None }))
}

fn write_order(writing: &mut Writing<'_>, write: &OrderWrite, received_at: i64) -> Stored<()> {
    let transaction = writing.transaction;
    let id = write.order.id;
    let key = id.0.as_bytes();
    let before = before(transaction, id)?;
    if before.sequence != write.seen {
        return Err(StorageError::Conflict);
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO changes (seq, work_order, hash, action, device, received_at, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let (mut number, mut changed_at) = (writing.sequence, before.changed_at);
    for change in &write.changes {
        number = writing.next(&change.hash.0);
        let device = change.device.map(|device| *device.0.as_bytes());
        let received_at = change.received_at.unwrap_or(received_at);
        changed_at = changed_at.max(received_at);
        insert.execute(params![
            int(number),
            key,
            change.hash.0,
            change.action.0.as_bytes(),
            device,
            received_at,
            change.bytes
        ])?;
    }
    let digest = digest::document(id, &write.heads);
    transaction
        .prepare_cached(
            "INSERT INTO documents (work_order, seq, changed_at, heads, digest, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (work_order) DO UPDATE SET seq = ?2, changed_at = ?3, heads = ?4, digest = ?5, bytes = ?6",
        )?
        .execute(params![key, int(number), changed_at, receipt::to_bytes(&write.heads), digest, write.document])?;
    // At the number of its last change: who has everything up to a number before has nothing of this commit yet.
    scopes::changed(transaction, &mut writing.moving, id, (before.digest, digest), &write.scopes, number)?;
    requests::project(transaction, &write.order)?;
    media::project(transaction, &write.order)
}

fn rescope(writing: &mut Writing<'_>, orders: &[Rescope]) -> Stored<()> {
    for order in orders {
        // Each has a number of its own: a page is never cut within one.
        let number = writing.next(order.work_order.0.as_bytes());
        let before = before(writing.transaction, order.work_order)?;
        let Some(digest) = before.digest.filter(|_| before.sequence == order.seen) else {
            return Err(StorageError::Conflict);
        };
        scopes::rescope(writing.transaction, &mut writing.moving, order.work_order, digest, &order.scopes, number)?;
    }
    Ok(())
}

pub(super) fn orders_after(
    connection: &Connection,
    after: Option<WorkOrderId>,
    limit: u32,
) -> Stored<Vec<(u64, i64, WorkOrder)>> {
    let mut list = connection.prepare_cached(
        "SELECT o.work_order, d.seq, d.changed_at, o.view FROM orders o JOIN documents d USING (work_order)
         WHERE o.work_order > ?1 ORDER BY o.work_order LIMIT ?2",
    )?;
    let after = after.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec());
    let rows = list.query_map(params![after, limit], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, uint(row.get(1)?), row.get(2)?, row.get::<_, String>(3)?))
    })?;
    rows.map(|row| {
        let (id, sequence, changed_at, view) = row?;
        let order = requests::read_view(connection, WorkOrderId(uuid(&id)?), &view)?;
        Ok((sequence, changed_at, order))
    })
    .collect()
}

pub(super) fn uncompacted(connection: &Connection, before: i64, limit: u32) -> Stored<Vec<Logged>> {
    let mut list = connection.prepare_cached(
        "SELECT seq, work_order, hash FROM changes WHERE bytes IS NOT NULL AND received_at < ?1
         ORDER BY received_at, seq LIMIT ?2",
    )?;
    let rows = list.query_map(params![before, limit], |row| {
        Ok((uint(row.get(0)?), row.get::<_, Vec<u8>>(1)?, ChangeHash(row.get(2)?)))
    })?;
    rows.map(|row| {
        let (sequence, id, hash) = row?;
        Ok(Logged { sequence, work_order: WorkOrderId(uuid(&id)?), hash })
    })
    .collect()
}

pub(super) fn compact(connection: &mut Connection, changes: &[u64]) -> Stored<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut forget = transaction.prepare_cached("UPDATE changes SET bytes = NULL WHERE seq = ?1")?;
    for sequence in changes {
        forget.execute([int(*sequence)])?;
    }
    drop(forget);
    transaction.commit()?;
    Ok(())
}
