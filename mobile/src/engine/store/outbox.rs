//! The outbox: changes that the server has not answered for.

use super::StoreError;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeSet;

/// One change that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Its place in the queue.
    pub(crate) n: i64,
    /// The action that it belongs to.
    pub(crate) action: ActionId,
    /// The work order that it changes.
    pub(crate) work_order: WorkOrderId,
    /// Its hash.
    pub(crate) hash: Vec<u8>,
    /// One change chunk.
    pub(crate) bytes: Vec<u8>,
    /// What the server said when it could not take it yet.
    pub(crate) not_now: Option<String>,
}

const COLUMNS: &str = "n, action_id, work_order, hash, bytes, not_now";

fn read(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        n: row.get(0)?,
        action: ActionId(row.get(1)?),
        work_order: WorkOrderId(row.get(2)?),
        hash: row.get(3)?,
        bytes: row.get(4)?,
        not_now: row.get(5)?,
    })
}

/// Appends a change.
pub(super) fn push(
    db: &Connection,
    action: ActionId,
    work_order: WorkOrderId,
    change: &mut automerge::Change,
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO outbox (action_id, work_order, hash, bytes) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![action.0, work_order.0, change.hash().0.as_slice(), change.raw_bytes()])?;
    Ok(())
}

/// Puts changes before everything else: they were made before it.
pub(super) fn push_first(
    db: &Connection,
    work_order: WorkOrderId,
    changes: Vec<(ActionId, automerge::Change)>,
) -> Result<(), StoreError> {
    let first: i64 = db.query_row("SELECT coalesce(min(n), 1) FROM outbox", [], |row| row.get(0))?;
    let before = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    for (n, (action, change)) in (first.saturating_sub(before)..).zip(changes) {
        db.prepare_cached(
            "INSERT OR IGNORE INTO outbox (n, action_id, work_order, hash, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![n, action.0, work_order.0, change.hash().0.as_slice(), change.raw_bytes()])?;
    }
    Ok(())
}

/// Puts another change in the place of one, after a rebuild.
pub(super) fn replace(db: &Connection, n: i64, change: &mut automerge::Change) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET hash = ?2, bytes = ?3, not_now = NULL WHERE n = ?1")?.execute(params![
        n,
        change.hash().0.as_slice(),
        change.raw_bytes()
    ])?;
    Ok(())
}

/// Takes a change out.
pub(super) fn remove(db: &Connection, n: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM outbox WHERE n = ?1")?.execute([n])?;
    Ok(())
}

/// Notes why a change has to wait on.
pub(super) fn not_now(db: &Connection, n: i64, message: &str) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET not_now = ?2 WHERE n = ?1")?.execute(params![n, message])?;
    Ok(())
}

/// What waits of one work order, oldest first.
pub(crate) fn of_work_order(db: &Connection, id: WorkOrderId) -> Result<Vec<Waiting>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE work_order = ?1 ORDER BY n");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([id.0], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The parts of an action that wait.
pub(super) fn of_action(db: &Connection, action: ActionId) -> Result<Vec<Waiting>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE action_id = ?1 ORDER BY n");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([action.0], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What to send next: in the order in which it was made, work orders in trouble last, so that they never hold up others;
/// at most about `budget` bytes, at least one change, and actions whole.
pub(crate) fn next(db: &Connection, budget: usize) -> Result<Vec<Waiting>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox
         ORDER BY work_order IN (SELECT work_order FROM outbox WHERE not_now IS NOT NULL), n"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut next: Vec<Waiting> = Vec::new();
    let mut size = 0;
    while let Some(row) = rows.next()? {
        let waiting = read(row)?;
        size += waiting.bytes.len() + 64;
        if size > budget && !next.is_empty() {
            add_other_parts(db, &mut next)?;
            break;
        }
        next.push(waiting);
    }
    Ok(next)
}

/// An action's parts are judged as one, if they travel together: adds those that are missing, each with what it builds on.
fn add_other_parts(db: &Connection, next: &mut Vec<Waiting>) -> Result<(), StoreError> {
    let mut there: BTreeSet<i64> = next.iter().map(|waiting| waiting.n).collect();
    let mut at = 0;
    while let Some(action) = next.get(at).map(|waiting| waiting.action) {
        for part in of_action(db, action)? {
            if there.contains(&part.n) {
                continue;
            }
            let until = of_work_order(db, part.work_order)?.into_iter().take_while(|waiting| waiting.n <= part.n);
            next.extend(until.filter(|waiting| there.insert(waiting.n)));
        }
        at += 1;
    }
    Ok(())
}

/// Whether anything waits that was not among `sent`.
pub(crate) fn others_wait(db: &Connection, sent: &BTreeSet<i64>) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached("SELECT n FROM outbox WHERE not_now IS NULL")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !sent.contains(&row.get(0)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The actions that wait, oldest first, each with its work order and why it has to wait.
pub(crate) fn actions(db: &Connection) -> Result<Vec<(ActionId, WorkOrderId, Option<String>)>, StoreError> {
    let mut statement = db.prepare_cached("SELECT action_id, work_order, not_now FROM outbox ORDER BY n")?;
    let rows = statement.query_map([], |row| Ok((ActionId(row.get(0)?), WorkOrderId(row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
