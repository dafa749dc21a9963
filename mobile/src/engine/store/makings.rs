//! Photos whose making was begun and has not ended, by their original's SHA-256. It is noted before anything is decoded: a
//! photo that kills the app, or the Worker that makes it, is known by that the next time.

use super::StoreError;
use rusqlite::{Connection, OptionalExtension};

/// So often a photo's making is begun.
const TRIES: u32 = 2;

/// What may be done with a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum May {
    /// All of it.
    Make,
    /// What it says about itself may be read; it is not decoded any more.
    Read,
    /// Nothing: not even that ended.
    Keep,
}

/// A making begins. → what may be done.
pub(crate) fn begin(db: &Connection, sha256: &str) -> Result<May, StoreError> {
    let begun: Option<u32> = db
        .prepare_cached("SELECT begun FROM makings WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?;
    let may = match begun.unwrap_or(0) {
        0..TRIES => May::Make,
        TRIES => May::Read,
        _ => return Ok(May::Keep),
    };
    db.prepare_cached(
        "INSERT INTO makings (sha256, begun) VALUES (?1, 1) ON CONFLICT (sha256) DO UPDATE SET begun = begun + 1",
    )?
    .execute([sha256])?;
    Ok(may)
}

/// It ended, well or not.
pub(crate) fn ended(db: &Connection, sha256: &str, may: May) -> Result<(), StoreError> {
    match may {
        May::Make => db.prepare_cached("DELETE FROM makings WHERE sha256 = ?1")?.execute([sha256])?,
        // That it was read says nothing of its being decoded.
        May::Read => db
            .prepare_cached("UPDATE makings SET begun = ?2 WHERE sha256 = ?1")?
            .execute(rusqlite::params![sha256, TRIES])?,
        May::Keep => 0,
    };
    Ok(())
}

/// Somebody asks for it: as if it had never been begun.
pub(crate) fn forgive(db: &Connection, sha256: &str) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM makings WHERE sha256 = ?1")?.execute([sha256])?;
    Ok(())
}

/// Forgets what is said of photos that are not on this device any more.
pub(crate) fn sweep(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM makings WHERE sha256 NOT IN (SELECT sha256 FROM files)
         AND sha256 NOT IN (SELECT sha256 FROM picks WHERE sha256 IS NOT NULL)",
    )?
    .execute([])?;
    Ok(())
}
