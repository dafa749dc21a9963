//! Photos that were picked and are not in a draft yet, in the order in which they were taken.
//!
//! A photo is *expected* when the person picked it, *here* once its bytes lie beside the database, *made* when it is in its
//! draft. One that could not be taken in has *failed*, and stays until the person has read why. Where that was the device's fault
//! and not the picture's, its bytes stay, too, and it is tried again.
//!
//! Files that were *left out* of a batch are one row, with their names as JSON; it stays until the person has read them.

use super::StoreError;
use super::values::{from_json, to_json};
use crate::engine::api::{DraftIds, LeftOut, Pick, PickFailure, Picking};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::PlaceFix;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A photo whose bytes are here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) id: Uuid,
    pub(crate) draft: DraftIds,
    pub(crate) begun_at: i64,
    pub(crate) sha256: String,
    /// The phone's own fix when it was picked.
    pub(crate) device_place: Option<PlaceFix>,
}

/// Notes photos that were picked. What is known of earlier ones that are done goes, if nothing is under way.
pub(crate) fn expect(db: &Connection, batch: Uuid, picks: &[Pick]) -> Result<(), StoreError> {
    if progress(db)?.idle() {
        forget_made(db)?;
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO picks (id, batch, name, draft, ids, begun_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'expected')
         ON CONFLICT (id) DO NOTHING",
    )?;
    for pick in picks {
        let ids = to_json("ids of a draft", &pick.draft)?;
        insert.execute(params![pick.id, batch, pick.name, pick.draft.work_order.0, ids, pick.begun_at])?;
    }
    Ok(())
}

/// Notes files that were left out.
pub(crate) fn left_out(db: &Connection, batch: Uuid, left_out: &LeftOut) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO picks (id, batch, name, draft, ids, begun_at, state) VALUES (?1, ?2, ?3, x'', '', 0, 'left_out')
         ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![left_out.id, batch, to_json("names of files", &left_out.names)?])?;
    Ok(())
}

/// Whether its bytes are still wanted.
pub(crate) fn wanted(db: &Connection, id: Uuid) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached("SELECT 1 FROM picks WHERE id = ?1 AND state IN ('expected', 'failed')")?;
    Ok(statement.exists([id])?)
}

/// Whether the bytes of any are still to come.
pub(crate) fn expecting(db: &Connection) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM picks WHERE state = 'expected' LIMIT 1")?.exists([])?)
}

/// Its bytes are here. → whether they are still wanted.
pub(crate) fn here(db: &Connection, id: Uuid, sha256: &str) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached(
        "UPDATE picks SET state = 'here', sha256 = ?2, message = NULL WHERE id = ?1 AND state IN ('expected', 'failed')",
    )?;
    Ok(statement.execute(params![id, sha256])? > 0)
}

/// The next one to be made that is not among `taken`.
pub(crate) fn next(db: &Connection, taken: &BTreeSet<Uuid>) -> Result<Option<Waiting>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, ids, begun_at, sha256, device_place FROM picks WHERE state = 'here' ORDER BY n LIMIT ?1",
    )?;
    let mut rows = statement.query([i64::try_from(taken.len()).unwrap_or(i64::MAX).saturating_add(1)])?;
    while let Some(row) = rows.next()? {
        if !taken.contains(&row.get(0)?) {
            return read(row).map(Some);
        }
    }
    Ok(None)
}

/// One whose bytes are here: the person may have joined its draft with another meanwhile.
pub(crate) fn waiting(db: &Connection, id: Uuid) -> Result<Option<Waiting>, StoreError> {
    let mut statement = db
        .prepare_cached("SELECT id, ids, begun_at, sha256, device_place FROM picks WHERE id = ?1 AND state = 'here'")?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Result<Waiting, StoreError> {
    let place: Option<String> = row.get(4)?;
    Ok(Waiting {
        id: row.get(0)?,
        draft: from_json("ids of a draft", &row.get::<_, String>(1)?)?,
        begun_at: row.get(2)?,
        sha256: row.get(3)?,
        device_place: place.as_deref().map(|place| from_json("place", place)).transpose()?,
    })
}

/// It is in its draft.
pub(crate) fn made(db: &Connection, id: Uuid) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE picks SET state = 'made' WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// It could not be made; its bytes stay.
pub(crate) fn not_made(db: &Connection, id: Uuid, message: &str) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE picks SET state = 'failed', message = ?2 WHERE id = ?1")?
        .execute(params![id, message])?;
    Ok(())
}

/// Those of which the bytes stayed are to be made again: this one, or all.
pub(crate) fn try_again(db: &Connection, id: Option<Uuid>) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE picks SET state = 'here', message = NULL
         WHERE state = 'failed' AND sha256 IS NOT NULL AND id = coalesce(?1, id)",
    )?
    .execute([id])?;
    Ok(())
}

