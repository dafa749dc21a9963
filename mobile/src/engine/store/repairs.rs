//! Work orders whose documents are to be compared with the server's, or given back to it.

use super::aside::Because;
use super::values::{name_of, named};
use super::{StoreError, documents};
use automerge::ChangeHash;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{ChangeBytes, Held, OrderChanges, RefusalCode};
use rusqlite::{Connection, OptionalExtension, params};

/// The most work orders that are compared in one round.
const COMPARE_AT_ONCE: u32 = 1_000;
/// The pause after a repair failed, ms; doubled after each further one.
const FIRST_PAUSE: i64 = 60_000;
/// The longest pause between two tries, ms.
const LONGEST_PAUSE: i64 = 60 * 60_000;

/// So many refusals, over half an hour of being connected, are for good. Until then another phone may give back what it builds
/// on, or what the server's word is on.
const MOST_REFUSALS: u32 = 6;

/// Those whose time has come. A clock that was set back ends every pause.
const DUE: &str = "(after <= ?1 OR after > ?1 + 3600000)";

/// Notes that a work order is to be compared. One that is noted already stays as it is.
pub(super) fn compare(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO repairs (work_order) VALUES (?1)")?.execute([id.0])?;
    Ok(())
}

/// Notes that the server lacks something, and the heads that it has.
pub(super) fn give_back(db: &Connection, id: WorkOrderId, heads: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE repairs SET lacks = 1, heads = ?2 WHERE work_order = ?1")?
        .execute(params![id.0, heads])?;
    Ok(())
}

/// It is mended.
pub(super) fn done(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM repairs WHERE work_order = ?1")?.execute([id.0])?;
    Ok(())
}

/// It did not work out: compared again, later and later.
pub(super) fn failed(db: &Connection, id: WorkOrderId, now: i64) -> Result<(), StoreError> {
    let tries: u32 = db
        .prepare_cached("SELECT tries FROM repairs WHERE work_order = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    db.prepare_cached("UPDATE repairs SET lacks = 0, heads = x'', tries = ?2, after = ?3 WHERE work_order = ?1")?
        .execute(params![id.0, tries.saturating_add(1), now + pause(tries)])?;
    Ok(())
}

/// The server refused to take it back. → whether that is for good; then it is compared once more, at once.
pub(super) fn refused(db: &Connection, id: WorkOrderId, now: i64, because: &Because) -> Result<bool, StoreError> {
    failed(db, id, now)?;
    let refusals: u32 = db
        .prepare_cached(
            "UPDATE repairs SET refusals = refusals + 1, code = ?2, message = ?3 WHERE work_order = ?1 RETURNING refusals",
        )?
        .query_row(params![id.0, name_of(&because.code), because.message], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let for_good = refusals >= MOST_REFUSALS;
    if for_good {
        db.prepare_cached("UPDATE repairs SET after = 0 WHERE work_order = ?1")?.execute([id.0])?;
    }
    Ok(for_good)
}

/// Why the server refuses for good to take it back, if it does.
pub(super) fn refused_for_good(db: &Connection, id: WorkOrderId) -> Result<Option<Because>, StoreError> {
    let mut find = db.prepare_cached("SELECT code, message FROM repairs WHERE work_order = ?1 AND refusals >= ?2")?;
    let found: Option<(Option<String>, Option<String>)> =
        find.query_row(params![id.0, MOST_REFUSALS], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    found
        .map(|(code, message)| {
            let code = code.map_or(Ok(RefusalCode::Other), |code| named("refusal", &code))?;
            Ok(Because { code, message: message.unwrap_or_default() })
        })
        .transpose()
}

/// The pause after so many tries in vain, ms.
pub(super) fn pause(tries: u32) -> i64 {
    FIRST_PAUSE.saturating_mul(1 << tries.min(10)).min(LONGEST_PAUSE)
}

/// Those whose time has come, at `now` of the device's clock.
pub(super) fn due(db: &Connection, now: i64) -> Result<Vec<WorkOrderId>, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT work_order FROM repairs WHERE {DUE}"))?;
    let rows = statement.query_map([now], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What to have compared now. A document that cannot be read counts as not here: it comes whole.
pub(super) fn to_compare(db: &Connection, now: i64) -> Result<Vec<Held>, StoreError> {
    let mut statement =
        db.prepare_cached(&format!("SELECT work_order FROM repairs WHERE NOT lacks AND {DUE} LIMIT ?2"))?;
    let ids: Vec<WorkOrderId> = statement
        .query_map(params![now, COMPARE_AT_ONCE], |row| Ok(WorkOrderId(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    let mut held = Vec::new();
    for id in ids {
        let heads = readable(db, id)?.map(|mut doc| doc.heads()).unwrap_or_default();
        held.push(Held { work_order: id, heads: receipt::to_bytes(&heads) });
    }
    Ok(held)
}

/// What to give back now: whole work orders, up to about `budget` bytes, at least one; with the heads of each.
pub(super) fn to_give_back(
    db: &Connection,
    now: i64,
    budget: usize,
) -> Result<Vec<(OrderChanges, Vec<ChangeHash>)>, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT work_order, heads FROM repairs WHERE lacks AND {DUE}"))?;
    let lacking: Vec<(WorkOrderId, Vec<u8>)> =
        statement.query_map([now], |row| Ok((WorkOrderId(row.get(0)?), row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut given = Vec::new();
    let mut size = 0;
    for (id, theirs) in lacking {
        let Some(mut doc) = readable(db, id)? else {
            failed(db, id, now)?;
            continue;
        };
        let mut theirs = receipt::from_bytes(&theirs).unwrap_or_default();
        theirs.retain(|head| doc.has(head));
        let changes: Vec<ChangeBytes> =
            doc.changes_since(&theirs).iter().map(|change| ChangeBytes::from(change.raw_bytes().to_vec())).collect();
        let bytes: usize = changes.iter().map(|change| change.len() + 16).sum();
        if size + bytes > budget && !given.is_empty() {
            break;
        }
        size += bytes;
        given.push((OrderChanges { work_order: id, changes }, doc.heads()));
    }
    Ok(given)
}

fn readable(db: &Connection, id: WorkOrderId) -> Result<Option<OrderDoc>, StoreError> {
    match documents::contained(|| documents::accepted(db, id)) {
        Err(error) if error.is_about_one_document() => {
            tracing::error!(work_order = %id, %error, "an accepted document cannot be read");
            Ok(None)
        }
        other => other,
    }
}
