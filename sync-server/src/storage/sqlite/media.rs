//! Which files have arrived, and what work orders say of them.

use super::{int, uint, uuid};
use crate::storage::{FileRecord, Stored, Undeveloped};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{PhotoSlot, RenditionKind, WorkOrder};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

/// Notes what a work order's photos say of their files.
pub(super) fn project(connection: &Connection, order: &WorkOrder) -> Stored<()> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO renditions (sha256, work_order, original, public) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for photo in &order.photos {
        let shown = matches!(photo.body.slot, PhotoSlot::Report | PhotoSlot::Before | PhotoSlot::After);
        for rendition in &photo.body.renditions {
            let original = rendition.kind == RenditionKind::Original;
            let public = shown && !original && rendition.media_type == "image/jpeg";
            insert.execute(params![rendition.sha256, order.id.0.as_bytes(), original, public])?;
        }
    }
    undeveloped_of(connection, order)
}

/// Notes of which photos a work order knows only the original.
fn undeveloped_of(connection: &Connection, order: &WorkOrder) -> Stored<()> {
    connection.prepare_cached("DELETE FROM undeveloped WHERE work_order = ?1")?.execute([order
        .id
        .0
        .as_bytes()
        .as_slice()])?;
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO undeveloped (work_order, original) VALUES (?1, ?2)")?;
    for photo in order.photos.iter().filter(|photo| photo.body.is_undeveloped()) {
        if let Some(original) = photo.body.rendition(RenditionKind::Original) {
            insert.execute(params![order.id.0.as_bytes(), original.sha256])?;
        }
    }
    Ok(())
}

pub(super) fn undeveloped(
    connection: &Connection,
    after: Option<&Undeveloped>,
    limit: u32,
) -> Stored<Vec<Undeveloped>> {
    let mut statement = connection.prepare_cached(
        "SELECT work_order, original FROM undeveloped CROSS JOIN files ON sha256 = original
         WHERE (work_order, original) > (?1, ?2) ORDER BY work_order, original LIMIT ?3",
    )?;
    let (order, original) = after.map_or((&[][..], ""), |after| (after.work_order.0.as_bytes(), &after.original));
    let mut rows = statement.query(params![order, original, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let work_order = WorkOrderId(uuid(&row.get::<_, Vec<u8>>(0)?)?);
        found.push(Undeveloped { work_order, original: row.get(1)? });
    }
    Ok(found)
}

pub(super) fn add(connection: &Connection, file: &FileRecord) -> Stored<bool> {
    let added = connection
        .prepare_cached("INSERT OR IGNORE INTO files (sha256, media_type, size, received_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![file.sha256, file.media_type, int(file.size), file.received_at])?;
    Ok(added > 0)
}

pub(super) fn file(connection: &Connection, sha256: &str) -> Stored<Option<FileRecord>> {
    let found = connection
        .prepare_cached("SELECT sha256, media_type, size, received_at FROM files WHERE sha256 = ?1")?
        .query_row([sha256], |row| {
            Ok(FileRecord {
                sha256: row.get(0)?,
                media_type: row.get(1)?,
                size: uint(row.get(2)?),
                received_at: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn is_public(connection: &Connection, sha256: &str) -> Stored<bool> {
    let public = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM renditions WHERE sha256 = ?1 AND public)
                AND NOT EXISTS (SELECT 1 FROM renditions WHERE sha256 = ?1 AND original)",
        )?
        .query_row([sha256], |row| row.get(0))?;
    Ok(public)
}

pub(super) fn scopes(connection: &Connection, sha256: &str) -> Stored<HashSet<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT scope FROM renditions JOIN scopes USING (work_order) WHERE sha256 = ?1 AND NOT original
             AND left_at IS NULL",
    )?;
    let scopes = statement.query_map([sha256], |row| row.get(0))?;
    Ok(scopes.collect::<Result<_, _>>()?)
}
