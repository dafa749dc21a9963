//! Drafts of an inspector, and what forms hold: kept at every keystroke, never sent.

use super::StoreError;
use super::values::{from_json, to_json};
use crate::engine::api::Draft;
use coldpatch_shared::ids::WorkOrderId;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// Keeps a draft as it is now.
pub(crate) fn save(db: &Connection, draft: &Draft) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO drafts (work_order, draft, created_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (work_order) DO UPDATE SET draft = excluded.draft",
    )?
    .execute(params![draft.ids.work_order.0, to_json("draft", draft)?, draft.created_at])?;
    Ok(())
}

/// One draft.
pub(crate) fn get(db: &Connection, id: WorkOrderId) -> Result<Option<Draft>, StoreError> {
    let text: Option<String> = db
        .prepare_cached("SELECT draft FROM drafts WHERE work_order = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    text.as_deref().map(|text| from_json("draft", text)).transpose()
}

/// Notes when a photo of the draft was taken; the earliest counts.
pub(crate) fn observed(db: &Connection, id: WorkOrderId, at: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE drafts SET observed_at = min(coalesce(observed_at, ?2), ?2) WHERE work_order = ?1")?
        .execute(params![id.0, at])?;
    Ok(())
}

/// When the first of the draft's photos was taken, ms since the Unix epoch, if one says so beyond doubt.
pub(crate) fn observed_at(db: &Connection, id: WorkOrderId) -> Result<Option<i64>, StoreError> {
    let at = db
        .prepare_cached("SELECT observed_at FROM drafts WHERE work_order = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(at.flatten())
}

/// All drafts, oldest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<Draft>, StoreError> {
    let mut statement = db.prepare_cached("SELECT draft FROM drafts ORDER BY created_at, work_order")?;
    let mut rows = statement.query([])?;
    let mut drafts = Vec::new();
    while let Some(row) = rows.next()? {
        drafts.push(from_json("draft", &row.get::<_, String>(0)?)?);
    }
    Ok(drafts)
}

/// How many there are.
pub(crate) fn count(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.prepare_cached("SELECT count(*) FROM drafts")?.query_row([], |row| row.get(0))?)
}

/// Removes a draft. Its files are another table's.
pub(crate) fn remove(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM drafts WHERE work_order = ?1")?.execute([id.0])?;
    Ok(())
}

/// Keeps what a form holds; `None` forgets it.
pub(crate) fn save_form(db: &Connection, key: &str, value: Option<&str>) -> Result<(), StoreError> {
    match value {
        Some(value) => db
            .prepare_cached(
                "INSERT INTO forms (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute([key, value])?,
        None => db.prepare_cached("DELETE FROM forms WHERE key = ?1")?.execute([key])?,
    };
    Ok(())
}

/// What a form held.
pub(crate) fn form(db: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(db.prepare_cached("SELECT value FROM forms WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?)
}

/// What every form holds that was not saved, by its name.
pub(crate) fn forms(db: &Connection) -> Result<BTreeMap<String, String>, StoreError> {
    let mut statement = db.prepare_cached("SELECT key, value FROM forms")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
