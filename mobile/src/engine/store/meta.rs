//! What is there once: who is signed in, the city, how far the phone has read, the clock.

use super::StoreError;
use super::values::{from_json, to_json};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::CityFiles;
use coldpatch_shared::sync::wire::Cursor;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who is signed in, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedIn {
    /// Whose device it is.
    pub(crate) session: Session,
    /// Sent with every request.
    pub(crate) token: String,
}

/// How the device's clock stands to the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Server minus device, ms.
    pub offset_ms: i64,
    /// When that was measured, by the device's clock, ms since the Unix epoch.
    pub measured_at: i64,
}

/// Who is signed in.
pub(crate) fn signed_in(db: &Connection) -> Result<Option<SignedIn>, StoreError> {
    get(db, "signed_in")
}

/// Notes who is signed in.
pub(crate) fn set_signed_in(db: &Connection, signed_in: &SignedIn) -> Result<(), StoreError> {
    set(db, "signed_in", signed_in)
}

/// The city's files.
pub(crate) fn city(db: &Connection) -> Result<Option<CityFiles>, StoreError> {
    get(db, "city")
}

/// Keeps the city's files.
pub(crate) fn set_city(db: &Connection, city: &CityFiles) -> Result<(), StoreError> {
    set(db, "city", city)
}

/// How far the phone has read.
pub(crate) fn cursor(db: &Connection) -> Result<Option<Cursor>, StoreError> {
    get(db, "cursor")
}

pub(super) fn set_cursor(db: &Connection, cursor: &Cursor) -> Result<(), StoreError> {
    set(db, "cursor", cursor)
}

/// Forgets how far the phone has read: the next round compares what it holds with what the server has.
pub(super) fn drop_cursor(db: &Connection) -> Result<(), StoreError> {
    forget(db, "cursor")
}

/// The device's clock against the server's, once they have met.
pub(crate) fn clock(db: &Connection) -> Result<Option<Clock>, StoreError> {
    get(db, "clock")
}

pub(super) fn set_clock(db: &Connection, clock: Clock) -> Result<(), StoreError> {
    set(db, "clock", &clock)
}

/// How often in a row the sums did not agree, and when (device's clock, ms) that was last acted upon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mismatch {
    pub(super) times: u32,
    pub(super) at: i64,
}

pub(super) fn mismatch(db: &Connection) -> Result<Option<Mismatch>, StoreError> {
    get(db, "mismatch")
}

pub(super) fn set_mismatch(db: &Connection, mismatch: Option<Mismatch>) -> Result<(), StoreError> {
    match mismatch {
        Some(mismatch) => set(db, "mismatch", &mismatch),
        None => forget(db, "mismatch"),
    }
}

/// What the server received before this instant (its clock, ms since the Unix epoch) is in a backup.
pub(crate) fn backed_up_through(db: &Connection) -> Result<Option<i64>, StoreError> {
    get(db, "backed_up_through")
}

pub(super) fn set_backed_up_through(db: &Connection, at: i64) -> Result<(), StoreError> {
    set(db, "backed_up_through", &at)
}

/// Whether originals wait while the connection is metered. The person says so; `None`: never said.
pub(crate) fn originals_on_wifi(db: &Connection) -> Result<Option<bool>, StoreError> {
    get(db, "originals_on_wifi")
}

/// Keeps what the person said.
pub(crate) fn set_originals_on_wifi(db: &Connection, wait: bool) -> Result<(), StoreError> {
    set(db, "originals_on_wifi", &wait)
}

/// Files (SHA-256) whose bytes must go from this device, because they show what somebody covered.
pub(crate) fn to_erase(db: &Connection) -> Result<BTreeSet<String>, StoreError> {
    Ok(get(db, "to_erase")?.unwrap_or_default())
}

/// Keeps what is still to be erased.
pub(crate) fn set_to_erase(db: &Connection, files: &BTreeSet<String>) -> Result<(), StoreError> {
    if files.is_empty() { forget(db, "to_erase") } else { set(db, "to_erase", files) }
}

fn forget(db: &Connection, key: &'static str) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?;
    Ok(())
}

fn get<T: DeserializeOwned>(db: &Connection, key: &'static str) -> Result<Option<T>, StoreError> {
    let text: Option<String> =
        db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?;
    text.as_deref().map(|text| from_json(key, text)).transpose()
}

fn set<T: Serialize>(db: &Connection, key: &'static str, value: &T) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![key, to_json(key, value)?])?;
    Ok(())
}