/// It could not be taken in. → the file that it had.
pub(crate) fn failed(db: &Connection, id: Uuid, message: &str) -> Result<Option<String>, StoreError> {
    let had = db
        .prepare_cached("SELECT sha256 FROM picks WHERE id = ?1")?
        .query_row([id], |row| row.get::<_, Option<String>>(0))
        .optional()?;
    db.prepare_cached("UPDATE picks SET state = 'failed', sha256 = NULL, message = ?2 WHERE id = ?1")?
        .execute(params![id, message])?;
    Ok(had.flatten())
}

/// Whoever was to bring the bytes of these is gone. → whether there were any.
pub(crate) fn interrupt(db: &Connection, message: &str) -> Result<bool, StoreError> {
    let mut statement =
        db.prepare_cached("UPDATE picks SET state = 'failed', message = ?1 WHERE state = 'expected'")?;
    Ok(statement.execute([message])? > 0)
}

/// The person has read that it could not be taken in. One of which the bytes are here is tried again.
pub(crate) fn forget(db: &Connection, id: Uuid) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM picks WHERE id = ?1 AND (state = 'left_out' OR state = 'failed' AND sha256 IS NULL)",
    )?
    .execute([id])?;
    try_again(db, Some(id))
}

/// What is done is no longer counted.
pub(crate) fn forget_made(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM picks WHERE state = 'made'")?.execute([])?;
    Ok(())
}

/// No more of them, except those that are being made. → the files that they had.
pub(crate) fn stop(db: &Connection, being_made: &BTreeSet<Uuid>) -> Result<Vec<String>, StoreError> {
    drop_where(db, "state IN ('expected', 'here') AND ?1", &true, being_made)
}

/// The person threw the draft away for which they were. → the files that they had.
pub(crate) fn drop_draft(db: &Connection, draft: WorkOrderId) -> Result<Vec<String>, StoreError> {
    drop_where(
        db,
        "(state IN ('expected', 'here') OR state = 'failed' AND sha256 IS NOT NULL) AND draft = ?1",
        &draft.0,
        &BTreeSet::new(),
    )
}

fn drop_where(
    db: &Connection,
    which: &str,
    value: &dyn rusqlite::ToSql,
    but: &BTreeSet<Uuid>,
) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT id, sha256 FROM picks WHERE {which}"))?;
    let rows = statement.query_map([value], |row| Ok((row.get::<_, Uuid>(0)?, row.get::<_, Option<String>>(1)?)))?;
    let dropped: Vec<(Uuid, Option<String>)> = rows.collect::<Result<_, _>>()?;
    let mut files = Vec::new();
    for (id, sha256) in dropped.into_iter().filter(|(id, _)| !but.contains(id)) {
        db.prepare_cached("DELETE FROM picks WHERE id = ?1")?.execute([id])?;
        files.extend(sha256);
    }
    Ok(files)
}

/// Photos that are still to come for a draft go to another.
pub(crate) fn redirect(db: &Connection, from: WorkOrderId, to: &DraftIds) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE picks SET draft = ?2, ids = ?3 WHERE draft = ?1")?.execute(params![
        from.0,
        to.work_order.0,
        to_json("ids of a draft", to)?
    ])?;
    Ok(())
}

/// The phone's own fix came. → the drafts of this batch.
pub(crate) fn set_place(db: &Connection, batch: Uuid, place: &PlaceFix) -> Result<Vec<WorkOrderId>, StoreError> {
    db.prepare_cached("UPDATE picks SET device_place = ?2 WHERE batch = ?1")?
        .execute(params![batch, to_json("place", place)?])?;
    let mut statement = db.prepare_cached("SELECT DISTINCT draft FROM picks WHERE batch = ?1 AND state = 'made'")?;
    let rows = statement.query_map([batch], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many photos are still to come for a draft.
pub(crate) fn to_come(db: &Connection, draft: WorkOrderId) -> Result<u32, StoreError> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM picks WHERE draft = ?1 AND state IN ('expected', 'here')")?
        .query_row([draft.0], |row| row.get(0))?)
}

/// Whether a file waits to be made.
pub(crate) fn uses(db: &Connection, sha256: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM picks WHERE sha256 = ?1 AND state IN ('here', 'failed')")?.exists([sha256])?)
}

/// How far they are.
pub(crate) fn progress(db: &Connection) -> Result<Picking, StoreError> {
    let (all, done) = db
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE state IN ('made', 'failed')) FROM picks WHERE state <> 'left_out'",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut statement = db.prepare_cached("SELECT id, name, message FROM picks WHERE state = 'failed' ORDER BY n")?;
    let failures = statement.query_map([], |row| {
        Ok(PickFailure {
            id: row.get(0)?,
            name: row.get(1)?,
            message: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        })
    })?;
    let failures = failures.collect::<Result<_, _>>()?;
    let mut statement = db.prepare_cached("SELECT id, name FROM picks WHERE state = 'left_out' ORDER BY n")?;
    let mut rows = statement.query([])?;
    let mut left_out = Vec::new();
    while let Some(row) = rows.next()? {
        left_out.push(LeftOut { id: row.get(0)?, names: from_json("names of files", &row.get::<_, String>(1)?)? });
    }
    Ok(Picking { all, done, failures, left_out })
}
