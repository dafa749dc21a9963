//! What is new for a phone: documents that entered its scopes as snapshots, changes of the others, in log order.
//!
//! Cost follows what is new, not what is stored: both lists come from an index that begins at the cursor, and are cut
//! after [`LIST`] rows; bytes are loaded one by one until the budget is used up.

use super::{int, log, uint, uuid};
use crate::storage::{ALL, Page, PageAsk, StorageError, Stored};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::wire::{LoggedChange, Snapshot};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql, params, params_from_iter};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The most rows that one page looks at.
const LIST: usize = 2_000;
/// One more row tells that the list was cut.
const LIMIT: i64 = LIST as i64 + 1;

/// Something new, at its place in the log.
enum New {
    Document(WorkOrderId),
    Change { work_order: WorkOrderId, size: usize },
}

pub(super) fn page(connection: &Connection, ask: &PageAsk<'_>) -> Stored<Page> {
    let last = log::last_sequence(connection)?;
    // Everything is in `all` from its first change on, so beside it no other scope says anything.
    let everything = [ALL.to_owned()];
    let scopes = if ask.scopes.iter().any(|scope| scope == ALL) { &everything[..] } else { ask.scopes };
    let mut upto = last;
    let mut new: BTreeMap<u64, New> = BTreeMap::new();
    for (work_order, entered) in entered(connection, scopes, ask, &mut upto)? {
        new.insert(entered, New::Document(work_order));
    }
    for (sequence, change) in changes(connection, scopes, ask, &mut upto)? {
        new.insert(sequence, change);
    }
    let mut page = Page::default();
    let mut used = 0;
    for (sequence, item) in new.range(..=upto) {
        let size = match item {
            New::Document(id) => document_size(connection, *id)?,
            New::Change { size, .. } => *size,
        };
        if used > 0 && used + size > ask.budget {
            page.upto = sequence - 1;
            page.more = true;
            return Ok(page);
        }
        used += size;
        match item {
            New::Document(id) => page.snapshots.push(snapshot(connection, *id)?),
            New::Change { work_order, .. } => page.changes.push(change(connection, *sequence, *work_order)?),
        }
    }
    page.upto = upto;
    page.more = upto < last;
    Ok(page)
}

/// Documents that entered the scopes after the cursor and were in none of them before, each where it first entered.
/// Lowers `upto` when the list was cut.
fn entered(
    connection: &Connection,
    scopes: &[String],
    ask: &PageAsk<'_>,
    upto: &mut u64,
) -> Stored<HashMap<WorkOrderId, u64>> {
    let mut list = connection.prepare_cached(
        "SELECT work_order, entered_seq FROM scopes WHERE scope = ?1 AND entered_seq > ?2
         ORDER BY entered_seq LIMIT ?3",
    )?;
    let mut first: HashMap<WorkOrderId, u64> = HashMap::new();
    for scope in scopes {
        let rows = list.query_map(params![scope, int(ask.after), LIMIT], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, uint(row.get(1)?)))
        })?;
        for (count, row) in rows.enumerate() {
            let (id, sequence) = row?;
            if count == LIST {
                *upto = (*upto).min(sequence - 1);
                break;
            }
            let place = first.entry(WorkOrderId(uuid(&id)?)).or_insert(sequence);
            *place = sequence.min(*place);
        }
    }
    first.retain(|id, _| !ask.known.contains(id));
    if scopes.len() > 1 {
        let mut before =
            connection.prepare_cached("SELECT entered_seq FROM scopes WHERE scope = ?1 AND work_order = ?2")?;
        let mut had: HashSet<WorkOrderId> = HashSet::new();
        for id in first.keys() {
            for scope in scopes {
                let mut rows = before.query(params![scope, id.0.as_bytes()])?;
                if rows.next()?.is_some_and(|row| row.get(0).is_ok_and(|seq: i64| uint(seq) <= ask.after)) {
                    had.insert(*id);
                }
            }
        }
        first.retain(|id, _| !had.contains(id));
    }
    Ok(first)
}

/// Changes after the cursor of documents that the asker has. Lowers `upto` when the list was cut.
fn changes(connection: &Connection, scopes: &[String], ask: &PageAsk<'_>, upto: &mut u64) -> Stored<Vec<(u64, New)>> {
    let (after, end) = (int(ask.after), int(*upto));
    let mut found = Vec::new();
    let mut collect = |sql: &str, values: &[&dyn ToSql]| -> Stored<()> {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, listed)?;
        for (count, row) in rows.enumerate() {
            let (sequence, id, hash, size) = row?;
            if count == LIST {
                *upto = (*upto).min(sequence - 1);
                break;
            }
            if !ask.sent.iter().any(|sent| sent.0[..] == hash[..]) {
                found.push((sequence, New::Change { work_order: WorkOrderId(uuid(&id)?), size }));
            }
        }
        Ok(())
    };
    // At 0 the asker has nothing yet.
    if ask.after > 0 && scopes.first().is_some_and(|scope| scope == ALL) {
        collect(
            "SELECT c.seq, c.work_order, c.hash, length(c.bytes)
             FROM changes c CROSS JOIN scopes s ON s.scope = 'all' AND s.work_order = c.work_order
             WHERE c.seq > ?1 AND c.seq <= ?2 AND s.entered_seq <= ?1 ORDER BY c.seq LIMIT ?3",
            &[&after, &end, &LIMIT],
        )?;
    } else if ask.after > 0 {
        let marks = vec!["?"; scopes.len()].join(", ");
        let sql = format!(
            "SELECT DISTINCT c.seq, c.work_order, c.hash, length(c.bytes)
             FROM scopes s CROSS JOIN changes c ON c.work_order = s.work_order AND c.seq > ? AND c.seq <= ?
             WHERE s.scope IN ({marks}) AND s.entered_seq <= ? ORDER BY c.seq LIMIT ?"
        );
        let mut values = vec![Value::from(after), Value::from(end)];
        values.extend(scopes.iter().cloned().map(Value::from));
        values.extend([Value::from(after), Value::from(LIMIT)]);
        let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        collect(&sql, &values)?;
    }
    for id in ask.known {
        collect(
            "SELECT seq, work_order, hash, length(bytes) FROM changes
             WHERE work_order = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4",
            &[id.0.as_bytes(), &after, &end, &LIMIT],
        )?;
    }
    Ok(found)
}

type Listed = (u64, Vec<u8>, Vec<u8>, usize);

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok((uint(row.get(0)?), row.get(1)?, row.get(2)?, usize::try_from(row.get::<_, i64>(3)?).unwrap_or(0)))
}

fn document_size(connection: &Connection, id: WorkOrderId) -> Stored<usize> {
    let size: i64 = connection
        .prepare_cached("SELECT length(bytes) FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))?;
    usize::try_from(size).map_err(|error| StorageError::Damaged(error.to_string()))
}

fn snapshot(connection: &Connection, id: WorkOrderId) -> Stored<Snapshot> {
    let bytes = connection
        .prepare_cached("SELECT bytes FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))?;
    Ok(Snapshot { work_order: id, bytes })
}

fn change(connection: &Connection, sequence: u64, work_order: WorkOrderId) -> Stored<LoggedChange> {
    let bytes = connection
        .prepare_cached("SELECT bytes FROM changes WHERE seq = ?1")?
        .query_row(params_from_iter([int(sequence)]), |row| row.get(0))?;
    Ok(LoggedChange { work_order, bytes })
}
